//! The resource that the locks protect: it refuses lower tokens than it has seen.

use crate::history::{History, Write};
use std::{cell::RefCell, collections::BTreeMap, io, net::Ipv4Addr, rc::Rc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    task,
};
use turmoil::net::{TcpListener, TcpStream};

pub(crate) const NAME: &str = "referee";
pub(crate) const PORT: u16 = 80;

/// What a holder sends: the number of its tenure, of what it holds, and the token.
pub(crate) type Request = [u8; 24];

#[derive(Clone)]
pub(crate) struct Referee {
    highest: Rc<RefCell<BTreeMap<u64, i64>>>,
    history: History,
}

/// Writes a request down.
pub(crate) fn request(tenure: usize, resource: usize, token: i64) -> Request {
    let mut request = [0; 24];
    request[..8].copy_from_slice(&(tenure as u64).to_be_bytes());
    request[8..16].copy_from_slice(&(resource as u64).to_be_bytes());
    request[16..].copy_from_slice(&token.to_be_bytes());
    request
}

// === impl Referee ===

impl Referee {
    pub(crate) fn new(history: History) -> Self {
        Self {
            highest: Rc::default(),
            history,
        }
    }

    pub(crate) async fn serve(self) -> turmoil::Result {
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, PORT)).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            let referee = self.clone();
            task::spawn_local(async move { drop(referee.judge(stream).await) });
        }
    }

    /// Takes what comes on a connection, and answers with one byte each.
    async fn judge(&self, mut stream: TcpStream) -> io::Result<()> {
        loop {
            let tenure = stream.read_u64().await?;
            let resource = stream.read_u64().await?;
            let token = stream.read_i64().await?;
            let is_accepted = {
                let mut highest = self.highest.borrow_mut();
                let highest = highest.entry(resource).or_insert(token);
                let is_accepted = token >= *highest;
                *highest = token.max(*highest);
                is_accepted
            };
            self.history.wrote(Write {
                tenure: usize::try_from(tenure).unwrap(),
                token,
                at: turmoil::sim_elapsed().unwrap(),
                is_accepted,
            });
            stream.write_u8(u8::from(is_accepted)).await?;
        }
    }
}

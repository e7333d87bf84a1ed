//! Connections, which are all that a TCP probe asks for.

use std::net::SocketAddr;

use tokio::net::TcpStream;

use super::limit::Limit;
use crate::reason::Reason;

pub(super) async fn connect(address: SocketAddr, limit: Limit) -> Result<TcpStream, Reason> {
    limit
        .step(
            &format!("connecting to {address}"),
            TcpStream::connect(address),
        )
        .await
}

//! How a keeper behaves.

use super::{
    clock::{Clock, SystemClock},
    limits::{
        CONNECTIONS_MAX_DEFAULT, CONNECTIONS_PER_ADDRESS_MAX_DEFAULT,
        REQUESTS_IN_FLIGHT_MAX_DEFAULT,
    },
    tls::TlsFiles,
};
use crate::{
    rules::Rules,
    storage::{OpenDisk, SystemDisk},
    words::Whitelist,
};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

/// ZooKeeper's own port.
pub const PORT_DEFAULT: u16 = 2181;

/// How a keeper behaves.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where everything is kept; made if it is not there.
    pub data_dir: PathBuf,
    /// Where clients connect without TLS. Port 0 is any free one.
    pub listen: Vec<SocketAddr>,
    /// Where clients connect with TLS. An address that is in both lists takes both: the first
    /// byte of a connection tells which it is.
    pub listen_tls: Vec<SocketAddr>,
    /// What TLS needs; demanded if there is an address for it.
    pub tls: Option<TlsFiles>,
    /// Ticks, time-outs, and the limits that concern requests.
    pub rules: Rules,
    /// How many connections may be open in all; zero for any number.
    pub connections_max: usize,
    /// How many connections may be open from one address; zero for any number.
    pub connections_per_address_max: usize,
    /// How many requests of one connection may be unanswered; when there are as many, no more is
    /// read from it. At least one.
    pub requests_in_flight_max: usize,
    /// The four-letter words that are answered.
    pub words: Whitelist,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// What the data directory is opened with.
    pub disk: Arc<dyn OpenDisk>,
}

// === impl Config ===

impl Config {
    /// The defaults: on ZooKeeper's port of this machine's own address only, without TLS.
    pub fn new(data_dir: PathBuf) -> Self {
        Self {
            data_dir,
            listen: vec![(Ipv4Addr::LOCALHOST, PORT_DEFAULT).into()],
            listen_tls: Vec::new(),
            tls: None,
            rules: Rules::default(),
            connections_max: CONNECTIONS_MAX_DEFAULT,
            connections_per_address_max: CONNECTIONS_PER_ADDRESS_MAX_DEFAULT,
            requests_in_flight_max: REQUESTS_IN_FLIGHT_MAX_DEFAULT,
            words: Whitelist::default(),
            clock: Arc::new(SystemClock::new()),
            disk: Arc::new(SystemDisk),
        }
    }
}

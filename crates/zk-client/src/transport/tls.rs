//! TLS, with rustls.

mod failure;
mod files;

pub(crate) use self::failure::find as find_failure;
pub use self::files::Error;

use super::{CONNECT_LIMIT, Connect, Connecting, Stream, Tcp};
use crate::connect_string::Host;
use parking_lot::Mutex;
use std::{fmt, io, path::PathBuf, sync::Arc, time::Duration};
use tokio::{task, time};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, pki_types::ServerName},
};

/// Whom a client trusts, and who it says that it is. Files hold PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The certificates of the authorities that vouch for the servers; `None` for those that the
    /// system trusts.
    pub ca: Option<PathBuf>,
    /// What the client shows to a server that asks for it.
    pub identity: Option<Identity>,
    /// The name that the servers' certificates must have, in place of the connect string's.
    pub server_name: Option<String>,
}

/// A client's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The certificate, and those between it and its authority.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// TCP with TLS: a server shows a certificate for the name in the connect string.
///
/// The files are read again for each connection, so that a renewed certificate counts without a
/// restart; when they cannot be read then, what was read before stays.
///
/// ```no_run
/// use dockeeper_zk_client::{Client, Config, transport::tls::{Options, Tls}};
/// use std::sync::Arc;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let tls = Tls::new(Options {
///     ca: Some("/etc/zookeeper/ca.pem".into()),
///     ..Options::default()
/// })?;
/// let config = Config {
///     connect: Arc::new(tls),
///     ..Config::new("zk1:2281,zk2:2281".parse()?)
/// };
/// let client = Client::connect(config);
/// # drop(client);
/// # Ok(())
/// # }
/// ```
pub struct Tls {
    options: Arc<Options>,
    server_name: Option<ServerName<'static>>,
    /// What was last read without an error.
    config: Mutex<Arc<ClientConfig>>,
}

// === impl Tls ===

impl Tls {
    /// Reads the files.
    pub fn new(options: Options) -> Result<Self, Error> {
        let server_name = options.server_name.as_deref().map(files::server_name);
        Ok(Self {
            server_name: server_name.transpose()?,
            config: Mutex::new(files::read(&options)?),
            options: Arc::new(options),
        })
    }

    /// The configuration of the next connection.
    async fn config(&self) -> Arc<ClientConfig> {
        let options = self.options.clone();
        match task::spawn_blocking(move || files::read(&options)).await {
            Ok(Ok(config)) => *self.config.lock() = config,
            Ok(Err(error)) => tracing::warn!(%error, "going on with the certificates read before"),
            // The runtime is ending.
            Err(_) => {}
        }
        self.config.lock().clone()
    }

    async fn open(&self, host: &Host) -> io::Result<Box<dyn Stream>> {
        let name = match &self.server_name {
            Some(name) => name.clone(),
            None => files::server_name(&host.name).map_err(io::Error::other)?,
        };
        let stream = match time::timeout(CONNECT_LIMIT, Tcp::open(host)).await {
            Ok(stream) => stream?,
            Err(_) => {
                let why = format!("no answer within {CONNECT_LIMIT:?}");
                return Err(io::Error::new(io::ErrorKind::TimedOut, why));
            }
        };
        let connector = TlsConnector::from(self.config().await);
        match connector.connect(name, stream).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => Err(failure::explain(&error)),
        }
    }
}

impl Connect for Tls {
    fn connect<'a>(&'a self, host: &'a Host) -> Connecting<'a> {
        Box::pin(self.open(host))
    }

    /// TCP has its own limit inside. The handshake behind it is a busy server's work, as that of
    /// ZooKeeper's protocol is: it has as much time as that.
    fn limit(&self) -> Duration {
        Duration::MAX
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tls").field(&self.options).finish()
    }
}

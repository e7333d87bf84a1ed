use dockeeper_zk_client::{Client, Config};
use std::{
    fs::{self, File},
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(30);

/// The program, on a directory and an address that outlive it.
pub(crate) struct Server {
    directory: Option<TempDir>,
    address: SocketAddr,
    child: Child,
}

impl Server {
    pub(crate) fn start() -> Self {
        let address = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        Self::launch(tempfile::tempdir().unwrap(), address)
    }

    fn launch(directory: TempDir, address: SocketAddr) -> Self {
        let log = directory.path().join("server.log");
        let log = File::options().create(true).append(true).open(log).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_dockeeper"))
            .args(["keeper", "--tick", "1s", "--words", "*"])
            .args(["--listen", &address.to_string(), "--data-dir"])
            .arg(directory.path().join("data"))
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            directory: Some(directory),
            address,
            child,
        }
    }

    /// SIGKILL, and waits for the end.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts again what was killed.
    pub(crate) fn restart(mut self) -> Self {
        Self::launch(self.directory.take().unwrap(), self.address)
    }

    /// A client with a session.
    pub(crate) async fn client(&mut self) -> Client {
        let mut config = Config::new(self.address.to_string().parse().unwrap());
        config.session_timeout = crate::SESSION;
        config.request_timeout = LIMIT;
        let client = Client::connect(config);
        client.connected(LIMIT).await.unwrap();
        client
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(directory) = &self.directory else {
            return;
        };
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = fs::read_to_string(directory.path().join("server.log"));
            eprintln!("--- the server's log\n{}", log.unwrap_or_default());
        }
    }
}

//! etcd's lock, by `etcdctl lock`: a process for each who waits, which runs a command.

use crate::Crowd;
use std::{
    net::{Ipv4Addr, TcpListener},
    process::{Output, Stdio},
    time::Duration,
};
use tokio::{
    process::{Child, Command},
    task::JoinSet,
    time::{Instant, sleep},
};

/// More processes than this would take the memory of a small machine.
const PROCESSES_MAX: u32 = 100;

const LOCK: &str = "bench";

/// What a hand-over takes; `None` where there is no etcd, or where it would take too much memory.
pub(crate) async fn hand_overs(crowd: Crowd) -> Option<Duration> {
    let count = crowd.waiters.get();
    if count > PROCESSES_MAX {
        eprintln!("etcdctl: left out, as it takes a process for each of {count} who wait");
        return None;
    }
    let version = Command::new("etcd").arg("--version").output().await;
    if version.is_err() {
        eprintln!("etcdctl: left out, as there is no etcd (etcd-server, etcd-client)");
        return None;
    }
    let server = Server::start().await;
    let mut first = server.lock(&["cat", &server.gate()]).spawn().unwrap();
    server.has_keys(1).await;
    let mut waiting = JoinSet::new();
    for _ in 0..count {
        let mut waiter = server.lock(&["true"]).spawn().unwrap();
        waiting.spawn(async move { waiter.wait().await.unwrap() });
    }
    server.has_keys(count + 1).await;
    let began = Instant::now();
    // Opened and closed: the end of what the first one's command reads.
    std::fs::write(server.gate(), "").unwrap();
    let ended = waiting.join_all().await;
    let took = began.elapsed();
    assert!(ended.iter().all(std::process::ExitStatus::success));
    first.wait().await.unwrap();
    server.stop().await;
    Some(took / count)
}

struct Server {
    process: Child,
    endpoint: String,
    /// Removed when it is dropped.
    data: tempfile::TempDir,
}

// === impl Server ===

impl Server {
    async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let [endpoint, peers] = [(), ()].map(|()| format!("http://127.0.0.1:{}", free_port()));
        let process = Command::new("etcd")
            .args(["--listen-client-urls", &endpoint])
            .args(["--advertise-client-urls", &endpoint])
            .args(["--listen-peer-urls", &peers])
            .args(["--initial-advertise-peer-urls", &peers])
            .args(["--initial-cluster", &format!("default={peers}")])
            .args(["--log-level", "error"])
            .arg("--data-dir")
            .arg(data.path().join("etcd"))
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let server = Self {
            process,
            endpoint,
            data,
        };
        let made = Command::new("mkfifo").arg(server.gate()).status().await;
        assert!(made.unwrap().success());
        while !server.ask(&["endpoint", "health"]).await.status.success() {
            sleep(Duration::from_millis(100)).await;
        }
        server
    }

    fn etcdctl(&self) -> Command {
        let mut command = Command::new("etcdctl");
        command.args(["--endpoints", &self.endpoint]);
        command.env("ETCDCTL_API", "3").kill_on_drop(true);
        command
    }

    fn lock(&self, command: &[&str]) -> Command {
        let mut lock = self.etcdctl();
        lock.args(["lock", LOCK])
            .args(command)
            .stdout(Stdio::null());
        lock
    }

    /// A pipe that has a name: the commands of `etcdctl lock` have no input.
    fn gate(&self) -> String {
        let gate = self.data.path().join("gate");
        gate.into_os_string().into_string().unwrap()
    }

    async fn ask(&self, words: &[&str]) -> Output {
        self.etcdctl().args(words).output().await.unwrap()
    }

    /// Waits until so many hold the lock or wait for it.
    async fn has_keys(&self, count: u32) {
        loop {
            let keys = self.ask(&["get", "--prefix", LOCK, "--keys-only"]).await;
            let text = String::from_utf8(keys.stdout).unwrap();
            let keys = text.lines().filter(|line| !line.is_empty()).count();
            if keys == count as usize {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn stop(mut self) {
        self.process.kill().await.unwrap();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

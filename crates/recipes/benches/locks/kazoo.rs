//! kazoo's lock, with as many sessions, and a thread for each who waits.

use crate::Crowd;
use std::{net::SocketAddr, path::Path, time::Duration};
use tokio::process::Command;

/// Set by `cargo xtask bench`: a Python that has kazoo.
const VARIABLE: &str = "DOCKEEPER_KAZOO_PYTHON";

/// What a hand-over takes; `None` where there is no kazoo.
pub(crate) async fn hand_overs(server: SocketAddr, crowd: Crowd) -> Option<Duration> {
    let python = std::env::var(VARIABLE).ok()?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/locks");
    let ran = Command::new(python)
        .arg(folder.join("kazoo/wait.py"))
        .arg(server.to_string())
        .args([crowd.waiters.get(), crowd.sessions()].map(|number| number.to_string()))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .await
        .unwrap();
    let complaints = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "kazoo: {complaints}");
    let seconds: f64 = str::from_utf8(&ran.stdout).unwrap().trim().parse().unwrap();
    Some(Duration::from_secs_f64(seconds) / crowd.waiters.get())
}

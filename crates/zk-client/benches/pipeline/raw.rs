//! The server's limit: precomputed requests.

use crate::workload::Workload;
use dockeeper_load::Connection;
use std::net::SocketAddr;

pub(crate) async fn run(address: SocketAddr, workload: Workload) {
    let run = move || drive(&mut Connection::open(address), workload);
    tokio::task::spawn_blocking(run).await.unwrap();
}

fn drive(connection: &mut Connection, workload: Workload) {
    let request = workload.request();
    if workload.callers() > 1 {
        return connection.saturate(&request, workload.count() as usize);
    }
    for _ in 0..workload.count() {
        connection.call(&request);
    }
}

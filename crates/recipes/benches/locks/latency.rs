//! A lock that nobody else wants, acquired and released again and again, beside one create and one
//! delete.

use crate::{ours, raw};
use dockeeper_load::Connection;
use std::{net::SocketAddr, time::Duration};
use tokio::time::Instant;

/// How often, by turns with the other, and how many at a time.
const BLOCKS: usize = 10;
const BLOCK: usize = 100;

pub(crate) async fn show(server: SocketAddr) {
    let client = ours::connect(server);
    let (mut limit, mut lock) = (Vec::new(), Vec::new());
    for _ in 0..BLOCKS {
        let block = move || raw_block(server);
        limit.extend(tokio::task::spawn_blocking(block).await.unwrap());
        for _ in 0..BLOCK {
            let began = Instant::now();
            let held = ours::acquire(&client).await;
            held.release().await.unwrap();
            lock.push(began.elapsed());
        }
    }
    client.close().await;
    println!();
    println!("| nobody else wants it | p50 ms | p99 ms | p50 / raw |");
    println!("|---|---|---|---|");
    let raw = line("create and delete", limit, None);
    line("acquire and release", lock, Some(raw));
}

fn raw_block(server: SocketAddr) -> Vec<Duration> {
    let (create, delete) = (raw::create(&raw::path(0)), raw::delete(0));
    let mut connection = Connection::open(server);
    let once = |_| {
        let began = Instant::now();
        connection.call(&create);
        connection.call(&delete);
        began.elapsed()
    };
    (0..BLOCK).map(once).collect()
}

/// Shows one, and tells its median in seconds.
fn line(what: &str, mut times: Vec<Duration>, raw: Option<f64>) -> f64 {
    times.sort_unstable();
    let at = |part: usize| times[times.len() * part / 100].as_secs_f64();
    let (p50, p99) = (at(50), at(99));
    let ratio = p50 / raw.unwrap_or(p50);
    println!(
        "| {what} | {:.2} | {:.2} | {ratio:.2} |",
        p50 * 1e3,
        p99 * 1e3
    );
    p50
}

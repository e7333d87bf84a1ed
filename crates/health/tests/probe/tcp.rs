//! TCP probes.

use dockeeper_health::{Outcome, Probe};

use crate::server::{Server, refusing};
use crate::{PATIENT, assert_fails, run};

#[tokio::test]
async fn an_accepted_connection_passes_even_in_silence() {
    let (server, _closed) = Server::silent().await;
    assert_eq!(
        run(Probe::Tcp, server.address, PATIENT).await,
        Outcome::Pass
    );
}

#[tokio::test]
async fn a_refused_connection_fails() {
    let (_socket, address) = refusing();
    let outcome = run(Probe::Tcp, address, PATIENT).await;
    assert_fails(&outcome, &["connecting to 127.0.0.1:", "refused"]);
}

#[tokio::test]
async fn a_check_with_a_time_to_live_is_not_probed() {
    let (_socket, address) = refusing();
    assert_fails(
        &run(Probe::Ttl(PATIENT), address, PATIENT).await,
        &["cannot be probed"],
    );
}

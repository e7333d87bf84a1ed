//! One server of the ensemble.

use super::{conf, finding::Finding, report::Report, srvr, word};
use crate::zookeeper::{AuthOption, tls_option};
use dockeeper_registry::cluster::{Scope, Snapshot};
use dockeeper_zk_client::{
    Client, Config, ConnectString, Ended, ErrorCode, State,
    connect_string::Host,
    state::{ConnectError, Connected},
};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::{Instant, timeout};

/// What is known of a server.
#[derive(Clone, Debug, Default)]
pub(super) struct Examined {
    /// Whether a session can be had.
    pub(super) is_usable: bool,
    /// `leader`, `follower`, `observer`, `standalone`.
    pub(super) mode: Option<String>,
}

/// Tests a server from the connection up.
pub(super) async fn examine(
    host: &Host,
    config: &Config,
    limit: Duration,
    report: &mut Report,
) -> anyhow::Result<Examined> {
    let target = host.to_string();
    let begin = Instant::now();
    if let Err(error) = word::connect(&*config.connect, host).await {
        report.add(&target, unreachable(&error.into()))?;
        return Ok(Examined::default());
    }
    let took = begin.elapsed().as_millis();
    report.add(&target, Finding::ok("connect", format!("in {took} ms")))?;
    // A server that is broken further below is told by the session.
    let answer = word::ask(&*config.connect, host, "srvr")
        .await
        .unwrap_or(None);
    let (srvr, findings) = srvr::judge(answer.as_deref().filter(|answer| is_zookeepers(answer)));
    let config = Config {
        servers: only(host, config.servers.chroot())?,
        ..config.clone()
    };
    let client = Client::connect(config.clone());
    let opened = open(&client, limit).await;
    let is_usable = opened.is_ok();
    match opened {
        Ok(connected) => {
            for finding in findings {
                report.add(&target, finding)?;
            }
            report.add(&target, conf::judge_granted(connected.session_timeout))?;
            examine_inside(host, &config, &client, report).await?;
        }
        Err(finding) => {
            // What is no ZooKeeper has no version that would matter.
            if srvr.mode.is_some() {
                for finding in findings {
                    report.add(&target, finding)?;
                }
            }
            report.add(&target, finding)?;
        }
    }
    client.close().await;
    let mode = srvr.mode;
    Ok(Examined { is_usable, mode })
}

async fn examine_inside(
    host: &Host,
    config: &Config,
    client: &Client,
    report: &mut Report,
) -> anyhow::Result<()> {
    let target = host.to_string();
    // The request is as old as persistent watches are.
    if let Err(error) = client.ephemerals("/").await
        && !error.is(ErrorCode::NoAuth)
    {
        let advice = "Dockeeper needs ZooKeeper 3.6 or later, or a server that is compatible";
        report.add(
            &target,
            Finding::fail("requests", error.to_string(), advice),
        )?;
    }
    let agents = agents_at_one_address(client).await;
    match word::ask(&*config.connect, host, "conf")
        .await
        .unwrap_or(None)
    {
        None => report.add(&target, conf::unknown()),
        Some(answer) => {
            for finding in conf::judge(&answer, agents) {
                report.add(&target, finding)?;
            }
            Ok(())
        }
    }
}

/// The largest number of agents that share an address. None is as good as what cannot be read:
/// access has a test of its own.
async fn agents_at_one_address(client: &Client) -> usize {
    let snapshot = Snapshot::read(client, &[Scope::Nodes]).await;
    let mut agents = BTreeMap::new();
    for node in snapshot.unwrap_or_default().nodes().items {
        *agents.entry(node.record.address).or_insert(0) += 1;
    }
    agents.into_values().max().unwrap_or(0)
}

/// Opens a session, or says why there is none after the first attempt.
async fn open(client: &Client, limit: Duration) -> Result<Connected, Finding> {
    let mut state = client.state();
    let settled = state.wait_for(|state| match state {
        State::Connecting { attempts } => {
            let mut attempts = attempts.iter();
            attempts.any(|attempt| attempt.error != ConnectError::Pending)
        }
        State::Connected(_) | State::Ended(_) => true,
    });
    let settled = timeout(limit, settled).await;
    match settled.ok().and_then(Result::ok).as_deref() {
        Some(State::Connected(connected)) => Ok(connected.clone()),
        Some(State::Connecting { attempts }) => {
            let errors = attempts.iter().map(|attempt| attempt.error.to_string());
            let found = errors.collect::<Vec<_>>().join("; ");
            let option = attempts
                .iter()
                .find_map(|a| tls_option(&a.error, AuthOption::ZK.tls));
            Err(Finding::fail(
                "session",
                found,
                option.as_deref().unwrap_or(CHECK_THE_PORT),
            ))
        }
        Some(State::Ended(Ended::AuthFailed)) => Err(Finding::fail(
            "session",
            "the server refused the credentials",
            "check the user and the password of DOCKEEPER_ZK_AUTH or --zk-auth",
        )),
        Some(State::Ended(ended)) => {
            Err(Finding::fail("session", ended.to_string(), CHECK_THE_PORT))
        }
        None => {
            let found = format!("no answer to the handshake within {limit:?}");
            Err(Finding::fail("session", found, CHECK_THE_PORT))
        }
    }
}

const CHECK_THE_PORT: &str = "\
check that this is ZooKeeper's client port (2181 by default; not 2888, 3888 or 8080; with TLS, its secureClientPort), \
and see the server's log";

const CHECK_THE_ADDRESS: &str = "\
check the name and the port, that ZooKeeper runs there and listens on that address \
(clientPortAddress), and that no firewall is between";

fn unreachable(error: &ConnectError) -> Finding {
    let option = tls_option(error, AuthOption::ZK.tls);
    let advice = option.as_deref().unwrap_or(CHECK_THE_ADDRESS);
    Finding::fail("connect", error.to_string(), advice)
}

fn is_zookeepers(answer: &str) -> bool {
    answer.contains("ookeeper version") || answer.contains("ZooKeeper instance")
}

fn only(host: &Host, chroot: &str) -> anyhow::Result<ConnectString> {
    let alone: ConnectString = host.to_string().parse()?;
    Ok(alone.with_chroot(chroot)?)
}

//! What may be done below the chroot.

mod acl;

use super::{
    finding::Finding,
    report::{ENSEMBLE, Report},
};
use crate::output::text;
use dockeeper_registry::cluster::{Scope, Snapshot};
use dockeeper_zk_client::{Client, Config, CreateMode, Error, ErrorCode, path};
use std::time::Duration;

const CREDENTIALS: &str = "\
give a user and a password that may, with DOCKEEPER_ZK_AUTH or --zk-auth, or change the znode's \
access control list (setAcl in zkCli.sh)";

/// Tests reading and writing where Dockeeper lives, on any server.
pub(super) async fn examine(
    config: &Config,
    limit: Duration,
    report: &mut Report,
) -> anyhow::Result<()> {
    let chroot = config.servers.chroot().to_owned();
    let inside = Client::connect(config.clone());
    let root = Client::connect(Config {
        servers: config.servers.with_chroot("/")?,
        ..config.clone()
    });
    let result = async {
        inside.connected(limit).await?;
        root.connected(limit).await?;
        examine_data(&inside, &chroot, report).await?;
        if let Some(finding) = acl::examine(&inside, &chroot).await {
            report.add(ENSEMBLE, finding)?;
        }
        let parent = nearest(&root, &chroot).await?;
        examine_writing(&root, &parent, report).await
    };
    let result = result.await;
    inside.close().await;
    root.close().await;
    result
}

async fn examine_data(client: &Client, chroot: &str, report: &mut Report) -> anyhow::Result<()> {
    let finding = match client.list("/").await {
        Ok(_) => match Snapshot::read(client, &[Scope::Nodes]).await {
            Ok(snapshot) => {
                let agents = text::count(snapshot.nodes().items.len(), "agent");
                Finding::ok("data", format!("{chroot} can be read; {agents} registered"))
            }
            Err(error) => Finding::fail("data", error.to_string(), CREDENTIALS),
        },
        Err(error) if error.is(ErrorCode::NoNode) => Finding::warn(
            "data",
            format!("there is no {chroot} yet"),
            "the first agent creates it: start one with the same --zk, or check the chroot",
        ),
        Err(error) => Finding::fail("data", error.to_string(), CREDENTIALS),
    };
    report.add(ENSEMBLE, finding)
}

/// The chroot, or the nearest znode above it that is there: where an agent would begin to write.
async fn nearest(client: &Client, chroot: &str) -> Result<String, Error> {
    for ancestor in path::ancestors(chroot) {
        match client.exists(ancestor).await {
            Ok(Some(_)) => return Ok(ancestor.to_owned()),
            Ok(None) => {}
            Err(error) => return Err(error),
        }
    }
    Ok("/".to_owned())
}

async fn examine_writing(client: &Client, parent: &str, report: &mut Report) -> anyhow::Result<()> {
    let probe = probe(parent);
    let written = async {
        client.create(&probe, "", CreateMode::Ephemeral).await?;
        client.delete(&probe, None).await
    };
    let finding = match written.await {
        Ok(()) => Finding::ok(
            "write",
            format!("an ephemeral znode can be made in {parent}"),
        ),
        Err(error) => Finding::fail("write", error.to_string(), CREDENTIALS),
    };
    report.add(ENSEMBLE, finding)
}

/// The path of a znode that nobody else has.
fn probe(parent: &str) -> String {
    path::join(parent, &format!("doctor-{:016x}", fastrand::u64(..)))
}

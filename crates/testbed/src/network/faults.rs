//! Breaks and mends the network between nodes.

use std::{collections::BTreeSet, time::Duration};

use tokio::sync::Mutex;

use crate::{error::Result, node::Node, nsenter, tool};

/// `iptables` and `ip` take milliseconds; a machine under full load has been seen to need seconds.
const LIMIT: Duration = Duration::from_secs(20);

/// The cuts that are in force, so that making one twice is healed at once.
#[derive(Debug, Default)]
pub(crate) struct Cuts(Mutex<BTreeSet<(String, String)>>);

impl Cuts {
    /// Drops all packets between two nodes, silently and in both directions.
    pub(crate) async fn cut(&self, a: &Node, b: &Node) -> Result<()> {
        let mut cuts = self.0.lock().await;
        if !cuts.contains(&pair(a, b)) {
            change("-A", a, b).await?;
            cuts.insert(pair(a, b));
        }
        Ok(())
    }

    /// Ends a cut; without one it does nothing.
    pub(crate) async fn heal(&self, a: &Node, b: &Node) -> Result<()> {
        let mut cuts = self.0.lock().await;
        if cuts.contains(&pair(a, b)) {
            change("-D", a, b).await?;
            cuts.remove(&pair(a, b));
        }
        Ok(())
    }
}

/// Takes a node's port of the switch down or up: it loses all others at once.
pub(crate) async fn set_port(switch: &str, node: &Node, state: &str) -> Result<()> {
    let mut command = tokio::process::Command::new("ip");
    command.args(["-n", switch, "link", "set", node.name(), state]);
    tool::run(&mut command, LIMIT).await.map(drop)
}

fn pair(a: &Node, b: &Node) -> (String, String) {
    let (first, second) = if a.name() < b.name() { (a, b) } else { (b, a) };
    (first.name().to_owned(), second.name().to_owned())
}

async fn change(action: &str, a: &Node, b: &Node) -> Result<()> {
    for (node, peer) in [(a, b), (b, a)] {
        // The machine's own namespace is left alone: the other end drops both directions.
        let Some(namespace) = node.namespace() else {
            continue;
        };
        for rule in rules(peer) {
            let mut command = nsenter::network(&namespace, "iptables");
            command
                .args(["-w", "-t", "raw", action])
                .args(rule)
                .args(["-j", "DROP"]);
            tool::run(&mut command, LIMIT).await?;
        }
    }
    Ok(())
}

/// What to drop in a node's namespace so that nothing comes from `peer`.
///
/// PREROUTING comes before any address translation and before the split between the node's own
/// traffic and its containers', so one rule is enough. The packets to the peer are dropped by the
/// peer in the same way, silently; a rule in OUTPUT would make some system calls fail instead. Only
/// towards the caller, who has no rules, it has to do.
fn rules(peer: &Node) -> Vec<[String; 3]> {
    let address = peer.address().to_string();
    let rule = |chain: &str, side: &str| [chain.to_owned(), side.to_owned(), address.clone()];
    let mut rules = vec![rule("PREROUTING", "-s")];
    if peer.namespace().is_none() {
        rules.extend([rule("PREROUTING", "-d"), rule("OUTPUT", "-d")]);
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layout;

    #[test]
    fn only_the_caller_needs_rules_for_what_is_sent() {
        let layout = Layout {
            number: 3,
            hosts: 1,
            zookeepers: 1,
        };
        let host = layout.hosts().next().unwrap();
        assert_eq!(rules(&host), [["PREROUTING", "-s", "10.77.3.1"]]);
        assert_eq!(rules(&layout.caller()).len(), 3);
    }

    #[test]
    fn a_cut_has_no_direction() {
        let layout = Layout {
            number: 3,
            hosts: 1,
            zookeepers: 1,
        };
        let (host, server) = (
            layout.hosts().next().unwrap(),
            layout.zookeepers().next().unwrap(),
        );
        assert_eq!(pair(&host, &server), pair(&server, &host));
    }
}

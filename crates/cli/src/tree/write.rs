//! Brings a tree to what it should be, batch by batch.

use super::{
    acl::{self, Masked},
    node::Node,
    place::Place,
    plan::{self, Step, Target},
    tally::Tally,
};
use dockeeper_zk_client::{CreateMode, Error, ErrorCode, path};
use futures_util::future::{join, join_all, try_join_all};

/// How often a batch is compared and written again, when the connection is lost or somebody else
/// writes to the same znodes.
const ROUNDS_MAX: usize = 5;

/// How a tree is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writer<'a> {
    pub(crate) place: &'a Place,
    /// Whether what differs is changed.
    pub(crate) overwrite: bool,
    /// Whether znodes above those that are written are made where they are missing.
    pub(crate) parents: bool,
    /// Whether nothing is written at all.
    pub(crate) dry_run: bool,
}

/// What was done about a znode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) step: Step,
    /// Whether it had children before.
    pub(crate) has_children: bool,
}

/// What is done about a znode, round by round.
#[derive(Clone, Debug)]
struct Attempt {
    done: Done,
    /// Whether it is certain that it was done.
    is_certain: bool,
}

// === impl Attempt ===

impl Attempt {
    /// None yet.
    const NONE: Self = Self {
        done: Done {
            step: Step::Same,
            has_children: false,
        },
        is_certain: false,
    };
}

// === impl Writer ===

impl Writer<'_> {
    /// Writes znodes, none of which lies below another, counts those about which all was done, also
    /// when others fail, and tells what it was for each. It writes only what differs, so it can be
    /// repeated.
    pub(crate) async fn write(
        &self,
        nodes: &[Node],
        tally: &mut Tally,
    ) -> anyhow::Result<Vec<Done>> {
        let mut attempts = vec![Attempt::NONE; nodes.len()];
        let result = self.write_in_rounds(nodes, &mut attempts).await;
        for (node, Attempt { done, is_certain }) in nodes.iter().zip(&attempts) {
            if *is_certain {
                tally.add(&node.path, &done.step);
            }
        }
        result?;
        Ok(attempts.into_iter().map(|attempt| attempt.done).collect())
    }

    async fn write_in_rounds(
        &self,
        nodes: &[Node],
        attempts: &mut [Attempt],
    ) -> anyhow::Result<()> {
        for round in 1.. {
            let targets = targets(self.place, nodes).await?;
            let steps: Vec<_> = nodes
                .iter()
                .zip(&targets)
                .map(|(node, target)| plan::step(node, target.as_ref(), self.overwrite))
                .collect();
            // What was done in an earlier round is the same now, and still is what was done.
            for ((attempt, step), target) in attempts.iter_mut().zip(&steps).zip(&targets) {
                if round == 1 || *step != Step::Same {
                    let target = target.as_ref();
                    attempt.is_certain = false;
                    attempt.done = Done {
                        step: step.clone(),
                        has_children: target.is_some_and(|target| target.stat.num_children > 0),
                    };
                }
            }
            let carried = nodes.iter().zip(&steps);
            let carried = carried.map(|(node, step)| self.carry_out(node, step));
            let mut failures = Vec::new();
            for (attempt, carried) in attempts.iter_mut().zip(join_all(carried).await) {
                match carried {
                    Ok(()) => attempt.is_certain = true,
                    Err(error) => failures.push(error),
                }
            }
            let Some(failure) = failures.first() else {
                break;
            };
            let last = failures.iter().find(|error| !is_worth_another_look(error));
            if let Some(error) = last.or((round == ROUNDS_MAX).then_some(failure)) {
                return Err(error.clone().into());
            }
        }
        Ok(())
    }

    async fn carry_out(&self, node: &Node, step: &Step) -> Result<(), Error> {
        if self.dry_run {
            return Ok(());
        }
        let path = self.place.client_path(&node.path);
        let client = &self.place.client;
        match step {
            Step::Create => {
                let create = || client.create_with(&path, node.data.clone(), node.options());
                match create().await {
                    Err(error) if error.is(ErrorCode::NoNode) && self.parents => {
                        let parent = path::parent(&path).unwrap_or("/");
                        client.create_all(parent, CreateMode::Persistent).await?;
                        create().await.map(drop)
                    }
                    created => created.map(drop),
                }
            }
            Step::Change { acl, data } => {
                // First who may read it, then what there is to read.
                if let (Some(aversion), Some(acl)) = (acl, &node.acl) {
                    client.set_acl(&path, acl.clone(), Some(*aversion)).await?;
                }
                if let Some(version) = data {
                    client.set(&path, node.data.clone(), Some(*version)).await?;
                }
                Ok(())
            }
            Step::Same | Step::Keep | Step::InTheWay => Ok(()),
        }
    }
}

/// What is in the place of each znode.
pub(crate) async fn targets(place: &Place, nodes: &[Node]) -> anyhow::Result<Vec<Option<Target>>> {
    try_join_all(nodes.iter().map(|node| target(place, node))).await
}

async fn target(place: &Place, node: &Node) -> anyhow::Result<Option<Target>> {
    let path = place.client_path(&node.path);
    let Some(stat) = place.client.exists(&path).await? else {
        return Ok(None);
    };
    let is_as_long = usize::try_from(stat.data_len).ok() == Some(node.data.len());
    let get = async {
        if is_as_long && stat.ephemeral_owner == 0 {
            let (data, stat) = place.client.get(&path).await?;
            return Ok((Some(data), stat));
        }
        Ok((None, stat))
    };
    let get_acl = async {
        if node.acl.is_some() && stat.ephemeral_owner == 0 {
            return place.client.get_acl(&path).await.map(Some);
        }
        Ok(None)
    };
    match join(get, get_acl).await {
        (Ok((data, mut stat)), Ok(acl)) => {
            let acl = acl.map(|(acl, seen)| {
                stat.aversion = seen.aversion;
                acl
            });
            if acl.as_deref().is_some_and(acl::is_masked) {
                return Err(Masked { path }.into());
            }
            Ok(Some(Target { stat, data, acl }))
        }
        (Err(error), _) | (_, Err(error)) if error.is(ErrorCode::NoNode) => Ok(None),
        (Err(error), _) | (_, Err(error)) => Err(error.into()),
    }
}

/// Whether something else has changed the target, or nobody knows what became of the write.
fn is_worth_another_look(error: &Error) -> bool {
    error.is_disconnected()
        || error.is(ErrorCode::BadVersion)
        || error.is(ErrorCode::NodeExists)
        || error.is(ErrorCode::NoNode)
}

//! How far a release has come. Does no I/O.

use crate::{exit::Code, output::text};
use dockeeper_model::{
    NodeName,
    config::{Ack, Applied, Kind, Phase, Release, Rollout, Step},
};
use std::collections::BTreeMap;

/// How many containers are named that failed.
const NAMED_MAX: usize = 10;

/// What there is of an app.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) head: Option<Release>,
    pub(super) rollout: Option<Rollout>,
    pub(super) applied: BTreeMap<NodeName, Applied>,
}

/// How far a release has come, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Going(String),
    Done(String),
    Failed(Code, String),
}

/// How far a release has come that was the newest at the beginning.
pub(super) fn judge(release: u64, look: &Look) -> Progress {
    let (Some(head), Some(rollout)) = (&look.head, &look.rollout) else {
        let why = format!("the app of release {release} was removed meanwhile");
        return Progress::Failed(Code::Overtaken, why);
    };
    if rollout.release != release {
        return match head.release == release {
            // Read before the change that the other one shows.
            true => Progress::Going(format!("release {release} was superseded")),
            false => superseded(release, head, rollout),
        };
    }
    let reason = text::clean(&rollout.reason);
    match rollout.phase {
        Phase::Aborting | Phase::Failing if rollout.is_stuck => {
            Progress::Failed(Code::RolloutFailed, format!("release {release}: {reason}"))
        }
        Phase::Paused if has_failed(rollout) => {
            let why = format!("the rollout of release {release} has stopped: {reason}");
            Progress::Failed(Code::RolloutFailed, why)
        }
        Phase::Paused => Progress::Going(format!("paused: {reason}")),
        Phase::AwaitingApproval => Progress::Going(format!("waiting for approval: {reason}")),
        Phase::Aborting | Phase::Failing => Progress::Going(format!("going back: {reason}")),
        Phase::Rolling => Progress::Going(reason),
        Phase::Done => settled(release, look, rollout),
    }
}

/// Whether more have failed than the policy puts up with, or a person has.
fn has_failed(rollout: &Rollout) -> bool {
    let borne = u64::from(rollout.forgiven) + u64::from(rollout.policy.failure_budget);
    u64::try_from(rollout.failed()).is_ok_and(|failed| failed > borne)
}

fn superseded(release: u64, head: &Release, rollout: &Rollout) -> Progress {
    let (number, by) = (head.release, text::clean(&head.by));
    let message = text::clean(&head.message);
    if head.kind != Kind::AutoRollback {
        let why = format!("release {release} was superseded by release {number} of {by}");
        return Progress::Failed(Code::Overtaken, why);
    }
    let of = head.of.unwrap_or_default();
    let why = format!(
        "release {release} was taken back; release {number} has the content of release {of} again: \
         {message}"
    );
    let named: Vec<_> = rollout
        .failures
        .iter()
        .map(|failure| {
            let reason = &failure.reason;
            format!("{}/{}: {reason}", failure.node, failure.name)
        })
        .collect();
    Progress::Failed(Code::RolledBack, with_lines(why, &named))
}

/// All are to run it. Whether they do, they say by themselves.
fn settled(release: u64, look: &Look, rollout: &Rollout) -> Progress {
    let acks = look.applied.iter().flat_map(|(node, applied)| {
        let acks = applied.containers.values();
        acks.map(move |ack| (node, ack))
    });
    let acks: Vec<_> = acks.collect();
    let is_judged = |ack: &Ack| ack.target == release && ack.step.is_judged();
    let judged = acks.iter().filter(|(_, ack)| is_judged(ack)).count();
    if judged < acks.len() {
        let all = text::count(acks.len(), "container");
        let told = format!("{judged} of {all} have done with release {release}");
        return Progress::Going(told);
    }
    let failed = acks.iter().filter(|(_, ack)| ack.step == Step::Failed);
    let failed: Vec<_> = failed
        .map(|(node, ack)| format!("{node}/{}: {}", ack.name, ack.reason))
        .collect();
    let borne = rollout
        .policy
        .failure_budget
        .saturating_add(rollout.forgiven);
    if failed.len() > usize::try_from(borne).unwrap_or(usize::MAX) {
        let count = text::count(failed.len(), "container");
        let why = format!("release {release} is for all, but {count} failed with it");
        return Progress::Failed(Code::RolloutFailed, with_lines(why, &failed));
    }
    Progress::Done(match acks.len() - failed.len() {
        0 => format!("no container mounts it: whichever comes gets release {release}"),
        count => format!("{} at release {release}", text::count(count, "container")),
    })
}

fn with_lines(mut text: String, lines: &[String]) -> String {
    let more = lines.len().saturating_sub(NAMED_MAX);
    for line in lines.iter().take(NAMED_MAX) {
        text.push_str(&format!("\n  {}", text::clean(line)));
    }
    if more > 0 {
        text.push_str(&format!("\n  and {more} more"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockeeper_config::rollout::{Order, everyone, order};
    use dockeeper_model::config::{ContainerRef, Digest, Failure};

    fn release(release: u64, kind: Kind, of: Option<u64>) -> Release {
        Release {
            release,
            manifest: Digest::new([0; Digest::LEN]),
            kind,
            of,
            message: "1 failed".to_owned(),
            by: "h1".to_owned(),
            created_ms: 0,
            files: 0,
            keys: 0,
            bytes: 0,
            inline: BTreeMap::new(),
        }
    }

    fn look(head: Release, rollout: Rollout, steps: &[(u64, Step)]) -> Look {
        let containers = (0..).zip(steps).map(|(n, (target, step))| {
            let id: ContainerRef = format!("{n:012x}").parse().unwrap();
            let ack = Ack {
                name: format!("web-{n}"),
                running: Some(1),
                digest: None,
                target: *target,
                step: *step,
                reason: "the check failed".to_owned(),
                since_ms: 0,
            };
            (id, ack)
        });
        let applied = Applied {
            containers: containers.collect(),
        };
        Look {
            head: Some(head),
            rollout: Some(rollout),
            applied: BTreeMap::from([("h1".parse().unwrap(), applied)]),
        }
    }

    fn code(progress: &Progress) -> Option<Code> {
        match progress {
            Progress::Failed(code, _) => Some(*code),
            Progress::Going(_) | Progress::Done(_) => None,
        }
    }

    #[test]
    fn it_is_over_when_each_container_has_said_so() {
        let judge_steps = |steps: &[(u64, Step)]| {
            let rollout = everyone(None, 2, "", 0);
            judge(2, &look(release(2, Kind::Set, None), rollout, steps))
        };
        let (healthy, acted) = ((2, Step::Healthy), (2, Step::Acted));
        assert!(
            matches!(judge_steps(&[healthy, acted]), Progress::Going(text) if text.starts_with("1 of 2 containers"))
        );
        assert!(matches!(
            judge_steps(&[healthy, (1, Step::Healthy)]),
            Progress::Going(_)
        ));
        assert!(matches!(
            judge_steps(&[healthy, healthy]),
            Progress::Done(_)
        ));
        assert!(
            matches!(judge_steps(&[]), Progress::Done(text) if text.starts_with("no container"))
        );
        let failed = judge_steps(&[healthy, (2, Step::Failed)]);
        assert_eq!(code(&failed), Some(Code::RolloutFailed));
        assert!(
            matches!(failed, Progress::Failed(_, text) if text.ends_with("\n  h1/web-1: the check failed"))
        );
    }

    #[test]
    fn a_pause_by_a_person_is_waited_for_and_one_for_a_failure_is_the_end() {
        let rolling = Rollout {
            phase: Phase::Rolling,
            ..everyone(None, 2, "", 0)
        };
        let head = || release(2, Kind::Set, None);
        let mut paused = order(&rolling, Order::Pause, "me", 0).unwrap();
        let going = judge(2, &look(head(), paused.clone(), &[]));
        assert_eq!(going, Progress::Going("paused: me paused it".to_owned()));
        paused.failures.push(Failure {
            node: "h1".to_owned(),
            container: "0123456789ab".parse().unwrap(),
            name: "web".to_owned(),
            reason: String::new(),
        });
        let ended = judge(2, &look(head(), paused, &[]));
        assert_eq!(code(&ended), Some(Code::RolloutFailed));
    }

    #[test]
    fn what_came_in_between_decides_the_code() {
        let after = |kind, of| {
            let head = release(3, kind, of);
            code(&judge(2, &look(head, everyone(None, 3, "", 0), &[])))
        };
        assert_eq!(after(Kind::AutoRollback, Some(1)), Some(Code::RolledBack));
        assert_eq!(after(Kind::Set, None), Some(Code::Overtaken));
        assert_eq!(after(Kind::Rollback, Some(1)), Some(Code::Overtaken));
        let removed = Look {
            head: None,
            rollout: None,
            applied: BTreeMap::new(),
        };
        assert_eq!(code(&judge(2, &removed)), Some(Code::Overtaken));
    }
}

//! A container that gets a configuration, and why it does not run the newest release.

use dockeeper_model::{
    NodeName,
    config::{Ack, ContainerRef, Phase, Rollout, Step},
};

/// A container that gets a configuration.
#[derive(Clone, Debug)]
pub(crate) struct Subscriber {
    pub(super) node: NodeName,
    pub(super) id: ContainerRef,
    pub(super) ack: Ack,
}

// === impl Subscriber ===

impl Subscriber {
    /// Whether its files are those of the newest release, and it is well with them.
    pub(super) fn is_done(&self, rollout: &Rollout) -> bool {
        let ack = &self.ack;
        ack.running == Some(rollout.release)
            && ack.target == rollout.release
            && ack.step == Step::Healthy
    }

    /// Why it does not run the newest release, or is not well with it; empty when it is.
    pub(super) fn why(&self, rollout: &Rollout) -> String {
        let (ack, newest) = (&self.ack, rollout.release);
        if self.is_done(rollout) {
            return String::new();
        }
        if ack.target == newest || ack.step == Step::Failed {
            return match ack.reason.as_str() {
                "" => format!("release {} is {} there", ack.target, ack.step.as_str()),
                reason => reason.to_owned(),
            };
        }
        if rollout.admitted.has(&self.id) {
            return format!("its host's agent has not heard of release {newest} yet");
        }
        match rollout.phase {
            Phase::Paused => "the rollout is paused".to_owned(),
            Phase::AwaitingApproval => "the next stage waits for approval".to_owned(),
            Phase::Aborting | Phase::Failing => format!("release {newest} is being taken back"),
            Phase::Rolling | Phase::Done => format!("its stage of release {newest} has not come"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockeeper_config::rollout::everyone;
    use dockeeper_model::config::Admitted;

    fn subscriber(running: Option<u64>, target: u64, step: Step, reason: &str) -> Subscriber {
        Subscriber {
            node: "h1".parse().unwrap(),
            id: "0123456789ab".parse().unwrap(),
            ack: Ack {
                name: "web".to_owned(),
                running,
                digest: None,
                target,
                step,
                reason: reason.to_owned(),
                since_ms: 0,
            },
        }
    }

    #[test]
    fn it_is_said_why_a_container_does_not_run_the_newest_release() {
        let all = everyone(None, 2, "", 0);
        let none = |phase| Rollout {
            admitted: Admitted::These([].into()),
            phase,
            ..all.clone()
        };
        let (old, well) = (Some(1), Step::Healthy);
        for (subscriber, rollout, expected) in [
            (subscriber(Some(2), 2, well, ""), all.clone(), ""),
            (
                subscriber(old, 2, Step::Rendered, ""),
                all.clone(),
                "release 2 is rendered there",
            ),
            (
                subscriber(old, 2, Step::Failed, "exit 1"),
                all.clone(),
                "exit 1",
            ),
            (
                subscriber(Some(2), 2, Step::Acted, "unhealthy"),
                all.clone(),
                "unhealthy",
            ),
            (
                subscriber(old, 1, well, ""),
                all.clone(),
                "its host's agent has not heard of release 2 yet",
            ),
            (
                subscriber(old, 1, well, ""),
                none(Phase::Rolling),
                "its stage of release 2 has not come",
            ),
            (
                subscriber(old, 1, well, ""),
                none(Phase::Paused),
                "the rollout is paused",
            ),
            (
                subscriber(old, 1, well, ""),
                none(Phase::Failing),
                "release 2 is being taken back",
            ),
        ] {
            assert_eq!(subscriber.why(&rollout), expected);
        }
    }
}

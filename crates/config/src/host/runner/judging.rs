//! Whether a container is well after a change.

use super::acting::Change;
use dockeeper_engine::{
    Container, ContainerId, Engine, Error,
    container::{HealthCheck, State},
};
use dockeeper_hooks::{Hook, command};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long a container without a health check has to go on running.
const STEADY_FOR: Duration = Duration::from_secs(1);

/// How often a health check may fail before its container is unwell, whatever the container says.
const RETRIES_MAX: u32 = 10;

/// The longest pause between two health checks: Docker's own interval is for the long run.
const RETRY_PAUSE_MAX: Duration = Duration::from_secs(5);

/// How long one health check may take, whatever the container says.
const CHECK_LIMIT_MAX: Duration = Duration::from_secs(30);

/// How long it may take to find out, whatever the container says.
const JUDGE_LIMIT: Duration = Duration::from_secs(5 * 60);

/// For how long after its start a container need not be well, whatever it says.
const START_PERIOD_MAX: Duration = Duration::from_secs(2 * 60);

/// How long the gate of a rollout may take.
const GATE_LIMIT: Duration = Duration::from_secs(30);

/// Finds out whether a container is well after a change: by its health check, run now because what
/// Docker says of it is from before the change; without one, by whether it goes on running; and by
/// the command of its rollout. The error says why it is not.
pub(super) async fn judge<E: Engine>(
    engine: &E,
    id: ContainerId,
    change: &Change,
    gate: Option<&str>,
) -> Result<(), String> {
    let container = running(engine, &id).await?;
    match &container.health_check {
        Some(check) => probe(engine, &container, check).await?,
        None => go_on(engine, &container).await?,
    }
    let Some(gate) = gate else {
        return Ok(());
    };
    // A command may be written as in labels, or alone.
    let gate = Hook::Exec(command(gate).unwrap_or_else(|_| gate.to_owned()));
    let passed = change.run(engine, &gate, &change.destination, GATE_LIMIT);
    passed
        .await
        .map_err(|why| format!("the rollout's gate: {why}"))
}

async fn running<E: Engine>(engine: &E, id: &ContainerId) -> Result<Container, String> {
    let found = engine
        .inspect(id)
        .await
        .map_err(|error| error.to_string())?;
    match found {
        Some(container) if container.state == State::Running => Ok(container),
        Some(container) if container.state == State::Paused => Err("it is paused".to_owned()),
        Some(container) => Err(format!(
            "it does not run after the change; its exit code is {}",
            container.exit_code
        )),
        None => Err("it was removed".to_owned()),
    }
}

async fn go_on<E: Engine>(engine: &E, before: &Container) -> Result<(), String> {
    sleep(STEADY_FOR).await;
    let after = running(engine, &before.id).await?;
    if after.started_at_ms != before.started_at_ms || after.pid != before.pid {
        return Err(format!(
            "it was started again within {STEADY_FOR:?} after the change"
        ));
    }
    Ok(())
}

async fn probe<E: Engine>(
    engine: &E,
    container: &Container,
    check: &HealthCheck,
) -> Result<(), String> {
    let begun = Instant::now();
    let limit = check.timeout.min(CHECK_LIMIT_MAX);
    let start_period = check.start_period.min(START_PERIOD_MAX);
    let retries = check.retries.clamp(1, RETRIES_MAX);
    let mut failures = 0;
    loop {
        let probed = engine.exec(&container.id, &check.command, &[], limit).await;
        // Another app's change may have it run at the same time.
        let is_busy = matches!(probed, Err(Error::ExecUnfinished { .. }));
        let why = match probed {
            Ok(ended) if ended.exit_code == 0 => return Ok(()),
            Ok(ended) => match ended.output.trim() {
                "" => format!("it exited with {}", ended.exit_code),
                output => format!("it exited with {}: {output}", ended.exit_code),
            },
            Err(error) => error.to_string(),
        };
        // One that was just restarted is given its time to begin.
        if begun.elapsed() >= start_period && !is_busy {
            failures += 1;
        }
        if failures >= retries || begun.elapsed() >= JUDGE_LIMIT {
            return Err(format!("its health check fails: {why}"));
        }
        sleep(check.interval.min(RETRY_PAUSE_MAX)).await;
        running(engine, &container.id).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::{super::member::Member, *};
    use dockeeper_engine::{Exec, fake::Fake};
    use dockeeper_model::config::Digest;

    fn check(retries: u32) -> HealthCheck {
        HealthCheck {
            command: vec!["test".to_owned()],
            interval: Duration::from_secs(30),
            timeout: Duration::from_secs(1),
            start_period: Duration::ZERO,
            retries,
        }
    }

    fn change(engine: &Fake, health_check: Option<HealthCheck>) -> Change {
        let id = engine.run("web-1", |container| container.health_check = health_check);
        let containers = engine.containers();
        let container = containers.into_iter().find(|found| found.id == id).unwrap();
        Change {
            app: "web".parse().unwrap(),
            release: 1,
            digest: Digest::new([1; Digest::LEN]),
            member: Member::new(container),
            destination: "/etc/web".to_owned(),
        }
    }

    fn fail(engine: &Fake) {
        engine.set_exec(Exec {
            exit_code: 1,
            output: "refused".to_owned(),
            truncated: false,
        });
    }

    #[tokio::test(start_paused = true)]
    async fn a_health_check_is_run_as_often_as_it_may_fail() {
        let engine = Fake::new(1);
        let change = change(&engine, Some(check(3)));
        let id = change.member.container.id;
        assert_eq!(judge(&engine, id, &change, None).await, Ok(()));
        assert_eq!(engine.executed().len(), 1);
        fail(&engine);
        let why = judge(&engine, id, &change, None).await.unwrap_err();
        assert!(why.contains("refused"), "{why}");
        assert_eq!(engine.executed().len(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn without_one_it_has_to_go_on_and_the_gate_has_its_say() {
        let engine = Fake::new(1);
        let change = change(&engine, None);
        let id = change.member.container.id;
        let gate = Some("exec:test -e /ok");
        assert_eq!(judge(&engine, id, &change, gate).await, Ok(()));
        assert_eq!(engine.executed()[0].command, ["sh", "-c", "test -e /ok"]);
        let (judged, ()) = tokio::join!(judge(&engine, id, &change, None), async {
            sleep(STEADY_FOR / 2).await;
            engine.restart(id);
        });
        assert!(judged.unwrap_err().contains("started again"));
        engine.exit(id, 3);
        let why = judge(&engine, id, &change, None).await.unwrap_err();
        assert!(why.contains("exit code is 3"), "{why}");
    }
}

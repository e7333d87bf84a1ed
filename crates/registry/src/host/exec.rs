use dockeeper_engine::{ContainerId, Engine};
use dockeeper_health::exec::{Exec, ExecOutcome};
use std::{sync::Arc, time::Duration};

/// Runs the commands of health checks through the engine.
#[derive(Debug)]
pub struct EngineExec<E>(pub Arc<E>);

impl<E: Engine> Exec for EngineExec<E> {
    async fn exec(
        &self,
        container: &str,
        command: &[String],
        timeout: Duration,
    ) -> Result<ExecOutcome, String> {
        let id: ContainerId = container.parse().map_err(|why| format!("{why}"))?;
        let ended = self.0.exec(&id, command, &[], timeout).await;
        let ended = ended.map_err(|error| error.to_string())?;
        Ok(ExecOutcome {
            exit_code: ended.exit_code.into(),
            output: ended.output,
        })
    }
}

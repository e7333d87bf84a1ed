//! Follows a release to the containers, for `--wait`.

mod progress;

use self::progress::{Look, Progress, judge};
use super::following::follow;
use crate::{
    args::Global,
    exit::{Code, Failure},
    output::{self, duration},
};
use dockeeper_config::store::Store;
use dockeeper_model::{config::AppName, layout};
use std::time::Duration;
use tokio::{time::Instant, try_join};

/// Waits until the containers run a release, and says on the standard error how far it is.
pub(super) async fn run(
    app: &AppName,
    release: u64,
    limit: Duration,
    global: &Global,
) -> anyhow::Result<()> {
    let mut told = String::new();
    let deadline = Instant::now() + limit;
    let root = layout::app(app);
    let end = follow(global, &root, Some(deadline), async |_, store| match judge(
        release,
        &look(store, app).await?,
    ) {
        Progress::Going(text) => {
            if told != text {
                output::note(&text);
                told = text;
            }
            Ok(None)
        }
        Progress::Done(text) => Ok(Some(Ok(text))),
        Progress::Failed(code, text) => Ok(Some(Err(Failure::new(code, text)))),
    });
    match end.await? {
        Some(Ok(text)) => {
            output::note(&text);
            Ok(())
        }
        Some(Err(failure)) => Err(failure.into()),
        None => {
            let limit = duration::long(limit);
            let why = format!(
                "release {release} of {app} has not reached all containers within {limit}; the \
                 rollout goes on: see `dockeeper config status {app}`"
            );
            Err(Failure::new(Code::TimedOut, why).into())
        }
    }
}

async fn look(store: &Store, app: &AppName) -> anyhow::Result<Look> {
    let (head, rollout, applied) =
        try_join!(store.head(app), store.rollout(app), store.applied(app))?;
    Ok(Look {
        head,
        rollout,
        applied,
    })
}

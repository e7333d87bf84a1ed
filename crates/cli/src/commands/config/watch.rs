mod change;

use super::following::follow;
use crate::{
    args::Global,
    clock, interrupt,
    output::{self, Lines, json},
};
use change::{Known, between};
use dockeeper_config::store::{Error, Store};
use dockeeper_model::{config::AppName, layout};
use serde::Serialize;
use tokio::try_join;

/// The options of `config watch`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each line is the time, and a new release, what the rollout does, or how far a container is. Of \
several changes within 100 milliseconds to one thing, the last is printed. With -o json each line is \
an object with timeMs and event (release, rollout, container, gone, removed).")]
pub(crate) struct Args {
    /// The app
    app: AppName,

    /// How to print
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Lines,

    /// Begin with how it is
    #[arg(long)]
    initial: bool,
}

/// A change as JSON shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    time_ms: i64,
    #[serde(flatten)]
    change: &'a change::Change,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    let mut known: Option<Known> = None;
    let root = layout::app(&args.app);
    let watched = follow::<()>(global, &root, None, async |session, store| {
        let now = look(store, &args.app).await?;
        let before = match known.take() {
            Some(before) => before,
            None if now.head.is_none() => {
                session.check(&[]).await?;
                return Err(Error::NoApp(args.app.clone()).into());
            }
            None if args.initial => Known::default(),
            None => {
                output::note(&format!("watching {}", args.app));
                now.clone()
            }
        };
        for change in between(&before, &now) {
            print(&change, args.output)?;
        }
        known = Some(now);
        Ok(None)
    });
    interrupt::is_the_end(watched.await.map(drop))
}

async fn look(store: &Store, app: &AppName) -> Result<Known, Error> {
    let (head, rollout, applied) =
        try_join!(store.head(app), store.rollout(app), store.applied(app))?;
    Ok(Known::new(head, rollout, applied))
}

fn print(change: &change::Change, format: Lines) -> anyhow::Result<()> {
    let time_ms = clock::now_ms();
    output::print(&match format {
        Lines::Text => format!("{} {change}\n", clock::iso8601(time_ms)),
        Lines::Json => json::line(&Item { time_ms, change })?,
    })
}

mod page;
mod subscriber;

use super::listing::{self, Listed};
use crate::{
    args::Global,
    listing::View,
    output::{
        Options,
        table::{Cell, Tone},
    },
};
use dockeeper_config::store::{Error, Store};
use dockeeper_model::{
    config::{AppName, Phase, Release, Rollout},
    layout,
};
use subscriber::Subscriber;
use tokio::try_join;

/// The options of `config status`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A container is listed while its host's agent runs. TO RUN is the release that it is to run now, which \
is not the newest while its stage has not come. STEP is how far it is with that: fetched, rendered, \
checked, swapped (it sees the files), acted (it was told), healthy, or failed. With -o name, those \
containers are printed that do not run the newest release.")]
pub(crate) struct Args {
    /// Only this app
    app: Option<AppName>,

    #[command(flatten)]
    options: Options,
}

/// What there is of an app.
pub(super) struct Found {
    app: AppName,
    head: Release,
    rollout: Rollout,
    subscribers: Vec<Subscriber>,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    let root = match &args.app {
        Some(app) => layout::app(app),
        None => layout::CONFIG.to_owned(),
    };
    listing::run(&args.options, &root, global, async |session, view| {
        read(args.app.as_ref(), &Store::new(&session.client), view).await
    })
    .await
}

async fn read(app: Option<&AppName>, store: &Store, view: &View) -> anyhow::Result<Listed> {
    if let Some(app) = app {
        let found = find(store, app).await?;
        let found = [found.ok_or_else(|| Error::NoApp(app.clone()))?];
        return Ok(Listed {
            page: page::page(&found, Vec::new(), view)?,
            why_empty: format!("no container mounts {app}"),
        });
    }
    let (mut found, mut skipped) = (Vec::new(), Vec::new());
    for summary in store.apps().await? {
        match find(store, &summary.app).await {
            Ok(app) => found.extend(app),
            Err(error @ Error::ZooKeeper(_)) => return Err(error.into()),
            Err(why) => skipped.push(dockeeper_registry::cluster::Skipped {
                path: layout::app(&summary.app),
                why: why.to_string(),
            }),
        }
    }
    let why_empty = match found.is_empty() {
        true => "no app has a configuration",
        false => "no container mounts a configuration",
    };
    Ok(Listed {
        page: page::page(&found, skipped, view)?,
        why_empty: why_empty.to_owned(),
    })
}

/// An app that has a release.
async fn find(store: &Store, app: &AppName) -> Result<Option<Found>, Error> {
    let (head, rollout, applied) =
        try_join!(store.head(app), store.rollout(app), store.applied(app))?;
    let Some((head, rollout)) = head.zip(rollout) else {
        return Ok(None);
    };
    let subscribers = applied.into_iter().flat_map(|(node, applied)| {
        let acks = applied.containers.into_iter();
        acks.map(move |(id, ack)| Subscriber {
            node: node.clone(),
            id,
            ack,
        })
    });
    let mut subscribers: Vec<_> = subscribers.collect();
    subscribers.sort_by(|a, b| (&a.node, &a.ack.name).cmp(&(&b.node, &b.ack.name)));
    Ok(Some(Found {
        app: app.clone(),
        head,
        rollout,
        subscribers,
    }))
}

/// What a rollout is doing, in a word or two.
pub(super) fn rollout_cell(rollout: Option<&Rollout>) -> Cell {
    let Some(rollout) = rollout else {
        return "".into();
    };
    let (stage, stages) = (rollout.stage, rollout.policy.stages.len());
    match rollout.phase {
        Phase::Done => Cell::new("done", Tone::Good),
        Phase::Rolling => Cell::new(format!("stage {stage} of {stages}"), Tone::Attention),
        Phase::Paused => Cell::new("paused", Tone::Attention),
        Phase::AwaitingApproval => Cell::new("awaiting approval", Tone::Attention),
        Phase::Aborting | Phase::Failing if rollout.is_stuck => Cell::new("stuck", Tone::Bad),
        Phase::Aborting => Cell::new("aborting", Tone::Bad),
        Phase::Failing => Cell::new("failing", Tone::Bad),
    }
}

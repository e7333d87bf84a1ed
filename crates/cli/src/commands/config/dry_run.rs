//! What a release would be, and what each container would get of it, without making it.
//!
//! Templates are rendered here with what the cluster shows to everybody. What only a host knows stays
//! out: secrets are shown as `***`, and a container whose agent is away is said to be unknown.

mod outcome;
mod rendering;
mod world;

use self::{outcome::Outcome, rendering::Renderings, world::World};
use super::{differences::describe, publishing::overtaken};
use crate::{
    args::Global,
    clock,
    exit::{Code, Failure},
    output::{self, text},
    zookeeper::Session,
};
use dockeeper_config::{
    bundle::Bundle,
    store::{Edit, Preview, Store},
};
use dockeeper_model::config::AppName;
use std::collections::BTreeMap;

/// How many of the containers are named that get the same.
const NAMED_MAX: usize = 3;

/// What becomes of containers, and which.
type Outcomes = BTreeMap<Outcome, Vec<String>>;

/// Shows it.
///
/// # Errors
///
/// When it could not be a release, or could not be rendered for a container.
pub(super) async fn run(
    app: &AppName,
    edit: &Edit,
    expect: Option<u64>,
    global: &Global,
) -> anyhow::Result<()> {
    let (preview, outcomes) = super::with(global, async |session, store| {
        let preview = store.preview(app, edit, expect).await;
        let preview = preview.map_err(|error| overtaken(error, clock::now_ms()))?;
        let outcomes = outcomes(session, store, app, &preview.after).await?;
        Ok((preview, outcomes))
    })
    .await?;
    output::print(&told(app, &preview, &outcomes))?;
    let failing = outcomes.iter().filter(|(outcome, _)| outcome.is_failure());
    let failing: Vec<_> = failing.map(|(_, names)| who(names)).collect();
    if failing.is_empty() {
        return Ok(());
    }
    let failing = failing.join(", ");
    let why = format!("{app} could not be rendered for {failing}; nothing was changed");
    Err(Failure::new(Code::Failure, why).into())
}

/// What each container that mounts the app would get.
async fn outcomes(
    session: &Session,
    store: &Store,
    app: &AppName,
    after: &Bundle,
) -> anyhow::Result<Outcomes> {
    let applied = store.applied(app).await?;
    let world = World::read(session, app, after).await?;
    let mut renderings = Renderings::new(store, app, after, world);
    let mut outcomes = Outcomes::new();
    for (node, applied) in applied {
        for (id, ack) in applied.containers {
            let outcome = renderings.outcome(&node, &id, ack.running).await?;
            let name = format!("{node}/{}", text::clean(&ack.name));
            outcomes.entry(outcome).or_default().push(name);
        }
    }
    if outcomes.is_empty() {
        outcomes.insert(renderings.without_container().await?, Vec::new());
    }
    Ok(outcomes)
}

fn told(app: &AppName, preview: &Preview, outcomes: &Outcomes) -> String {
    let changed = describe(&preview.before, &preview.after);
    let before = match &preview.head {
        Some(head) => format!("release {}", head.release),
        None => "no release".to_owned(),
    };
    let mut told = match changed.as_str() {
        "" => format!("{app} would stay at {before}: nothing differs\n"),
        changed => format!("{app} would differ from {before}:\n{changed}"),
    };
    for (outcome, names) in outcomes {
        told += &format!("\n{}", outcome.told(&who(names)));
    }
    told
}

fn who(names: &[String]) -> String {
    let named = names.iter().take(NAMED_MAX).cloned();
    let named = named.collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED_MAX) {
        0 if names.is_empty() => "a container".to_owned(),
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

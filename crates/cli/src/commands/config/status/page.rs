//! What `config status` prints.

use super::{Found, rollout_cell, subscriber::Subscriber};
use crate::{
    commands::config::releases,
    listing::{Page, View},
    output::{
        Format,
        age::ago,
        json,
        table::{Cell, Table, Tone},
        text,
    },
};
use dockeeper_model::config::{Ack, AppName, ContainerRef, Rollout, Step};
use dockeeper_registry::cluster::Skipped;
use serde::Serialize;

/// An app as JSON shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    app: &'a AppName,
    head: releases::Item<'a>,
    rollout: &'a Rollout,
    containers: Vec<Container<'a>>,
}

/// A container as JSON shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Container<'a> {
    node: &'a str,
    id: &'a ContainerRef,
    #[serde(flatten)]
    ack: &'a Ack,
    is_done: bool,
    why: String,
}

/// The apps and their containers; empty where there is no container.
pub(super) fn page(found: &[Found], skipped: Vec<Skipped>, view: &View) -> anyhow::Result<Page> {
    let has_none = found.iter().all(|found| found.subscribers.is_empty());
    let items = || found.iter().map(Item::from).collect::<Vec<_>>();
    Ok(Page {
        text: match view.format {
            Format::Json => json::array(&items())?,
            Format::Name => found.iter().flat_map(behind).collect(),
            Format::Table | Format::Wide => tables(found, view).join("\n"),
        },
        is_empty: has_none,
        skipped,
        warnings: Vec::new(),
        note: None,
    })
}

/// Those that do not run the newest release, a line each.
fn behind(found: &Found) -> impl Iterator<Item = String> {
    let subscribers = found.subscribers.iter();
    let behind = subscribers.filter(|subscriber| !subscriber.is_done(&found.rollout));
    behind.map(|subscriber| {
        let name = text::clean(&subscriber.ack.name);
        format!("{}/{name}\n", subscriber.node)
    })
}

fn tables(found: &[Found], view: &View) -> Vec<String> {
    let mut apps = Table::new(&["APP", "RELEASE", "ROLLOUT", "SINCE", "WHY"]);
    let mut containers = containers_table(view);
    let mut failures = Table::new(&["APP", "FAILED", "CONTAINER", "REASON"]);
    for Found {
        app,
        head,
        rollout,
        subscribers,
    } in found
    {
        apps.push(vec![
            app.as_str().into(),
            head.release.to_string().into(),
            rollout_cell(Some(rollout)),
            ago(view.now_ms, rollout.changed_ms).into(),
            rollout.reason.as_str().into(),
        ]);
        for subscriber in subscribers {
            containers.push(row(app, rollout, subscriber, view));
        }
        for failure in &rollout.failures {
            failures.push(vec![
                app.as_str().into(),
                format!("{}/{}", failure.node, failure.name).into(),
                failure.container.as_str().into(),
                failure.reason.as_str().into(),
            ]);
        }
    }
    let has_failures = found.iter().any(|found| !found.rollout.failures.is_empty());
    let has_some = found.iter().any(|found| !found.subscribers.is_empty());
    let tables = [
        (!found.is_empty(), apps),
        (has_failures, failures),
        (has_some, containers),
    ];
    let tables = tables.into_iter().filter(|(is_wanted, _)| *is_wanted);
    tables.map(|(_, table)| table.render(view.screen)).collect()
}

fn containers_table(view: &View) -> Table {
    let mut header = vec![
        "APP",
        "NODE",
        "CONTAINER",
        "RUNS",
        "TO RUN",
        "STEP",
        "SINCE",
        "WHY",
    ];
    if view.is_wide() {
        header.extend(["ID", "DIGEST"]);
    }
    Table::new(&header)
}

fn row(app: &AppName, rollout: &Rollout, subscriber: &Subscriber, view: &View) -> Vec<Cell> {
    let ack = &subscriber.ack;
    let running = ack.running.map(|release| release.to_string());
    let tone = match ack.step {
        Step::Healthy => Tone::Good,
        Step::Failed => Tone::Bad,
        _ => Tone::Attention,
    };
    let mut row = vec![
        app.as_str().into(),
        subscriber.node.as_str().into(),
        ack.name.as_str().into(),
        running.unwrap_or_default().into(),
        ack.target.to_string().into(),
        Cell::new(ack.step.as_str(), tone),
        ago(view.now_ms, ack.since_ms).into(),
        subscriber.why(rollout).into(),
    ];
    if view.is_wide() {
        let digest = ack.digest.map(|digest| digest.short());
        row.extend([
            subscriber.id.as_str().into(),
            digest.unwrap_or_default().into(),
        ]);
    }
    row
}

// === impl Item ===

impl<'a> From<&'a Found> for Item<'a> {
    fn from(found: &'a Found) -> Self {
        let container = |subscriber: &'a Subscriber| Container {
            node: subscriber.node.as_str(),
            id: &subscriber.id,
            ack: &subscriber.ack,
            is_done: subscriber.is_done(&found.rollout),
            why: subscriber.why(&found.rollout),
        };
        Self {
            app: &found.app,
            head: (&found.head).into(),
            rollout: &found.rollout,
            containers: found.subscribers.iter().map(container).collect(),
        }
    }
}

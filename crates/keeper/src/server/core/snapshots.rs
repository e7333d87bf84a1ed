//! Snapshots, in slices between turns.

use super::super::limits::SNAPSHOT_SLICE_NODES;
use crate::{
    machine::Machine,
    storage::snapshot::{self, SnapshotEvent, SnapshotWriter},
    traffic::Latency,
};
use bytes::Bytes;
use std::future::pending;
use tokio::{sync::mpsc, time::Instant};

/// How many events of one snapshot may wait: there are few, and each answers something.
const EVENTS: usize = 8;

/// Makes a snapshot when one is due.
#[derive(Debug)]
pub(in super::super) struct Snapshots {
    snapshots: snapshot::Snapshots,
    active: Option<Active>,
    taken: Latency,
}

/// A snapshot under way.
#[derive(Debug)]
struct Active {
    /// `None` once all blocks have been given.
    writer: Option<SnapshotWriter>,
    /// A block that the disk was too slow for.
    refused: Option<Bytes>,
    events: mpsc::Receiver<SnapshotEvent>,
    since: Instant,
}

// === impl Snapshots ===

impl Snapshots {
    pub(in super::super) fn new(snapshots: snapshot::Snapshots) -> Self {
        Self {
            snapshots,
            active: None,
            taken: Latency::default(),
        }
    }

    /// How long the snapshots since the start took.
    pub(super) fn taken(&self) -> Latency {
        self.taken
    }

    /// Begins one if it is time. The log has been given all that the machine has changed.
    pub(super) fn begin_if_due(&mut self, machine: &mut Machine) {
        if self.active.is_some() || !self.snapshots.is_due() {
            return;
        }
        let (event, events) = mpsc::channel(EVENTS);
        let zxid = machine.snapshot_begin();
        // It is full only if nobody listens any more.
        let begun = self
            .snapshots
            .begin(zxid, move |said| drop(event.try_send(said)));
        match begun {
            Ok(writer) => {
                tracing::debug!(zxid = format_args!("{zxid:#x}"), "a snapshot begins");
                self.active = Some(Active {
                    writer: Some(writer),
                    refused: None,
                    events,
                    since: Instant::now(),
                });
            }
            Err(error) => tracing::warn!(
                %error,
                "no new snapshot, so the log stays as long as it is; it is tried again"
            ),
        }
    }

    /// Ends when there is something to do for a snapshot.
    pub(super) async fn ready(&mut self) {
        let Some(active) = &mut self.active else {
            return pending().await;
        };
        if active.can_go_on() {
            return tokio::task::consume_budget().await;
        }
        match active.events.recv().await {
            Some(SnapshotEvent::Ready) => active.give_again(),
            Some(event) => self.end(event),
            None => self.active = None,
        }
    }

    /// Takes one slice, if the disk takes it.
    pub(super) fn step(&mut self, machine: &mut Machine) {
        let Some(active) = self.active.as_mut().filter(|active| active.can_go_on()) else {
            return;
        };
        match machine.snapshot_block(SNAPSHOT_SLICE_NODES) {
            Some(block) => active.give(block),
            None => {
                if let Some(writer) = active.writer.take() {
                    writer.finish();
                }
            }
        }
    }

    fn end(&mut self, event: SnapshotEvent) {
        let Some(active) = self.active.take() else {
            return;
        };
        match event {
            SnapshotEvent::Written { zxid, len, left } => {
                let took = active.since.elapsed();
                self.taken.add(took);
                tracing::debug!(
                    zxid = format_args!("{zxid:#x}"),
                    bytes = len,
                    ?took,
                    "snapshot"
                );
                if let Some(error) = left {
                    tracing::warn!("what the snapshot makes needless stays: {error}");
                }
            }
            SnapshotEvent::Failed(error) => tracing::error!("{error}"),
            SnapshotEvent::Ready => {}
        }
    }

    /// Gives up what is under way: the log has all that the snapshot would have had.
    pub(super) fn give_up(self) {}
}

// === impl Active ===

impl Active {
    fn can_go_on(&self) -> bool {
        self.writer.is_some() && self.refused.is_none()
    }

    fn give(&mut self, block: Bytes) {
        if let Some(writer) = &mut self.writer {
            self.refused = writer.push(block).err();
        }
    }

    fn give_again(&mut self) {
        if let Some(block) = self.refused.take() {
            self.give(block);
        }
    }
}

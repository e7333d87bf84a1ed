//! What the plugin answers.

use super::{Refusal, Volume};
use serde::Serialize;
use serde_json::{Value, json};
use std::path::Path;

/// The interface that the plugin has.
const IMPLEMENTS: &str = "VolumeDriver";

/// Volumes of this driver are of one host each: others have their own of the same name.
const SCOPE: &str = "local";

/// What a volume looks like in Docker's commands. It has no place of its own: each mount has one.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Description<'a> {
    name: &'a str,
    mountpoint: &'a str,
    /// Shown by `docker volume inspect`.
    status: Value,
}

pub(super) fn activated() -> Value {
    json!({ "Implements": [IMPLEMENTS] })
}

pub(super) fn capabilities() -> Value {
    json!({ "Capabilities": { "Scope": SCOPE } })
}

pub(super) fn done() -> Value {
    json!({ "Err": "" })
}

pub(super) fn refused(refusal: &Refusal) -> Value {
    json!({ "Err": refusal.to_string() })
}

pub(super) fn volume(volume: &Volume) -> Value {
    json!({ "Volume": Description::of(volume), "Err": "" })
}

pub(super) fn volumes(volumes: &[Volume]) -> Value {
    let volumes: Vec<_> = volumes.iter().map(Description::of).collect();
    json!({ "Volumes": volumes, "Err": "" })
}

pub(super) fn mountpoint(path: &Path) -> Value {
    json!({ "Mountpoint": path.to_string_lossy(), "Err": "" })
}

// === impl Description ===

impl<'a> Description<'a> {
    fn of(volume: &'a Volume) -> Self {
        Self {
            name: volume.name.as_str(),
            mountpoint: "",
            status: json!({ "config": volume.options.config }),
        }
    }
}

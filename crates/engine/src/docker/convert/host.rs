use bollard::models::{ContainerSummary, SystemInfo, SystemVersion};

use super::text;
use crate::{ContainerId, Info, Version};

/// An answer to the question for the version that does not name the API's.
#[derive(Debug, thiserror::Error)]
#[error("no ApiVersion")]
pub(in crate::docker) struct NoApiVersion;

/// What the engine says of itself. Anything else may be missing, but whatever names no version of
/// the API is no engine.
pub(in crate::docker) fn version(answer: SystemVersion) -> Result<Version, NoApiVersion> {
    Ok(Version {
        api: answer.api_version.ok_or(NoApiVersion)?,
        engine: text(answer.version),
        os: text(answer.os),
        arch: text(answer.arch),
    })
}

/// What the engine says of its host.
pub(in crate::docker) fn info(answer: SystemInfo) -> Info {
    let label = |label: String| match label.split_once('=') {
        Some((key, value)) => (key.to_owned(), value.to_owned()),
        None => (label, String::new()),
    };
    Info {
        name: text(answer.name),
        cpus: answer.ncpu.and_then(|n| n.try_into().ok()).unwrap_or(0),
        memory_bytes: answer
            .mem_total
            .and_then(|n| n.try_into().ok())
            .unwrap_or(0),
        kernel: text(answer.kernel_version),
        labels: answer
            .labels
            .unwrap_or_default()
            .into_iter()
            .map(label)
            .collect(),
        containers: answer
            .containers
            .and_then(|n| n.try_into().ok())
            .unwrap_or(0),
    }
}

/// The ids of a list of containers, sorted.
pub(in crate::docker) fn ids(answer: Vec<ContainerSummary>) -> Vec<ContainerId> {
    let id = |container: ContainerSummary| container.id?.parse().ok();
    let mut ids: Vec<ContainerId> = answer.into_iter().filter_map(id).collect();
    ids.sort_unstable();
    ids
}

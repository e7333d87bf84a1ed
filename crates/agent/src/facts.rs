//! What an agent says of its host.

use crate::{Error, clock::now_ms};
use dockeeper_engine::Engine;
use dockeeper_model::{NodeName, node::EngineInfo};

/// The kernel's random id of this boot.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// What does not change while the agent runs.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) hostname: String,
    pub(crate) boot_id: String,
    pub(crate) started_ms: i64,
}

// === impl Facts ===

impl Facts {
    pub(crate) fn read() -> Self {
        let uname = rustix::system::uname();
        Self {
            hostname: uname.nodename().to_string_lossy().into_owned(),
            // A kernel without it is no reason to fail: the host's name tells most hosts apart.
            boot_id: std::fs::read_to_string(BOOT_ID)
                .map(|id| id.trim().to_owned())
                .unwrap_or_default(),
            started_ms: now_ms(),
        }
    }

    pub(crate) fn node_name(&self, given: Option<&NodeName>) -> Result<NodeName, Error> {
        match given {
            Some(name) => Ok(name.clone()),
            None => self.hostname.parse().map_err(|why| Error::NodeName {
                name: self.hostname.clone(),
                why,
            }),
        }
    }
}

/// What the engine says of itself; `None` while it does not answer.
pub(crate) async fn engine_info<E: Engine>(engine: &E) -> Option<EngineInfo> {
    let version = engine.version().await.ok()?;
    let info = engine.info().await.ok()?;
    Some(EngineInfo {
        version: version.engine,
        api_version: version.api,
        os: version.os,
        arch: version.arch,
        kernel: info.kernel,
        cpus: info.cpus,
        memory_bytes: info.memory_bytes,
        labels: info.labels,
    })
}

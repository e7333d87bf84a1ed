//! One request of Docker's.

use super::{Options, Refusal, Volumes, reply};
use crate::host::volume::{MountId, VolumeName};
use serde::Deserialize;
use serde_json::Value;
use std::{collections::BTreeMap, path::Path, time::Duration};
use tokio::time::timeout;

/// How long Docker waits for a mount. It starts containers before it answers anybody: each of them
/// that waits here may hold up a whole host after a boot.
pub const MOUNT_LIMIT: Duration = Duration::from_secs(30);

/// What a request has for a body. Which of the fields it has depends on what is asked.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Body {
    name: String,
    #[serde(rename = "ID")]
    id: String,
    opts: Option<BTreeMap<String, String>>,
}

/// Answers a request by its path; `None` for one that the protocol does not have.
pub(super) async fn answer<V: Volumes>(volumes: &V, path: &str, body: &[u8]) -> Option<Value> {
    let body = match body.trim_ascii() {
        // Docker sends nothing where there is nothing to say.
        b"" => Ok(Body::default()),
        body => serde_json::from_slice(body),
    };
    let body = match body {
        Ok(body) => body,
        Err(error) => {
            let refusal = Refusal::new(format!("cannot understand Docker's request: {error}"));
            return Some(reply::refused(&refusal));
        }
    };
    let answered = match path {
        "/Plugin.Activate" => Ok(reply::activated()),
        "/VolumeDriver.Capabilities" => Ok(reply::capabilities()),
        "/VolumeDriver.Create" => create(volumes, body).await,
        "/VolumeDriver.Get" => get(volumes, &body)
            .await
            .map(|volume| reply::volume(&volume)),
        "/VolumeDriver.List" => volumes.list().await.map(|volumes| reply::volumes(&volumes)),
        // Only a mount has a place.
        "/VolumeDriver.Path" => get(volumes, &body)
            .await
            .map(|_| reply::mountpoint(Path::new(""))),
        "/VolumeDriver.Mount" => mount(volumes, &body).await,
        "/VolumeDriver.Unmount" => unmount(volumes, &body).await,
        "/VolumeDriver.Remove" => remove(volumes, &body).await,
        _ => return None,
    };
    Some(answered.unwrap_or_else(|refusal| {
        tracing::debug!(path, %refusal, "refused Docker a request");
        reply::refused(&refusal)
    }))
}

async fn create<V: Volumes>(volumes: &V, body: Body) -> Result<Value, Refusal> {
    let name = body.volume()?;
    let options = body.opts.unwrap_or_default();
    let options = Options::parse(&name, &options)?;
    volumes.create(name, options).await?;
    Ok(reply::done())
}

async fn get<V: Volumes>(volumes: &V, body: &Body) -> Result<super::Volume, Refusal> {
    let name = body.volume()?;
    let volume = volumes.get(&name).await?;
    volume.ok_or_else(|| Refusal::new(format!("there is no volume {name}")))
}

async fn mount<V: Volumes>(volumes: &V, body: &Body) -> Result<Value, Refusal> {
    let (name, id) = (body.volume()?, body.mount()?);
    match timeout(MOUNT_LIMIT, volumes.mount(&name, &id)).await {
        Ok(path) => Ok(reply::mountpoint(&path?)),
        Err(_) => Err(Refusal::new(format!(
            "volume {name} could not be mounted within {MOUNT_LIMIT:?}: see the log of Dockeeper's \
             agent on this host"
        ))),
    }
}

async fn unmount<V: Volumes>(volumes: &V, body: &Body) -> Result<Value, Refusal> {
    volumes.unmount(&body.volume()?, &body.mount()?).await?;
    Ok(reply::done())
}

async fn remove<V: Volumes>(volumes: &V, body: &Body) -> Result<Value, Refusal> {
    volumes.remove(&body.volume()?).await?;
    Ok(reply::done())
}

// === impl Body ===

impl Body {
    fn volume(&self) -> Result<VolumeName, Refusal> {
        Ok(self.name.parse()?)
    }

    fn mount(&self) -> Result<MountId, Refusal> {
        Ok(self.id.parse()?)
    }
}

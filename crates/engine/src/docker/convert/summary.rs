use bollard::models::{ContainerSummary, ContainerSummaryStateEnum as Status, MountPoint};

use super::text;
use crate::container::{State, Summary, VolumeMount};

/// How the engine calls a mount of a volume.
const VOLUME: &str = "volume";

/// The containers of an engine's list, sorted by id. What has no id is left out.
pub(in crate::docker) fn summaries(answer: Vec<ContainerSummary>) -> Vec<Summary> {
    let mut summaries: Vec<_> = answer.into_iter().filter_map(summary).collect();
    summaries.sort_unstable_by_key(|summary| summary.id);
    summaries
}

fn summary(answer: ContainerSummary) -> Option<Summary> {
    // Others are the names by which linked containers know it.
    let is_own = |name: &&String| name.matches('/').count() == 1;
    let names = answer.names.unwrap_or_default();
    let name = names.iter().find(is_own).cloned().unwrap_or_default();
    Some(Summary {
        id: answer.id?.parse().ok()?,
        name: name.trim_start_matches('/').to_owned(),
        image: text(answer.image),
        state: state(answer.state),
        labels: answer.labels.unwrap_or_default().into_iter().collect(),
        volumes: answer
            .mounts
            .into_iter()
            .flatten()
            .filter_map(volume)
            .collect(),
    })
}

fn volume(mount: MountPoint) -> Option<VolumeMount> {
    (mount.typ.as_deref() == Some(VOLUME)).then(|| VolumeMount {
        volume: text(mount.name),
        driver: text(mount.driver),
        destination: text(mount.destination),
        is_writable: mount.rw.unwrap_or(true),
    })
}

fn state(status: Option<Status>) -> State {
    match status {
        Some(Status::CREATED) => State::Created,
        // One that is stopping still runs; only Podman tells.
        Some(Status::RUNNING | Status::STOPPING) => State::Running,
        Some(Status::PAUSED) => State::Paused,
        Some(Status::RESTARTING) => State::Restarting,
        Some(Status::REMOVING) => State::Removing,
        Some(Status::DEAD) => State::Dead,
        Some(Status::EXITED | Status::EMPTY) | None => State::Exited,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an engine 20.10 answered, with the networks left out.
    const LIST: &str = r#"[{"Id":"dafc9007c1848a0c8b425f9dab83c16a45cab611b73d32e65a76d8471c4a6a0f",
        "Names":["/other/alias","/rr"],"Image":"busybox:local","ImageID":"sha256:be31",
        "Command":"sleep 9999","Created":1795403714,"Ports":[],"Labels":{"a":"b"},
        "State":"running","Status":"Up Less than a second","HostConfig":{"NetworkMode":"none"},
        "NetworkSettings":{"Networks":{}},"Mounts":[{"Type":"volume","Name":"web","Source":"",
        "Destination":"/etc/web","Driver":"dockeeper","Mode":"ro","RW":false,"Propagation":""},
        {"Type":"bind","Source":"/tmp","Destination":"/x","Mode":"","RW":true,"Propagation":""}]}]"#;

    #[test]
    fn a_list_tells_who_has_which_volumes() {
        let summaries = summaries(serde_json::from_str(LIST).unwrap());
        assert_eq!(summaries.len(), 1);
        let summary = &summaries[0];
        assert_eq!(summary.id.short(), "dafc9007c184");
        assert_eq!(
            (summary.name.as_str(), summary.state),
            ("rr", State::Running)
        );
        assert_eq!(summary.image, "busybox:local");
        assert_eq!(summary.labels["a"], "b");
        let volume = VolumeMount {
            volume: "web".to_owned(),
            driver: "dockeeper".to_owned(),
            destination: "/etc/web".to_owned(),
            is_writable: false,
        };
        assert_eq!(summary.volumes, [volume]);
    }
}

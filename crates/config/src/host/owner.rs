//! Which container a mount belongs to.
//!
//! When Docker asks for a mount it does not say for which container, and one that is being started
//! cannot be inspected before Docker has its answer. So at that moment there are only
//! [`candidates`]. Afterwards the kernel knows: each mount is a file system of its own, and the
//! processes that have it are those of its container ([`holders`]). The number of a file system
//! cannot be forged, unlike all that is in it.
//!
//! That is also what tells whether a mount is still needed. Docker's requests do not: `docker cp`
//! mounts and unmounts what a running container has, under the same identifier, and what was
//! mounted when Docker ended it may never unmount.

mod mountinfo;

use self::mountinfo::mount_point;
use dockeeper_engine::{
    ContainerId,
    container::{State, Summary},
};
use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

/// A process that has a mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its number.
    pub pid: u32,
    /// Where it has the mount: in a container, where the volume is there.
    pub mount_point: PathBuf,
    /// What its control groups are called: a container's id is part of it.
    pub cgroup: String,
}

/// The containers for which Docker may be asking for a mount of a volume: those that have it and do
/// not run. There is often just one.
pub fn candidates<'a>(summaries: &'a [Summary], volume: &str, driver: &str) -> Vec<&'a Summary> {
    let has_it = |summary: &&Summary| {
        let mut volumes = summary.volumes.iter();
        volumes.any(|mount| mount.volume == volume && mount.driver == driver)
    };
    let is_down = |summary: &&Summary| !matches!(summary.state, State::Running | State::Paused);
    summaries.iter().filter(has_it).filter(is_down).collect()
}

/// The processes that have a file system elsewhere than at `path`, where this host has it; one for
/// each place that has mounts of its own.
///
/// # Errors
///
/// When `/proc` cannot be read.
pub fn holders(device: u64, path: &Path) -> io::Result<Vec<Holder>> {
    let mut places = HashSet::new();
    let mut holders = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // Whatever cannot be read is of a process that has ended meanwhile. Others may be in the same
        // place.
        let process = entry.path();
        let Ok(place) = fs::read_link(process.join("ns/mnt")) else {
            continue;
        };
        if places.contains(&place) {
            continue;
        }
        let Ok(mounts) = fs::read_to_string(process.join("mountinfo")) else {
            continue;
        };
        places.insert(place);
        if let Some(mount_point) = mount_point(&mounts, device, path) {
            let cgroup = fs::read_to_string(process.join("cgroup")).unwrap_or_default();
            holders.push(Holder {
                pid,
                mount_point,
                cgroup,
            });
        }
    }
    Ok(holders)
}

// === impl Holder ===

impl Holder {
    /// Whether it is a process of this container.
    pub fn is_of(&self, container: &ContainerId) -> bool {
        self.cgroup.contains(&container.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockeeper_engine::container::VolumeMount;

    fn summary(n: u8, state: State, volume: &str, driver: &str) -> Summary {
        Summary {
            id: ContainerId::from_bytes([n; 32]),
            name: format!("c{n}"),
            image: "busybox:local".to_owned(),
            state,
            labels: [].into(),
            volumes: vec![VolumeMount {
                volume: volume.to_owned(),
                driver: driver.to_owned(),
                destination: "/etc/web".to_owned(),
                is_writable: false,
            }],
        }
    }

    #[test]
    fn who_runs_has_its_mount_already() {
        let summaries = [
            summary(1, State::Running, "web", "dockeeper"),
            summary(2, State::Created, "web", "dockeeper"),
            summary(3, State::Exited, "web", "local"),
            summary(4, State::Exited, "shop", "dockeeper"),
            summary(5, State::Paused, "web", "dockeeper"),
        ];
        let candidates = candidates(&summaries, "web", "dockeeper");
        assert_eq!(candidates, [&summaries[1]]);
    }

    #[test]
    fn a_process_is_its_containers() {
        let container = ContainerId::from_bytes([7; 32]);
        let holder = Holder {
            pid: 1,
            mount_point: "/etc/web".into(),
            cgroup: format!("0::/docker/{container}\n"),
        };
        assert!(holder.is_of(&container));
        assert!(!holder.is_of(&ContainerId::from_bytes([8; 32])));
    }

    #[test]
    fn nobody_holds_what_is_where_it_belongs() {
        // Everybody here has the root's file system at its place.
        let device = rustix::fs::stat("/proc").unwrap().st_dev;
        let holders = holders(device, Path::new("/proc")).unwrap();
        let own = std::process::id();
        assert!(
            holders.iter().all(|holder| holder.pid != own),
            "{holders:?}"
        );
    }
}

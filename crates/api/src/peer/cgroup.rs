//! Which containers a process is in, by its control groups. Does no I/O.

use dockeeper_engine::ContainerId;

/// How many containers around one another are looked at.
const DEPTH_MAX: usize = 4;

/// How systemd's units for groups of processes end.
const SCOPE: &str = ".scope";

/// The containers that `/proc/<pid>/cgroup` names, from the outermost to the innermost: in a
/// container that runs an engine of its own, only the outer one is an engine's on this host.
///
/// Both of the kernel's forms are read, one line for each hierarchy (version 1) or one for all
/// (version 2), and what both of Docker's drivers make of an id: `/docker/<id>` (cgroupfs) and
/// `/system.slice/docker-<id>.scope` (systemd), below any parent.
pub(crate) fn containers(cgroup: &str) -> Vec<ContainerId> {
    let mut found: Vec<(usize, ContainerId)> = Vec::new();
    for line in cgroup.lines() {
        // The names of controllers have no colon; that of a group may.
        let Some(path) = line.splitn(3, ':').nth(2) else {
            continue;
        };
        for (depth, name) in path.split('/').enumerate() {
            let Some(id) = container(name) else {
                continue;
            };
            match found.iter_mut().find(|(_, known)| *known == id) {
                Some((known_depth, _)) => *known_depth = depth.min(*known_depth),
                None => found.push((depth, id)),
            }
        }
    }
    found.sort_by_key(|(depth, _)| *depth);
    found
        .into_iter()
        .map(|(_, id)| id)
        .take(DEPTH_MAX)
        .collect()
}

/// The container that a group is for.
fn container(name: &str) -> Option<ContainerId> {
    let name = name.strip_suffix(SCOPE).unwrap_or(name);
    let (_, id) = name.rsplit_once('-').unwrap_or(("", name));
    id.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTER: &str = "1111111111111111111111111111111111111111111111111111111111111111";
    const INNER: &str = "2222222222222222222222222222222222222222222222222222222222222222";

    fn found(cgroup: &str) -> Vec<String> {
        let found = containers(cgroup);
        found.iter().map(ContainerId::to_string).collect()
    }

    #[test]
    fn a_container_is_found_in_every_form() {
        for cgroup in [
            format!("0::/docker/{OUTER}\n"),
            format!("0::/system.slice/docker-{OUTER}.scope\n"),
            format!("0::/../{OUTER}\n"),
            format!("0::/my.slice/my-batch.slice/docker-{OUTER}.scope\n"),
            format!("0::/docker/{OUTER}/init.scope\n"),
            format!("12:cpu,cpuacct:/docker/{OUTER}\n1:name=systemd:/docker/{OUTER}\n0::/\n"),
            format!("9:memory:/system.slice/docker-{OUTER}.scope\n8:pids:/\n"),
        ] {
            assert_eq!(found(&cgroup), [OUTER], "{cgroup}");
        }
    }

    #[test]
    fn a_process_of_the_host_is_in_none() {
        for cgroup in [
            "",
            "nonsense",
            "0::/\n",
            "0::/user.slice/user-0.slice/session-1.scope\n",
            "1:name=systemd:/system.slice/docker.service\n",
            &format!("0::/docker/{}\n", &OUTER[1..]),
            &format!("0::/{OUTER}x\n"),
        ] {
            assert_eq!(found(cgroup), [""; 0], "{cgroup}");
        }
    }

    #[test]
    fn the_outermost_comes_first_whatever_the_order_of_the_lines() {
        let nested = format!("/docker/{OUTER}/docker/{INNER}");
        for cgroup in [
            format!("0::{nested}\n"),
            format!("2:pids:{nested}\n1:cpu:/docker/{OUTER}\n"),
            format!("2:pids:/a/b/c/d/{INNER}\n1:cpu:{nested}\n"),
        ] {
            assert_eq!(found(&cgroup), [OUTER, INNER], "{cgroup}");
        }
        let deep: String = (0..9).map(|n| format!("/{n:064}")).collect();
        assert_eq!(found(&format!("0::{deep}\n")).len(), DEPTH_MAX);
    }
}

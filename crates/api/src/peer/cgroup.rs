//! Which containers a process is in, by its control groups. Does no I/O.

use dockeeper_engine::ContainerId;

/// How many containers around one another are looked at.
const DEPTH_MAX: usize = 4;

/// How many hierarchies of groups are looked at: the first version has one for each controller, of
/// which there are fourteen, and systemd's own; the second has one for all.
const HIERARCHIES_MAX: usize = 16;

/// How systemd's units for groups of processes end.
const SCOPE: &str = ".scope";

/// A control group that has a container's name. Whoever may make groups, which systemd lets users do
/// in their own, may give one any name: it is the container's if the container's own first process
/// is in it as well.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Group {
    pub(crate) container: ContainerId,
    /// The hierarchy's controllers and the group's path.
    place: String,
    depth: usize,
}

// === impl Group ===

impl Group {
    /// The groups of containers' names that `/proc/<pid>/cgroup` names, from the outermost to the
    /// innermost: in a container that runs an engine of its own, only the outer one is an engine's
    /// on this host.
    ///
    /// Both of the kernel's forms are read, one line for each hierarchy (version 1) or one for all
    /// (version 2), and what both of Docker's drivers make of an id: `/docker/<id>` (cgroupfs) and
    /// `/system.slice/docker-<id>.scope` (systemd), below any parent.
    pub(crate) fn all(cgroup: &str) -> Vec<Self> {
        let lines = cgroup.lines().take(HIERARCHIES_MAX);
        let mut found: Vec<_> = lines.flat_map(Self::of_hierarchy).collect();
        // Stable: those of one depth stay in the order of the lines.
        found.sort_by_key(|group| group.depth);
        let mut containers = Vec::new();
        found.retain(|group| {
            let is_known = containers.contains(&group.container);
            let is_looked_at = is_known || containers.len() < DEPTH_MAX;
            if !is_known && is_looked_at {
                containers.push(group.container);
            }
            is_looked_at
        });
        found
    }

    fn of_hierarchy(line: &str) -> Vec<Self> {
        // The names of controllers have no colon; that of a group may.
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else {
            return Vec::new();
        };
        let mut end = 0;
        let names = path.split('/').enumerate().filter_map(|(depth, name)| {
            end += name.len() + usize::from(depth > 0);
            Some(Self {
                container: container(name)?,
                place: format!("{controllers}:{}", &path[..end]),
                depth,
            })
        });
        names.collect()
    }
}

/// The container that a group is named for.
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

    /// The containers, each once.
    fn found(cgroup: &str) -> Vec<String> {
        let mut found = Vec::new();
        for group in Group::all(cgroup) {
            let id = group.container.to_string();
            if !found.contains(&id) {
                found.push(id);
            }
        }
        found
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

    #[test]
    fn processes_of_one_container_have_a_group_in_common_and_others_have_not() {
        let shares = |one: &str, other: &str| {
            let others = Group::all(other);
            Group::all(one).iter().any(|group| others.contains(group))
        };
        let main = format!("0::/docker/{OUTER}/init.scope\n");
        for same in [
            format!("0::/docker/{OUTER}\n"),
            format!("0::/docker/{OUTER}/system.slice/cron.service\n"),
            format!("0::/docker/{OUTER}/docker/{INNER}\n"),
        ] {
            assert!(shares(&same, &main), "{same}");
        }
        for other in [
            format!("0::/user.slice/user@1000.service/{OUTER}\n"),
            format!("0::/user.slice/user@1000.service/docker/{OUTER}/init.scope\n"),
            format!("0::/system.slice/docker-{OUTER}.scope\n"),
            format!("1:name=mine:/docker/{OUTER}\n"),
        ] {
            assert!(!shares(&other, &main), "{other}");
        }
    }
}

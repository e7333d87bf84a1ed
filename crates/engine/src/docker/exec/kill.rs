use rustix::process::{Pid, Signal, getpgid, kill_process, kill_process_group};

use crate::ContainerId;

/// Kills a command that was run in a container, with what it has started, by the number of its
/// process as the engine tells it. The error says why that cannot be done from here: the engine may
/// be on another host, and this process may lack the right.
pub(super) fn kill(container: &ContainerId, pid: i64) -> Result<(), String> {
    let number = i32::try_from(pid).ok().filter(|pid| *pid > 1);
    let process = number.and_then(Pid::from_raw);
    let process = process.ok_or_else(|| format!("it has no process here ({pid})"))?;
    // The number is the engine's. Where it is somebody else's here, nothing must happen to him.
    let groups = std::fs::read_to_string(format!("/proc/{pid}/cgroup"));
    let groups = groups.map_err(|error| format!("cannot see its process {pid}: {error}"))?;
    if !groups.contains(&container.to_string()) {
        return Err(format!("process {pid} here is another one"));
    }
    // The engine makes it the leader of a group of its own.
    let killed = match getpgid(Some(process)) {
        Ok(group) if group == process => kill_process_group(process, Signal::KILL),
        _ => kill_process(process, Signal::KILL),
    };
    killed.map_err(|error| format!("cannot kill its process {pid}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_is_killed() {
        let container = ContainerId::from_bytes([7; 32]);
        let own = i64::from(std::process::id());
        for (pid, why) in [
            (own, "is another one"),
            (0, "no process"),
            (1, "no process"),
            (-own, "no process"),
            (i64::MAX, "no process"),
        ] {
            let error = kill(&container, pid).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}

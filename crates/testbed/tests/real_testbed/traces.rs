//! What a testbed leaves on the machine, looked for without the testbed's own means.

use std::{fs, path::Path};

use dockeeper_testbed::Layout;

/// All that bears the name of the testbed: namespaces, links, mounts, control groups, processes,
/// files.
pub(crate) fn of(layout: &Layout) -> Vec<String> {
    let name = layout.name();
    let belongs = |entry: &str| entry == name || entry.starts_with(&format!("{name}-"));
    let mut places = vec!["/run/netns".to_owned(), "/sys/class/net".to_owned()];
    places.extend(list("/sys/fs/cgroup").map(|hierarchy| format!("/sys/fs/cgroup/{hierarchy}")));
    let mut traces: Vec<_> = places
        .iter()
        .flat_map(|place| {
            list(place)
                .filter(|e| belongs(e))
                .map(move |e| format!("{place}/{e}"))
        })
        .collect();
    let directory = layout.directory();
    traces.extend(directory.exists().then(|| directory.display().to_string()));
    let record = Path::new("/run/dockeeper-testbed")
        .join(&name)
        .with_extension("json");
    traces.extend(record.exists().then(|| record.display().to_string()));
    let needle = format!("{}/", directory.display());
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    traces.extend(
        mounts
            .lines()
            .filter(|mount| mount.contains(&needle))
            .map(str::to_owned),
    );
    let commands = list("/proc")
        .filter(|pid| pid.parse::<u32>().is_ok())
        .filter_map(|pid| {
            fs::read_to_string(format!("/proc/{pid}/cmdline"))
                .ok()
                .map(|line| format!("{pid} {line}"))
        });
    traces.extend(commands.filter(|command| command.contains(&needle)));
    traces
}

fn list(directory: &str) -> impl Iterator<Item = String> + use<> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok())
}

use std::fmt::{Display, Write};

/// The answer to `wchs`: how many connections watch how many paths with how many watches.
pub fn wchs(connections: usize, paths: usize, watches: usize) -> String {
    format!("{connections} connections watching {paths} paths\nTotal watches:{watches}\n")
}

/// The answer to `wchc`: sessions and the paths that each watches.
pub fn wchc<'a, P: IntoIterator<Item = &'a str>>(
    sessions: impl IntoIterator<Item = (i64, P)>,
) -> String {
    let groups = sessions
        .into_iter()
        .map(|(session, paths)| (id(session), paths));
    grouped(groups)
}

/// The answer to `wchp`: paths and the sessions that watch each.
pub fn wchp<'a, S: IntoIterator<Item = i64>>(
    paths: impl IntoIterator<Item = (&'a str, S)>,
) -> String {
    let groups = paths
        .into_iter()
        .map(|(path, sessions)| (path, sessions.into_iter().map(id)));
    grouped(groups)
}

/// A session as the words write it.
pub(super) fn id(session: i64) -> String {
    format!("0x{session:x}")
}

fn grouped<T: Display, M: IntoIterator<Item: Display>>(
    groups: impl IntoIterator<Item = (T, M)>,
) -> String {
    let mut out = String::new();
    for (title, members) in groups {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{title}");
        for member in members {
            let _ = writeln!(out, "\t{member}");
        }
    }
    out.push('\n');
    out
}

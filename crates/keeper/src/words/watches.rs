use super::list::List;
use std::fmt::Display;

/// The answer to `wchs`: how many connections watch how many paths with how many watches.
pub fn wchs(connections: usize, paths: usize, watches: usize) -> String {
    format!("{connections} connections watching {paths} paths\nTotal watches:{watches}\n")
}

/// The answer to `wchc`: sessions and the paths that each watches, some of `total` or all.
pub fn wchc<'a, P: IntoIterator<Item = &'a str>>(
    sessions: impl IntoIterator<Item = (i64, P)>,
    total: usize,
) -> String {
    let groups = sessions
        .into_iter()
        .map(|(session, paths)| (id(session), paths));
    grouped(groups, total)
}

/// The answer to `wchp`: paths and the sessions that watch each, some of `total` or all.
pub fn wchp<'a, S: IntoIterator<Item = i64>>(
    paths: impl IntoIterator<Item = (&'a str, S)>,
    total: usize,
) -> String {
    let groups = paths
        .into_iter()
        .map(|(path, sessions)| (path, sessions.into_iter().map(id)));
    grouped(groups, total)
}

/// A session as the words write it.
pub(super) fn id(session: i64) -> String {
    format!("0x{session:x}")
}

fn grouped<T: Display, M: IntoIterator<Item: Display>>(
    groups: impl IntoIterator<Item = (T, M)>,
    total: usize,
) -> String {
    let mut out = String::new();
    let mut list = List::new(&mut out);
    for (title, members) in groups {
        if !list.title(format_args!("{title}")) {
            break;
        }
        for member in members {
            if !list.entry(format_args!("\t{member}")) {
                break;
            }
        }
    }
    list.end(total, "watches");
    out.push('\n');
    out
}

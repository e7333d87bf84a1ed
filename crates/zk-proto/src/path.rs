//! Which paths a server accepts.

/// Why a string is not a znode's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// It does not begin at the root.
    #[error("it does not begin with '/'")]
    Relative,
    /// It ends in a slash.
    #[error("it ends with '/'")]
    TrailingSlash,
    /// A name between two slashes is empty.
    #[error("it has an empty name, '//'")]
    EmptyName,
    /// A name is `.` or `..`.
    #[error("it has the name '.' or '..'")]
    Dots,
    /// A character is not allowed.
    #[error("it has the character {0:?}")]
    Character(char),
}

/// Checks that `path` is one that Apache ZooKeeper accepts: absolute, without empty or relative
/// names, without control characters and those of Unicode's private and special ranges.
pub fn validate(path: &str) -> Result<(), Invalid> {
    let Some(names) = path.strip_prefix('/') else {
        return Err(if path.is_empty() {
            Invalid::Empty
        } else {
            Invalid::Relative
        });
    };
    if names.is_empty() {
        return Ok(());
    }
    if names.ends_with('/') {
        return Err(Invalid::TrailingSlash);
    }
    if let Some(character) = names.chars().find(|c| is_forbidden(*c)) {
        return Err(Invalid::Character(character));
    }
    for name in names.split('/') {
        match name {
            "" => return Err(Invalid::EmptyName),
            "." | ".." => return Err(Invalid::Dots),
            _ => {}
        }
    }
    Ok(())
}

/// Checks the beginning of a path to which the server appends digits: it may end in a slash.
pub fn validate_sequential(path: &str) -> Result<(), Invalid> {
    match path.strip_suffix('/') {
        Some(parent) if !parent.is_empty() => validate(parent),
        Some(_) => Ok(()),
        None => validate(path),
    }
}

/// The path of the znode above, or `None` at the root.
pub fn parent(path: &str) -> Option<&str> {
    match path.rsplit_once('/')? {
        ("", "") => None,
        ("", _) => Some("/"),
        (parent, _) => Some(parent),
    }
}

/// A path and those above it, up to the root.
pub fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| parent(path))
}

/// The last name of a path; empty at the root.
pub fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The path of the child `name` of `parent`.
pub fn join(parent: &str, name: &str) -> String {
    let parent = parent.strip_suffix('/').unwrap_or(parent);
    format!("{parent}/{name}")
}

/// The path in the whole tree of what a client below `chroot` calls `path`.
pub fn whole(chroot: &str, path: &str) -> String {
    match (chroot.strip_suffix('/').unwrap_or(chroot), path) {
        ("", path) => path.to_owned(),
        (chroot, "/") => chroot.to_owned(),
        (chroot, path) => format!("{chroot}{path}"),
    }
}

/// Whether `path` is `ancestor` or lies below it.
pub fn is_within(path: &str, ancestor: &str) -> bool {
    ancestor == "/"
        || path
            .strip_prefix(ancestor)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The ranges that Apache's `PathUtils` refuses. Java counts in UTF-16, so characters above the
/// basic plane appear to it as surrogates, which it refuses too.
fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_the_server_accepts() {
        for path in [
            "/",
            "/a",
            "/a/b",
            "/a b/ü",
            "/...",
            "/a./.b",
            "/_c_-0000000001",
        ] {
            assert_eq!(validate(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (path, why) in [
            ("", Invalid::Empty),
            ("a", Invalid::Relative),
            ("/a/", Invalid::TrailingSlash),
            ("//", Invalid::TrailingSlash),
            ("/a//b", Invalid::EmptyName),
            ("/./a", Invalid::Dots),
            ("/a/..", Invalid::Dots),
            ("/a\0", Invalid::Character('\0')),
            ("/a\u{7f}", Invalid::Character('\u{7f}')),
            ("/\u{f000}", Invalid::Character('\u{f000}')),
            ("/\u{1f600}", Invalid::Character('\u{1f600}')),
        ] {
            assert_eq!(validate(path), Err(why), "{path}");
        }
    }

    #[test]
    fn a_sequential_path_may_end_in_a_slash() {
        for path in ["/", "/a/", "/a/b-"] {
            assert_eq!(validate_sequential(path), Ok(()), "{path}");
        }
        assert_eq!(validate_sequential("/a//"), Err(Invalid::TrailingSlash));
    }

    #[test]
    fn takes_paths_apart() {
        assert_eq!(ancestors("/a/b").collect::<Vec<_>>(), ["/a/b", "/a", "/"]);
        assert_eq!(parent("/"), None);
        assert_eq!(parent("/a"), Some("/"));
        assert_eq!(parent("/a/b"), Some("/a"));
        assert_eq!(name("/"), "");
        assert_eq!(name("/a/b"), "b");
        assert_eq!(join("/", "a"), "/a");
        assert_eq!(join("/a", "b"), "/a/b");
        assert_eq!(whole("/", "/a"), "/a");
        assert_eq!(whole("/a", "/b"), "/a/b");
        assert_eq!(whole("/a", "/"), "/a");
        assert!(is_within("/a/b", "/a") && is_within("/a", "/a") && is_within("/a", "/"));
        assert!(!is_within("/ab", "/a") && !is_within("/", "/a"));
    }
}

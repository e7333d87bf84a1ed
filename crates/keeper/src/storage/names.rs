//! What files in the data directory are called.

/// Space for the next segment.
pub(super) const SPARE: &str = "log.spare";

/// A snapshot that is being written.
pub(super) const SNAPSHOT_UNFINISHED: &str = "snapshot.tmp";

/// The key of sessions' passwords.
pub(super) const KEY: &str = "key";

/// A key that is being written.
pub(super) const KEY_UNFINISHED: &str = "key.tmp";

/// What no start needs: each is made anew.
pub(super) const LEFTOVERS: [&str; 3] = [SPARE, SNAPSHOT_UNFINISHED, KEY_UNFINISHED];

/// The folder in which Apache's server keeps its data.
const APACHES: &str = "version-2";

const SEGMENT: &str = "log.";
const SNAPSHOT: &str = "snapshot.";
const DAMAGED: &str = "damaged.";

/// How many digits a zxid has in a name: so names sort as their numbers.
const DIGITS: usize = 16;

/// The segment whose first transaction this is.
pub(super) fn segment(first_zxid: i64) -> String {
    format!("{SEGMENT}{first_zxid:016x}")
}

/// The snapshot of the state after this transaction.
pub(super) fn snapshot(zxid: i64) -> String {
    format!("{SNAPSHOT}{zxid:016x}")
}

/// What a snapshot is called that could not be read.
pub(super) fn damaged(snapshot: &str) -> String {
    format!("{DAMAGED}{snapshot}")
}

/// The first transactions of the segments in a directory, in order.
pub(super) fn segments(names: &[String]) -> Vec<i64> {
    zxids(names, SEGMENT)
}

/// The transactions of the snapshots in a directory, in order.
pub(super) fn snapshots(names: &[String]) -> Vec<i64> {
    zxids(names, SNAPSHOT)
}

/// What shows that a directory is another server's: the folder that Apache's makes in its data
/// directory, or files with its kind of names where none has ours.
pub(super) fn foreign(names: &[String]) -> Option<&str> {
    let is_used = !segments(names).is_empty() || !snapshots(names).is_empty();
    let is_foreign = |name: &str| {
        let is_of_kind = name.starts_with(SEGMENT) || name.starts_with(SNAPSHOT);
        name == APACHES || (!is_used && is_of_kind && !LEFTOVERS.contains(&name))
    };
    names
        .iter()
        .map(String::as_str)
        .find(|name| is_foreign(name))
}

fn zxids(names: &[String], prefix: &str) -> Vec<i64> {
    let digits = names.iter().filter_map(|name| name.strip_prefix(prefix));
    let mut zxids: Vec<_> = digits.filter_map(zxid).collect();
    zxids.sort_unstable();
    zxids
}

/// A number written in another way than ours is another's file.
fn zxid(digits: &str) -> Option<i64> {
    let plain = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let ours = digits.len() == DIGITS && digits.bytes().all(plain);
    ours.then(|| i64::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anothers_directory_is_recognised() {
        let found = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            foreign(&names).map(str::to_owned)
        };
        let ours = segment(1);
        assert_eq!(found(&["myid", "version-2"]).as_deref(), Some("version-2"));
        assert_eq!(found(&["log.1", "snapshot.0"]).as_deref(), Some("log.1"));
        assert_eq!(found(&[]), None);
        assert_eq!(found(&["key", "lock", "lost+found", SPARE]), None);
        assert_eq!(found(&[&ours, "log.old"]), None);
    }

    #[test]
    fn names_are_found_again_in_order() {
        let mut names: Vec<_> = [300, 1, i64::MAX, 17].map(segment).into();
        names.extend([5, 2].map(snapshot));
        let others = [
            "log.spare",
            "snapshot.tmp",
            "log.1",
            "log.00000000000000FF",
            "lock",
        ];
        names.extend(others.map(str::to_owned));
        names.push("log.ffffffffffffffff".to_owned());
        names.push(damaged(&snapshot(9)));
        assert_eq!(segments(&names), [1, 17, 300, i64::MAX]);
        assert_eq!(snapshots(&names), [2, 5]);
    }
}

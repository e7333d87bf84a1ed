//! What the kernel tells in `/proc/<pid>/mountinfo`.

use rustix::fs::makedev;
use std::{
    ffi::OsString,
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
};

/// Where a file system is mounted, by its number, elsewhere than at `path`. Who sees all of the host's
/// files below a folder of its own sees it there at `path` too.
pub(super) fn mount_point(mountinfo: &str, device: u64, path: &Path) -> Option<PathBuf> {
    let mounts = mountinfo.lines().filter_map(mount);
    let mut points = mounts.filter_map(|(number, point)| (number == device).then_some(point));
    let place = path.strip_prefix("/").unwrap_or(path);
    points.find(|point| !point.ends_with(place))
}

/// Reads a line: `403 385 0:52 / /etc/web ro,relatime - tmpfs dockeeper:web rw`.
fn mount(line: &str) -> Option<(u64, PathBuf)> {
    let mut fields = line.split(' ').skip(2);
    let (major, minor) = fields.next()?.split_once(':')?;
    let point = fields.nth(1)?;
    let device = makedev(major.parse().ok()?, minor.parse().ok()?);
    Some((device, unescaped(point)))
}

/// The kernel writes what would end a field as a backslash and three octal digits.
fn unescaped(text: &str) -> PathBuf {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        match (first, tail) {
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', tail @ ..]) => {
                bytes.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = tail;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTINFO: &str = "\
385 307 0:50 / / rw,relatime master:76 - overlay overlay rw,lowerdir=/a:/b,xino=off
402 385 0:52 / /run/volumes/web/m1 rw,nosuid,nodev - tmpfs dockeeper:web rw,size=131072k,noswap
403 385 0:52 / /etc/my\\040web ro,nosuid,nodev,relatime - tmpfs dockeeper:web rw,size=131072k
405 385 0:54 / /host/run/volumes/web/m2 rw - tmpfs dockeeper:web rw
404 385 0:53 / /etc/x\\y shared:1 - tmpfs dockeeper:x rw
";

    #[test]
    fn a_file_system_is_found_by_its_number() {
        let find = |minor, path| mount_point(MOUNTINFO, makedev(0, minor), Path::new(path));
        let at = |path: &str| Some(PathBuf::from(path));
        assert_eq!(find(52, "/run/volumes/web/m1"), at("/etc/my web"));
        assert_eq!(find(52, "/elsewhere"), at("/run/volumes/web/m1"));
        assert_eq!(find(53, "/none"), at("/etc/x\\y"));
        assert_eq!(find(54, "/run/volumes/web/m2"), None);
        assert_eq!(find(55, "/none"), None);
        assert_eq!(
            mount_point("garbage\n1 2 x:y / /\n\n", 0, Path::new("/none")),
            None
        );
    }
}

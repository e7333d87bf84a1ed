use crate::storage::{Disk, DiskError, names};

/// How many snapshots are kept: the newest, and one in case that it cannot be read.
const KEPT: usize = 2;

/// Removes snapshots that are not needed any more, and the segments before the oldest that is.
/// As long as there are fewer than two, the log from its beginning stands for the other one.
///
/// # Errors
/// Something cannot be removed; everything that is needed is there nevertheless.
pub(in crate::storage) fn retain(disk: &dyn Disk) -> Result<(), DiskError> {
    let names = disk.list();
    let names = names.map_err(DiskError::of("list", &disk.path("")))?;
    let snapshots = names::snapshots(&names);
    let Some(surplus) = snapshots.len().checked_sub(KEPT) else {
        return Ok(());
    };
    for zxid in &snapshots[..surplus] {
        remove(disk, &names::snapshot(*zxid))?;
    }
    let oldest = snapshots[surplus];
    // A segment ends where the next one begins. From the oldest on: the log never has a gap.
    for pair in names::segments(&names).windows(2) {
        if pair[1] <= oldest + 1 {
            remove(disk, &names::segment(pair[0]))?;
        }
    }
    Ok(())
}

fn remove(disk: &dyn Disk, name: &str) -> Result<(), DiskError> {
    let removed = disk.remove(name);
    removed.map_err(DiskError::of("remove", &disk.path(name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::sim::SimDisk;

    fn left(snapshots: &[i64], segments: &[i64]) -> (Vec<i64>, Vec<i64>) {
        let disk = SimDisk::new(1);
        let snapshots = snapshots.iter().map(|zxid| names::snapshot(*zxid));
        let segments = segments.iter().map(|zxid| names::segment(*zxid));
        for name in snapshots.chain(segments) {
            disk.create(&name).unwrap();
        }
        retain(&disk).unwrap();
        let names = disk.list().unwrap();
        (names::snapshots(&names), names::segments(&names))
    }

    #[test]
    fn two_snapshots_stay_and_the_log_since_the_older() {
        assert_eq!(left(&[], &[1, 5]), (vec![], vec![1, 5]));
        assert_eq!(left(&[7], &[1, 5, 9]), (vec![7], vec![1, 5, 9]));
        assert_eq!(left(&[3, 7], &[1, 5, 9]), (vec![3, 7], vec![1, 5, 9]));
        assert_eq!(left(&[4, 7], &[1, 5, 9]), (vec![4, 7], vec![5, 9]));
        assert_eq!(left(&[1, 9, 20], &[1, 5, 9]), (vec![9, 20], vec![9]));
        assert_eq!(
            left(&[1, 2, 100, 200], &[1, 5, 9]),
            (vec![100, 200], vec![9])
        );
    }
}

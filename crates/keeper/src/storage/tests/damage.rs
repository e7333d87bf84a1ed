use super::*;
use crate::storage::{
    Disk as _,
    log::segment_path,
    names,
    snapshot::{Unusable, retain},
};
use proptest::prelude::{ProptestConfig, any, prop, prop_assert, prop_assert_eq, proptest};

/// A log of several segments, each transaction in a batch of its own. Nothing else.
pub(super) fn written(count: i64, seed: u64) -> (SimDisk, Vec<Entry>) {
    let disk = SimDisk::new(seed);
    let entries = entries(0, count, &mut Rng::with_seed(seed));
    let (mut start, _) = recovered(&disk).unwrap();
    write_each(&mut start.log, &entries);
    (disk, entries)
}

pub(super) fn segments(disk: &SimDisk) -> Vec<i64> {
    names::segments(&disk.names())
}

pub(super) fn flip(disk: &SimDisk, name: &str, bit: usize) {
    let mut content = disk.content(name);
    content[bit / 8] ^= 1 << (bit % 8);
    disk.put(name, &content);
}

/// Where the batches of a segment end, each of which holds one of these.
pub(super) fn end(first: i64, entries: &[Entry]) -> usize {
    let entries = &entries[usize::try_from(first - 1).unwrap()..];
    let cost = |entry: &Entry| {
        let one = std::slice::from_ref(entry);
        Group::of(one, entry.zxid - 1, &SIZES).unwrap().cost()
    };
    512 + usize::try_from(entries.iter().map(cost).sum::<u64>()).unwrap()
}

pub(super) fn assert_each_in(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in: {text}");
    }
}

#[test]
fn a_damaged_middle_is_refused_and_the_advice_helps() {
    let (disk, entries) = written(40, 1);
    let name = names::segment(segments(&disk)[1]);
    let mut rng = Rng::with_seed(2);
    for _ in 0..200 {
        let disk = disk.restarted();
        let next = usize::try_from(segments(&disk)[2]).unwrap();
        let end = end(segments(&disk)[1], &entries[..next - 1]);
        flip(&disk, &name, rng.usize(0..end * 8));
        let before = disk.names();
        let error = match recovered(&disk) {
            Err(error) => error,
            Ok((recovered, history)) => {
                // Between the batches nothing is read.
                assert_eq!(
                    (history.entries, recovered.report.torn),
                    (entries.clone(), None)
                );
                continue;
            }
        };
        assert_eq!(disk.names(), before, "a damaged directory was changed");
        let RecoveryError::Damaged {
            path,
            offset,
            last_zxid,
            ..
        } = &error
        else {
            panic!("{error}");
        };
        assert_eq!(*path, disk.path(&name));
        let text = error.to_string();
        assert!(text.contains("remove log files behind this one"), "{text}");
        let advised = if *offset == 0 {
            assert!(text.ends_with("this one too"), "{text}");
            None
        } else {
            assert!(text.ends_with(&format!("(truncate -s {offset} {})", path.display())));
            Some(usize::try_from(*offset).unwrap())
        };
        follow(&disk, &name, advised);
        let (recovered, history) = recovered(&disk).unwrap();
        assert_eq!(recovered.log.last_zxid(), *last_zxid);
        assert_eq!(history.entries, entries[..history.entries.len()]);
        assert_eq!(history.entries.len(), usize::try_from(*last_zxid).unwrap());
    }
}

/// Cuts a segment, or removes it, and removes those behind it.
fn follow(disk: &SimDisk, name: &str, len: Option<usize>) {
    for segment in segments(disk).into_iter().map(names::segment) {
        if *segment > *name {
            disk.remove(&segment).unwrap();
        }
    }
    match len {
        Some(len) => disk.put(name, &disk.content(name)[..len]),
        None => disk.remove(name).unwrap(),
    }
}

#[test]
fn damage_before_a_whole_batch_is_never_taken_for_the_end() {
    let (disk, entries) = written(5, 1);
    let name = names::segment(1);
    let mut rng = Rng::with_seed(2);
    for _ in 0..200 {
        let disk = disk.restarted();
        let zxid = rng.usize(1..5);
        let start = end(1, &entries[..zxid - 1]);
        flip(&disk, &name, rng.usize(start * 8..(start + 52) * 8));
        let error = recovered(&disk).unwrap_err();
        let RecoveryError::Damaged { offset, what, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(*offset, start as u64);
        let goes_on = end(1, &entries[..zxid]);
        assert!(
            what.contains(&format!("at byte {goes_on} it goes on")),
            "{what}"
        );
    }
}

#[test]
fn a_damaged_end_is_cut_off_and_reported_once() {
    let mut rng = Rng::with_seed(3);
    let mut cut = 0;
    for seed in 0..100 {
        let (disk, entries) = written(31, seed);
        let last = *segments(&disk).last().unwrap();
        if last == 31 {
            continue;
        }
        let name = names::segment(last);
        let start = end(last, &entries[..30]);
        let len = (end(last, &entries) - start) as u64;
        // Its head, and the length of its transaction.
        flip(&disk, &name, rng.usize(start * 8..(start + 52) * 8));
        let (recovered, history) = recovered(&disk).unwrap();
        let torn = recovered.report.torn.unwrap();
        assert_eq!(history.entries, entries[..30]);
        assert_eq!(
            (torn.path.clone(), torn.offset),
            (disk.path(&name), start as u64)
        );
        assert_eq!((torn.len, torn.written, torn.last_zxid), (len, len, 30));
        let text = torn.to_string();
        let what = format!("{len} bytes behind transaction 0x1e, from byte {start} of");
        assert!(text.contains(&what), "{text}");
        let (again, history) = super::recovered(&disk).unwrap();
        assert_eq!((history.entries.len(), again.report.torn), (30, None));
        cut += 1;
    }
    assert!(cut > 50);
}

#[test]
fn what_looks_like_another_segments_batch_is_only_data() {
    let (disk, entries) = written(3, 1);
    let (other, foreign_entries) = written(5, 2);
    let name = names::segment(1);
    let foreign = other.content(&name);
    let mut content = disk.content(&name);
    let end = end(1, &entries);
    // As a client could have it written, if it knew all but the random id: whole batches behind
    // the beginning of a torn one.
    content[end] = 1;
    let batches = &foreign[512..self::end(1, &foreign_entries)];
    content[end + 512..end + 512 + batches.len()].copy_from_slice(batches);
    disk.put(&name, &content);
    let (recovered, history) = recovered(&disk).unwrap();
    assert_eq!(history.entries.len(), 3);
    assert!(recovered.report.torn.is_some());
}

#[test]
fn any_flipped_bit_in_the_newest_snapshot_costs_nothing() {
    let (disk, entries) = written(40, 1);
    snapshot(&disk, &entries[..25]).unwrap();
    snapshot(&disk, &entries[..30]).unwrap();
    retain(&disk).unwrap();
    assert!(
        segments(&disk)[0] > 1,
        "the log should not reach back to its beginning"
    );
    let (newest, older) = (names::snapshot(30), names::snapshot(25));
    let mut rng = Rng::with_seed(4);
    for _ in 0..300 {
        let disk = disk.restarted();
        flip(
            &disk,
            &newest,
            rng.usize(0..disk.content(&newest).len() * 8),
        );
        let (recovered, history) = recovered(&disk).unwrap();
        assert_eq!(history.entries, entries);
        assert_eq!(recovered.report.snapshot, Some(25));
        let [(30, Unusable::Damaged { .. })] = recovered.report.unusable[..] else {
            panic!("{:?}", recovered.report);
        };
        assert!(disk.names().contains(&names::damaged(&newest)));
        // It does not count among those that are kept.
        snapshot(&disk, &entries).unwrap();
        retain(&disk).unwrap();
        assert!(disk.names().contains(&older));

        flip(&disk, &older, rng.usize(0..disk.content(&older).len() * 8));
        flip(&disk, &names::snapshot(40), 300);
        let text = super::recovered(&disk).unwrap_err().to_string();
        assert_each_in(
            &text,
            &[
                &format!(
                    "{} is damaged at byte",
                    disk.path(&names::snapshot(40)).display()
                ),
                &format!("{} is damaged at byte", disk.path(&older).display()),
                &format!(
                    "its oldest file is {}",
                    segment_path(&disk, segments(&disk)[0]).display()
                ),
                &format!(
                    "transactions 0x1 to {:#x} are missing",
                    segments(&disk)[0] - 1
                ),
                "Put back a whole snapshot",
                "empty the directory",
            ],
        );
    }
}

#[test]
fn a_snapshot_of_another_length_is_not_taken() {
    let (disk, entries) = written(10, 1);
    snapshot(&disk, &entries).unwrap();
    let name = names::snapshot(10);
    let whole = disk.content(&name);
    let mut lens: Vec<_> = (0..whole.len()).step_by(97).collect();
    lens.extend([whole.len() - 1, whole.len() + 1, whole.len() + 24]);
    for len in lens {
        let disk = disk.restarted();
        let mut content = whole.clone();
        content.resize(len, 0);
        disk.put(&name, &content);
        let (recovered, history) = recovered(&disk).unwrap();
        assert_eq!(
            (history.entries, history.from_snapshot),
            (entries.clone(), 0)
        );
        assert_eq!(recovered.report.unusable.len(), 1);
    }
}

#[test]
fn a_log_from_the_beginning_needs_no_snapshot() {
    let (disk, entries) = written(40, 1);
    snapshot(&disk, &entries[..15]).unwrap();
    flip(&disk, &names::snapshot(15), 100);
    let (recovered, history) = recovered(&disk).unwrap();
    assert_eq!(
        (history.entries, recovered.report.snapshot),
        (entries, None)
    );
}

#[test]
fn another_versions_files_are_not_called_damaged() {
    let (disk, entries) = written(3, 1);
    let name = names::segment(1);
    flip(&disk, &name, 11 * 8 + 1);
    let text = recovered(&disk).unwrap_err().to_string();
    assert!(text.contains("it has format 3"), "{text}");
    flip(&disk, &name, 11 * 8 + 1);
    assert_eq!(recovered(&disk).unwrap().1.entries, entries);
}

#[test]
fn the_reserved_space_is_not_read() {
    let disk = SimDisk::new(1);
    let sizes = Sizes::default();
    for _ in 0..2 {
        recover(&disk.shared(), sizes, &mut History::default()).unwrap();
    }
    assert!(disk.bytes_read() < sizes.segment_len / 16);
}

#[test]
fn sizes_that_do_not_fit_make_no_log() {
    let sizes = Sizes {
        session_reserve_len: SIZES.segment_len / 2,
        ..SIZES
    };
    let disk = SimDisk::new(1);
    let error = recover(&disk.shared(), sizes, &mut History::default()).unwrap_err();
    assert!(matches!(error, RecoveryError::Sizes(_)), "{error}");
    assert!(disk.names().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_bytes_are_no_log(mut bytes in prop::collection::vec(any::<u8>(), 0..5000), head: bool) {
        let (disk, _) = written(1, 1);
        let name = names::segment(1);
        if head {
            bytes.splice(0..0, disk.content(&name)[..512].iter().copied());
        }
        disk.put(&name, &bytes);
        match recovered(&disk) {
            Ok((recovered, history)) => {
                prop_assert!(head && history.entries.is_empty());
                let is_zero = bytes[512..].iter().all(|byte| *byte == 0);
                prop_assert_eq!(recovered.report.torn.is_none(), is_zero);
            }
            // Garbage up to the end of a file that is too short.
            Err(RecoveryError::Shortened { offset: 512, .. }) => prop_assert!(head),
            Err(error) => prop_assert!(!head, "{}", error),
        }
    }

    #[test]
    fn arbitrary_bytes_are_no_snapshot(mut bytes in prop::collection::vec(any::<u8>(), 0..5000), head: bool) {
        let (disk, entries) = written(2, 1);
        snapshot(&disk, &entries).unwrap();
        let name = names::snapshot(2);
        if head {
            bytes.splice(0..0, disk.content(&name)[..24].iter().copied());
        }
        disk.put(&name, &bytes);
        let (recovered, history) = recovered(&disk).unwrap();
        prop_assert_eq!(history.entries, entries);
        prop_assert_eq!(recovered.report.unusable.len(), 1);
    }
}

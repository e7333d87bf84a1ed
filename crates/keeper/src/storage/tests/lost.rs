//! What somebody has removed or shortened.

use super::{
    damage::{assert_each_in, end, flip, segments, written},
    *,
};
use crate::storage::{
    Disk as _,
    log::{LogError, segment_path},
    names,
    snapshot::retain,
};

#[test]
fn a_missing_segment_is_named() {
    let (disk, _) = written(60, 1);
    let segments = segments(&disk);
    for missing in 1..segments.len() - 1 {
        let disk = disk.restarted();
        disk.remove(&names::segment(segments[missing])).unwrap();
        let error = recovered(&disk).unwrap_err();
        let RecoveryError::Gap {
            path,
            first_zxid,
            last_zxid,
        } = &error
        else {
            panic!("{error}");
        };
        assert_eq!(*path, disk.path(&names::segment(segments[missing + 1])));
        assert_eq!(
            (*first_zxid, *last_zxid),
            (segments[missing], segments[missing + 1] - 1)
        );
    }
}

#[test]
fn a_log_that_ends_before_the_snapshot_is_refused() {
    let (disk, entries) = written(60, 1);
    snapshot(&disk, &entries).unwrap();
    for segment in &segments(&disk)[1..] {
        disk.remove(&names::segment(*segment)).unwrap();
    }
    let error = recovered(&disk).unwrap_err();
    assert!(matches!(error, RecoveryError::LogShort { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("move all log files and the file `key` out"),
        "{error}"
    );
    // That is the advice.
    disk.remove(&names::segment(1)).unwrap();
    disk.remove(names::KEY).unwrap();
    let (mut start, history) = recovered(&disk).unwrap();
    assert_eq!(history.entries, entries);
    write_each(
        &mut start.log,
        &super::entries(60, 1, &mut Rng::with_seed(1)),
    );
    assert_eq!(recovered(&disk).unwrap().1.entries.len(), 61);
}

#[test]
fn without_any_snapshot_the_missing_beginning_is_named() {
    let (disk, entries) = written(40, 1);
    snapshot(&disk, &entries[..25]).unwrap();
    snapshot(&disk, &entries[..30]).unwrap();
    retain(&disk).unwrap();
    let first = segments(&disk)[0];
    for zxid in [25, 30] {
        disk.remove(&names::snapshot(zxid)).unwrap();
    }
    let text = recovered(&disk).unwrap_err().to_string();
    assert_each_in(
        &text,
        &[
            "there is no snapshot in /sim",
            &format!(
                "its oldest file is {}",
                segment_path(&disk, first).display()
            ),
            &format!("transactions 0x1 to {:#x} are missing", first - 1),
            "or the whole directory, from a copy",
        ],
    );
}

#[test]
fn a_snapshot_that_the_log_does_not_reach_is_named_with_the_damaged_one() {
    let (disk, entries) = written(40, 1);
    let older = segments(&disk)[1] - 3;
    snapshot(&disk, &entries[..usize::try_from(older).unwrap()]).unwrap();
    snapshot(&disk, &entries[..30]).unwrap();
    disk.remove(&names::segment(1)).unwrap();
    flip(&disk, &names::snapshot(30), 300);
    let text = recovered(&disk).unwrap_err().to_string();
    assert_each_in(
        &text,
        &[
            &format!("{} is damaged", disk.path(&names::snapshot(30)).display()),
            &format!(
                "transactions {:#x} to {:#x} are missing",
                older + 1,
                older + 2
            ),
            &format!("behind {}", disk.path(&names::snapshot(older)).display()),
        ],
    );
}

#[test]
fn a_log_that_ends_in_a_batch_is_refused_and_the_advice_helps() {
    let (disk, entries) = written(5, 1);
    let name = names::segment(1);
    let content = disk.content(&name);
    let start = end(1, &entries[..4]);
    for len in [start + 1, start + 30, start + 60] {
        let disk = disk.restarted();
        disk.put(&name, &content[..len]);
        let before = disk.names();
        let text = recovered(&disk).unwrap_err().to_string();
        assert_each_in(
            &text,
            &[
                &format!("ends at byte {len}, in the middle"),
                "behind transaction 0x4",
                &format!("has {} bytes", SIZES.segment_len),
            ],
        );
        let advice = format!("truncate -s {start} {}", disk.path(&name).display());
        assert!(text.ends_with(&advice), "{text}");
        assert_eq!((disk.names(), disk.content(&name).len()), (before, len));
        disk.put(&name, &content[..start]);
        assert_eq!(recovered(&disk).unwrap().1.entries, entries[..4]);
    }
}

#[test]
fn a_log_that_ends_behind_a_batch_is_said_to_be_shortened() {
    let (disk, entries) = written(5, 1);
    let name = names::segment(1);
    let content = disk.content(&name);
    let end = end(1, &entries);
    for (len, is_shortened) in [(end, true), (end + 100, true), (end + 512, false)] {
        let disk = disk.restarted();
        disk.put(&name, &content[..len]);
        let report = recovered(&disk).unwrap().0.report;
        assert_eq!(report.torn, None);
        let text = report.shortened.map(|shortened| shortened.to_string());
        assert_eq!(text.is_some(), is_shortened, "{text:?}");
        if let Some(text) = text {
            let what = format!("had {len} bytes and not the {}", SIZES.segment_len);
            assert_each_in(&text, &[&what, "ends with transaction 0x5"]);
        }
        assert_eq!(recovered(&disk).unwrap().0.report.shortened, None);
    }
}

#[test]
fn a_key_without_a_log_is_refused() {
    let (disk, entries) = written(30, 1);
    for segment in segments(&disk) {
        disk.remove(&names::segment(segment)).unwrap();
    }
    let text = recovered(&disk).unwrap_err().to_string();
    assert_each_in(
        &text,
        &[
            "no log file beside /sim/key",
            "since the first start",
            "Put the log files back",
            "empty the directory",
        ],
    );
    assert_eq!(disk.names(), [names::KEY]);

    snapshot(&disk, &entries[..10]).unwrap();
    let text = recovered(&disk).unwrap_err().to_string();
    let since = format!("since {}", disk.path(&names::snapshot(10)).display());
    assert_each_in(&text, &[&since, "move the key out"]);
    disk.remove(names::KEY).unwrap();
    assert_eq!(recovered(&disk).unwrap().1.entries, entries[..10]);
}

#[test]
fn a_log_without_its_key_is_refused_unless_nothing_is_in_it() {
    let (disk, entries) = written(3, 1);
    disk.remove(names::KEY).unwrap();
    let before = disk.content(&names::segment(1));
    let text = recovered(&disk).unwrap_err().to_string();
    assert_each_in(
        &text,
        &[
            "/sim/key is missing, and the log goes to transaction 0x3",
            "no client can go on with its session",
            "/dev/urandom > /sim/key",
        ],
    );
    assert_eq!(disk.content(&names::segment(1)), before);
    assert!(!disk.names().contains(&names::KEY.to_owned()));
    // That is the advice.
    disk.put(names::KEY, &[7; key::KEY_LEN]);
    assert_eq!(recovered(&disk).unwrap().1.entries, entries);

    let (disk, _) = written(0, 1);
    disk.remove(names::KEY).unwrap();
    recovered(&disk).unwrap();
    assert!(disk.names().contains(&names::KEY.to_owned()));
}

#[test]
fn a_copy_without_the_reserved_space_gets_it_back() {
    let (disk, entries) = written(3, 1);
    let name = names::segment(1);
    let content = disk.content(&name);
    disk.put(&name, &content[..end(1, &entries)]);
    let (start, history) = recovered(&disk).unwrap();
    assert_eq!(history.entries, entries);
    assert_eq!(disk.open(&name).unwrap().len().unwrap(), SIZES.segment_len);
    assert!(start.log.available() > 0 && !start.report.is_short);

    disk.put(&name, &content[..end(1, &entries)]);
    disk.set_free(100);
    let (start, history) = recovered(&disk).unwrap();
    assert_eq!(history.entries, entries);
    assert!(start.log.available() == 0 && start.report.is_short);
}

#[test]
fn a_log_that_is_removed_meanwhile_takes_nothing_more() {
    let (disk, mut rng) = (SimDisk::new(1), Rng::with_seed(1));
    let (Recovered { mut log, .. }, _) = recovered(&disk).unwrap();
    write_each(&mut log, &entries(0, 2, &mut rng));
    let name = "log.0000000000000001";
    disk.shared().remove(name).unwrap();
    let group = Group::of(&entries(2, 1, &mut rng), 2, &SIZES).unwrap();
    let error = log.write(&mut VecDeque::from([group])).unwrap_err();
    assert!(matches!(error, LogError::Removed(_)), "{error}");
    assert!(error.to_string().contains(name), "{error}");
}

#[test]
fn a_copy_of_a_segment_under_another_number_is_told_from_a_gap() {
    let (disk, _) = written(3, 1);
    for number in [2, 3, 40] {
        let disk = disk.restarted();
        disk.put(&names::segment(number), &disk.content(&names::segment(1)));
        let error = recovered(&disk).unwrap_err();
        assert!(
            matches!(error, RecoveryError::Misnamed { first_zxid: 1, .. }),
            "{error}"
        );
        let (name, proper) = (names::segment(number), names::segment(1));
        assert_each_in(&error.to_string(), &[&name, &proper]);
    }
    disk.put(&names::segment(4), &[]);
    let error = recovered(&disk).unwrap_err();
    assert!(matches!(error, RecoveryError::Empty(_)), "{error}");
}

#[test]
fn a_segment_of_another_log_is_told_from_a_gap() {
    let (mut long, mut short) = (written(60, 1).0, written(60, 2).0);
    if segments(&long)[1] < segments(&short)[1] {
        std::mem::swap(&mut long, &mut short);
    }
    let first = segments(&short)[1];
    assert!(
        first < segments(&long)[1],
        "the seeds make different segments"
    );
    let name = names::segment(first);
    long.put(&name, &short.content(&name));
    let error = recovered(&long).unwrap_err();
    assert!(
        matches!(error, RecoveryError::Overlap { first_zxid, .. } if first_zxid == first),
        "{error}"
    );
    assert_each_in(&error.to_string(), &[&name]);
}

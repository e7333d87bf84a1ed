use super::*;
use crate::server::limits::WATCH_SLICE;
use dockeeper_zk_proto::{path::is_within, watch::EventType};
use proptest::{collection::vec, prelude::*, sample::select};
use rustix::time::{ClockId, clock_gettime};
use std::{collections::BTreeSet, time::Duration};

const KINDS: [Kind; 4] = [
    Kind::Data,
    Kind::Children,
    Kind::Persistent,
    Kind::PersistentRecursive,
];

fn fire(watches: &mut Watches, event: EventType, path: &str) -> Vec<u64> {
    let mut sink = Vec::new();
    watches.fire(event, path, &mut sink);
    let mut conns: Vec<_> = sink.into_iter().map(|conn| conn.0).collect();
    conns.sort_unstable();
    conns
}

#[test]
fn a_one_shot_watch_fires_once() {
    let mut watches = Watches::new(10);
    watches.add(ConnId(1), "/a", Kind::Data).unwrap();
    watches.add(ConnId(2), "/a", Kind::Children).unwrap();
    assert_eq!(fire(&mut watches, EventType::NodeDataChanged, "/a"), [1]);
    assert_eq!(fire(&mut watches, EventType::NodeDataChanged, "/a"), []);
    assert_eq!(fire(&mut watches, EventType::NodeCreated, "/a"), []);
    assert_eq!(fire(&mut watches, EventType::NodeDeleted, "/a"), [2]);
    assert_eq!(watches.count(), 0);
    assert_eq!((watches.path_count(), watches.connection_count()), (0, 0));
}

#[test]
fn a_recursive_watch_sees_below_and_no_changed_children() {
    let mut watches = Watches::new(10);
    watches
        .add(ConnId(1), "/", Kind::PersistentRecursive)
        .unwrap();
    watches
        .add(ConnId(2), "/a", Kind::PersistentRecursive)
        .unwrap();
    watches.add(ConnId(3), "/a", Kind::Persistent).unwrap();
    for event in [
        EventType::NodeCreated,
        EventType::NodeDataChanged,
        EventType::NodeDeleted,
    ] {
        assert_eq!(fire(&mut watches, event, "/a/b/c"), [1, 2]);
        assert_eq!(fire(&mut watches, event, "/a"), [1, 2, 3]);
        assert_eq!(fire(&mut watches, event, "/ab"), [1]);
    }
    assert_eq!(
        fire(&mut watches, EventType::NodeChildrenChanged, "/a"),
        [3]
    );
    assert_eq!(
        fire(&mut watches, EventType::NodeChildrenChanged, "/a/b"),
        []
    );
}

#[test]
fn a_connection_gets_an_event_once_and_loses_all_that_it_fires() {
    let mut watches = Watches::new(10);
    for kind in KINDS {
        watches.add(ConnId(1), "/a", kind).unwrap();
        watches.add(ConnId(1), "/", kind).unwrap();
    }
    assert_eq!(watches.count(), 8);
    assert_eq!(fire(&mut watches, EventType::NodeDeleted, "/a"), [1]);
    assert_eq!(watches.count(), 6);
    for (which, is_there) in [
        (WatcherType::Data, false),
        (WatcherType::Children, false),
        (WatcherType::Persistent, true),
        (WatcherType::PersistentRecursive, true),
        (WatcherType::Any, true),
    ] {
        assert_eq!(
            watches.contains(ConnId(1), "/a", which),
            is_there,
            "{which:?}"
        );
    }
    assert!(
        !watches.contains(ConnId(1), "/a/b", WatcherType::Any),
        "only above"
    );
}

#[test]
fn a_connection_has_a_bound() {
    let mut watches = Watches::new(2);
    watches.add(ConnId(1), "/a", Kind::Data).unwrap();
    watches.add(ConnId(1), "/a", Kind::Children).unwrap();
    watches.add(ConnId(1), "/a", Kind::Data).unwrap();
    for path in ["/a", "/b"] {
        let error = watches.add(ConnId(1), path, Kind::Persistent).unwrap_err();
        assert_eq!(error, TooMany { max: 2 });
    }
    assert_eq!(watches.path_count(), 1);
    watches.add(ConnId(2), "/b", Kind::Data).unwrap();
    assert!(watches.remove(ConnId(1), "/a", WatcherType::Children));
    assert!(!watches.remove(ConnId(1), "/a", WatcherType::Children));
    watches.add(ConnId(1), "/b", Kind::Persistent).unwrap();
    assert_eq!(watches.count_of(ConnId(1)), 2);
}

#[test]
fn lists_are_cut() {
    let mut watches = Watches::new(10);
    for conn in 0..3 {
        for path in ["/a", "/b"] {
            watches.add(ConnId(conn), path, Kind::Data).unwrap();
        }
    }
    for max in 0..7 {
        let paths = watches.by_path(max);
        let conns = watches.by_connection(max);
        let counts = (
            paths.iter().map(|(_, conns)| conns.len()).sum::<usize>(),
            conns.iter().map(|(_, paths)| paths.len()).sum::<usize>(),
        );
        assert_eq!(counts, (max, max));
    }
    assert_eq!(watches.pair_count(), 6);
}

#[test]
fn a_connection_that_is_gone_counts_for_nothing_before_it_is_cleared_away() {
    let mut watches = Watches::new(10);
    for conn in [1, 2] {
        for path in ["/a", "/b"] {
            watches.add(ConnId(conn), path, Kind::Data).unwrap();
        }
    }
    watches.drop_connection(ConnId(1));
    assert!(watches.has_leftovers());
    assert_eq!((watches.count(), watches.connection_count()), (2, 1));
    assert_eq!(fire(&mut watches, EventType::NodeDataChanged, "/a"), [2]);
    watches.sweep(1);
    assert!(watches.has_leftovers());
    watches.sweep(2);
    assert!(!watches.has_leftovers());
    assert_eq!((watches.count(), watches.path_count()), (1, 1));
}

#[test]
#[expect(
    clippy::disallowed_types,
    reason = "it measures how long real work takes"
)]
fn thousands_on_one_znode_are_quick() {
    use std::time::Instant;

    let mut watches = Watches::new(10);
    let conns = 100_000;
    for conn in 0..conns {
        watches.add(ConnId(conn), "/a", Kind::Data).unwrap();
        watches.add(ConnId(conn), "/a", Kind::Persistent).unwrap();
    }
    let start = Instant::now();
    let mut sink = Vec::new();
    watches.fire(EventType::NodeDataChanged, "/a", &mut sink);
    assert_eq!(sink.len(), 100_000);
    for conn in 0..conns {
        watches.drop_connection(ConnId(conn));
    }
    watches.sweep(usize::MAX);
    assert_eq!((watches.count(), watches.path_count()), (0, 0));
    // It takes less than one; to look at all watchers for each of them takes minutes.
    assert!(start.elapsed() < Duration::from_secs(20));
}

/// How much time of the processor this thread has used: unlike the time that passes, it does not
/// depend on what else runs.
fn used() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let (seconds, nanos) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    Duration::new(seconds.unwrap(), nanos.unwrap())
}

/// How long the end of a connection with a million watches takes, and its longest slice.
#[test]
#[ignore = "prints a measurement"]
fn the_end_of_a_million_watches() {
    let mut watches = Watches::new(1_000_000);
    for number in 0..1_000_000 {
        let path = format!("/services/web-{}/h{number}", number % 100);
        watches.add(ConnId(1), &path, Kind::Data).unwrap();
    }
    let start = used();
    watches.drop_connection(ConnId(1));
    println!("its end: {:?}", used().saturating_sub(start));
    let (start, mut longest) = (used(), Duration::ZERO);
    while watches.has_leftovers() {
        let start = used();
        watches.sweep(WATCH_SLICE);
        longest = longest.max(used().saturating_sub(start));
    }
    let all = used().saturating_sub(start);
    println!("clearing it away: {all:?}, at most {longest:?} at a time");
    assert_eq!((watches.count(), watches.path_count()), (0, 0));
}

/// What the reference has: one entry for each watch.
type Reference = BTreeSet<(u64, &'static str, usize)>;

const PATHS: [&str; 6] = ["/", "/a", "/a/b", "/a/b/c", "/ab", "/b"];

const EVENTS: [EventType; 4] = [
    EventType::NodeCreated,
    EventType::NodeDeleted,
    EventType::NodeDataChanged,
    EventType::NodeChildrenChanged,
];

#[derive(Clone, Debug)]
enum Step {
    Add(usize, &'static str, usize),
    Remove(usize, &'static str, WatcherType),
    Drop(usize),
    Sweep(usize),
    Fire(EventType, &'static str),
}

fn step() -> impl Strategy<Value = Step> {
    let (conn, path) = (0..5_usize, select(&PATHS[..]));
    let types = [
        WatcherType::Children,
        WatcherType::Data,
        WatcherType::Any,
        WatcherType::Persistent,
        WatcherType::PersistentRecursive,
    ];
    prop_oneof![
        6 => (conn.clone(), path.clone(), 0..4_usize).prop_map(|(c, p, k)| Step::Add(c, p, k)),
        2 => (conn.clone(), path.clone(), select(types.to_vec()))
            .prop_map(|(c, p, t)| Step::Remove(c, p, t)),
        1 => conn.prop_map(Step::Drop),
        1 => (0..4_usize).prop_map(Step::Sweep),
        4 => (select(&EVENTS[..]), path).prop_map(|(e, p)| Step::Fire(e, p)),
    ]
}

fn is_of(kind: usize, which: WatcherType) -> bool {
    match which {
        WatcherType::Data => kind == 0,
        WatcherType::Children => kind == 1,
        WatcherType::Persistent => kind == 2,
        WatcherType::PersistentRecursive => kind == 3,
        WatcherType::Any => true,
    }
}

fn matches(kind: usize, watched: &str, event: EventType, path: &str) -> bool {
    let here = watched == path;
    let is_child_event = event == EventType::NodeChildrenChanged;
    match kind {
        0 => here && !is_child_event,
        1 => here && (is_child_event || event == EventType::NodeDeleted),
        2 => here,
        _ => is_within(path, watched) && !is_child_event,
    }
}

fn check(watches: &Watches, reference: &Reference) {
    assert_eq!(watches.count(), reference.len());
    let recursive = reference.iter().filter(|(_, _, kind)| *kind == 3).count();
    assert_eq!(watches.recursive, recursive);
    let mut by_path = BTreeSet::new();
    for (path, conns) in watches.by_path(usize::MAX) {
        by_path.extend(conns.iter().map(|conn| (conn.0, path)));
    }
    let mut by_conn = BTreeSet::new();
    for (conn, paths) in watches.by_connection(usize::MAX) {
        by_conn.extend(paths.iter().map(|path| (conn.0, *path)));
    }
    let expected: BTreeSet<_> = reference
        .iter()
        .map(|(conn, path, _)| (*conn, *path))
        .collect();
    assert_eq!((&by_path, &by_conn), (&expected, &expected));
    assert_eq!(watches.pair_count(), expected.len());
    let paths: BTreeSet<_> = expected.iter().map(|(_, path)| path).collect();
    let conns: BTreeSet<_> = expected.iter().map(|(conn, _)| conn).collect();
    // Leftovers keep their paths.
    assert!(watches.path_count() >= paths.len());
    assert!(watches.has_leftovers() || watches.path_count() == paths.len());
    assert_eq!(watches.connection_count(), conns.len());
}

proptest! {
    #[test]
    fn does_what_an_obvious_list_does(steps in vec(step(), 0..60)) {
        const MAX: usize = 6;
        let mut watches = Watches::new(MAX);
        let mut reference = Reference::new();
        // The numbers of those that are there now: nobody gets another one's.
        let mut numbers = [0, 1, 2, 3, 4];
        for step in steps {
            match step {
                Step::Add(conn, path, kind) => {
                    let conn = numbers[conn];
                    let count = reference.iter().filter(|(of, ..)| *of == conn).count();
                    let fits = count < MAX || reference.contains(&(conn, path, kind));
                    prop_assert_eq!(watches.add(ConnId(conn), path, KINDS[kind]).is_ok(), fits);
                    if fits {
                        reference.insert((conn, path, kind));
                    }
                }
                Step::Remove(conn, path, which) => {
                    let conn = numbers[conn];
                    let is_meant = |watch: &(u64, &str, usize)| {
                        watch.0 == conn && watch.1 == path && is_of(watch.2, which)
                    };
                    let is_there = reference.iter().any(is_meant);
                    prop_assert_eq!(watches.contains(ConnId(conn), path, which), is_there);
                    prop_assert_eq!(watches.remove(ConnId(conn), path, which), is_there);
                    reference.retain(|watch| !is_meant(watch));
                }
                Step::Drop(conn) => {
                    watches.drop_connection(ConnId(numbers[conn]));
                    reference.retain(|watch| watch.0 != numbers[conn]);
                    numbers[conn] += 5;
                }
                Step::Sweep(max) => watches.sweep(max),
                Step::Fire(event, path) => {
                    let mut expected = BTreeSet::new();
                    reference.retain(|(conn, watched, kind)| {
                        let fires = matches(*kind, watched, event, path);
                        if fires {
                            expected.insert(*conn);
                        }
                        !(fires && *kind < 2)
                    });
                    let expected: Vec<_> = expected.into_iter().collect();
                    prop_assert_eq!(fire(&mut watches, event, path), expected);
                }
            }
            check(&watches, &reference);
        }
    }
}

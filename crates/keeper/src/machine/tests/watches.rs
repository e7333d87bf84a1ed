use super::rig::{Client, Event, Rig};
use crate::Rules;
use dockeeper_zk_proto::{
    ErrorCode::{NoWatcher, SystemError},
    watch::{
        AddWatchMode, AddWatchRequest, CheckWatchesRequest,
        EventType::{self, NodeChildrenChanged, NodeCreated, NodeDataChanged, NodeDeleted},
        RemoveWatchesRequest, SetWatches2Request, WatcherType,
    },
};

fn event(kind: EventType, path: &str) -> Event {
    (kind, path.to_owned())
}

fn add(rig: &mut Rig, client: Client, path: &str, mode: AddWatchMode) {
    let path = path.to_owned();
    let reply = rig.call(client, &AddWatchRequest { path, mode }).unwrap();
    assert_eq!(reply.err, 0);
}

#[test]
fn persistent_watches_stay() {
    let mut rig = Rig::new();
    let (client, recursive) = (rig.client(), rig.client());
    add(&mut rig, client, "/a", AddWatchMode::Persistent);
    add(&mut rig, recursive, "/", AddWatchMode::PersistentRecursive);
    for _ in 0..2 {
        rig.make(client, "/a");
        rig.make(client, "/a/b");
        rig.set(client, "/a", "").unwrap();
        rig.delete(client, "/a/b").unwrap();
        rig.delete(client, "/a").unwrap();
        let expected = [
            event(NodeCreated, "/a"),
            event(NodeChildrenChanged, "/a"),
            event(NodeDataChanged, "/a"),
            event(NodeChildrenChanged, "/a"),
            event(NodeDeleted, "/a"),
        ];
        assert_eq!(rig.events(client), expected);
        let expected = [
            event(NodeCreated, "/a"),
            event(NodeCreated, "/a/b"),
            event(NodeDataChanged, "/a"),
            event(NodeDeleted, "/a/b"),
            event(NodeDeleted, "/a"),
        ];
        assert_eq!(rig.events(recursive), expected);
    }
}

#[test]
fn watches_can_be_taken_away() {
    let mut rig = Rig::new();
    let client = rig.client();
    rig.watch_exists(client, "/a", true).unwrap_err();
    let path = || "/a".to_owned();
    let mut check = |kind| rig.call(client, &CheckWatchesRequest { path: path(), kind });
    assert_eq!(check(WatcherType::Data), Ok(()));
    assert_eq!(check(WatcherType::Children), Err(NoWatcher));
    let mut remove = |kind| rig.call(client, &RemoveWatchesRequest { path: path(), kind });
    assert_eq!(remove(WatcherType::Any), Ok(()));
    assert_eq!(remove(WatcherType::Any), Err(NoWatcher));
    rig.make(client, "/a");
    assert_eq!(rig.events(client), []);
}

#[test]
fn a_persistent_watch_is_neither_datas_nor_childrens() {
    let mut rig = Rig::new();
    let client = rig.client();
    add(&mut rig, client, "/a", AddWatchMode::Persistent);
    let path = || "/a".to_owned();
    for kind in [WatcherType::Data, WatcherType::Children] {
        let check = CheckWatchesRequest { path: path(), kind };
        assert_eq!(rig.call(client, &check), Err(NoWatcher));
        let remove = RemoveWatchesRequest { path: path(), kind };
        assert_eq!(rig.call(client, &remove), Err(NoWatcher));
    }
    rig.make(client, "/a");
    assert_eq!(rig.events(client), [event(NodeCreated, "/a")]);
}

#[test]
fn a_connection_takes_its_watches_along() {
    let mut rig = Rig::new();
    let (first, second) = (rig.client(), rig.client());
    rig.watch_exists(first, "/a", true).unwrap_err();
    rig.disconnect(first);
    assert_eq!(rig.machine.watches().count(), 0);
    rig.make(second, "/a");
}

#[test]
fn what_was_missed_is_told() {
    let mut rig = Rig::new();
    let client = rig.client();
    for path in ["/same", "/set", "/gone", "/grown", "/made", "/fell"] {
        rig.make(client, path);
    }
    let relative_zxid = rig.machine.last_zxid();
    rig.set(client, "/set", "").unwrap();
    rig.make(client, "/grown/child");
    for path in ["/gone", "/fell"] {
        rig.delete(client, path).unwrap();
    }
    let paths = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect();
    let request = SetWatches2Request {
        relative_zxid,
        data: paths(&["/same", "/set", "/gone"]),
        exist: paths(&["/made", "/never"]),
        child: paths(&["/same", "/grown", "/fell"]),
        persistent: paths(&["/set"]),
        persistent_recursive: paths(&["/grown"]),
    };
    rig.call(client, &request).unwrap();
    let expected = [
        event(NodeDataChanged, "/set"),
        event(NodeDeleted, "/gone"),
        event(NodeCreated, "/made"),
        event(NodeChildrenChanged, "/grown"),
        event(NodeDeleted, "/fell"),
    ];
    assert_eq!(rig.events(client), expected);
    assert_eq!(rig.machine.watches().count(), 5);
    rig.make(client, "/never");
    rig.set(client, "/grown/child", "").unwrap();
    let expected = [
        event(NodeCreated, "/never"),
        event(NodeDataChanged, "/grown/child"),
    ];
    assert_eq!(rig.events(client), expected);
}

#[test]
fn watches_are_limited() {
    let mut rig = Rig::with_rules(Rules {
        watches_max: 1,
        ..Rules::default()
    });
    let client = rig.client();
    rig.watch_exists(client, "/", true).unwrap();
    assert_eq!(
        rig.watch_exists(client, "/zookeeper", true),
        Err(SystemError)
    );
    assert!(
        rig.watch_exists(client, "/", true).is_ok(),
        "it is there already"
    );
}

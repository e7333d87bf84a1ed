//! The mirror against a server that is nothing but a map, with events and answers that arrive late
//! and in any order between them.

use super::*;
use proptest::{collection::vec, prelude::*};

const PATHS: [&str; 7] = ["/r", "/r/a", "/r/a/x", "/r/a/y", "/r/b", "/r/b/z", "/r/c"];

/// Those without children: what lies below one that may not be read is found or not, by chance.
const LEAVES: [usize; 4] = [2, 3, 5, 6];

#[derive(Clone, Debug)]
enum Step {
    /// Create the znode, or change it if it is there.
    Write(usize),
    /// Create the leaf such that it may not be read, if it is not there.
    WriteHidden(usize),
    Delete(usize),
    /// The server answers the next read.
    Answer,
    /// The mirror hears of one event.
    Hear,
    /// The mirror gets one of the answers.
    Get(usize),
    Disconnect,
    Reconnect,
    /// The session is over, and a new one takes the mirror on.
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..PATHS.len()).prop_map(Step::Write),
        2 => (0..LEAVES.len()).prop_map(|leaf| Step::WriteHidden(LEAVES[leaf])),
        3 => (0..PATHS.len()).prop_map(Step::Delete),
        5 => Just(Step::Answer),
        4 => Just(Step::Hear),
        5 => any::<usize>().prop_map(Step::Get),
        1 => Just(Step::Disconnect),
        2 => Just(Step::Reconnect),
        1 => Just(Step::Restart),
    ]
}

enum Answer {
    Node(String, Found),
    Children(String, Vec<String>),
}

struct World {
    mirror: Mirror,
    server: BTreeMap<String, i64>,
    hidden: BTreeSet<String>,
    zxid: i64,
    is_connected: bool,
    resync: bool,
    events: VecDeque<Event>,
    answers: Vec<Answer>,
}

impl World {
    fn new() -> Self {
        Self {
            mirror: Mirror::new("/r"),
            server: BTreeMap::new(),
            hidden: BTreeSet::new(),
            zxid: 0,
            is_connected: true,
            resync: true,
            events: VecDeque::new(),
            answers: Vec::new(),
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Write(index) => self.write(PATHS[*index]),
            Step::WriteHidden(index) => {
                let path = PATHS[*index];
                if !self.server.contains_key(path) {
                    self.write(path);
                    self.hidden.insert(path.to_owned());
                    self.hidden.retain(|path| self.server.contains_key(path));
                }
            }
            Step::Delete(index) => self.delete(PATHS[*index]),
            Step::Answer => self.answer(),
            Step::Hear => self.hear(),
            Step::Get(index) => self.get(*index),
            Step::Disconnect => self.is_connected = false,
            Step::Reconnect if !self.is_connected => {
                self.is_connected = true;
                self.events.clear();
                self.resync = true;
            }
            Step::Reconnect => {}
            Step::Restart => {
                self.mirror.restart();
                self.answers.clear();
                self.is_connected = false;
                self.take(&Step::Reconnect);
            }
        }
    }

    fn write(&mut self, path: &str) {
        let parent = path::parent(path).unwrap();
        if path != "/r" && !self.server.contains_key(parent) {
            return;
        }
        self.zxid += 1;
        let kind = match self.server.insert(path.to_owned(), self.zxid) {
            Some(_) => EventKind::DataChanged,
            None => EventKind::Created,
        };
        self.tell(kind, path);
    }

    fn delete(&mut self, path: &str) {
        if self.children(path).is_empty() && self.server.remove(path).is_some() {
            self.hidden.remove(path);
            self.tell(EventKind::Deleted, path);
        }
    }

    fn tell(&mut self, kind: EventKind, path: &str) {
        if self.is_connected {
            let path = path.to_owned();
            self.events.push_back(Event { kind, path });
        }
    }

    fn children(&self, path: &str) -> Vec<String> {
        let is_child = |other: &&String| path::parent(other) == Some(path);
        let children = self.server.keys().filter(is_child);
        children.map(|child| path::name(child).to_owned()).collect()
    }

    fn answer(&mut self) {
        if !self.is_connected {
            return;
        }
        match self.mirror.next_fetch() {
            Some(Fetch::Node(path)) => {
                let found = match self.node(&path) {
                    Some(_) if self.hidden.contains(&path) => Found::Hidden,
                    Some(node) => Found::There(node.data, node.stat),
                    None => Found::Absent,
                };
                self.answers.push(Answer::Node(path, found));
            }
            Some(Fetch::Children(path)) => {
                let names = self.children(&path);
                self.answers.push(Answer::Children(path, names));
            }
            None => {}
        }
    }

    fn hear(&mut self) {
        if std::mem::take(&mut self.resync) {
            self.mirror.resync();
        } else if let Some(event) = self.events.pop_front() {
            self.mirror.event(&event);
        }
    }

    fn get(&mut self, index: usize) {
        if self.answers.is_empty() {
            return;
        }
        match self.answers.swap_remove(index % self.answers.len()) {
            Answer::Node(path, found) => self.mirror.got(&path, found),
            Answer::Children(path, names) => self.mirror.listed(&path, Some(&names)),
        };
    }

    fn node(&self, path: &str) -> Option<Node> {
        let mzxid = *self.server.get(path)?;
        // The number of children changes without an event for the znode itself: leave it out
        // where the contents are compared.
        let stat = Stat {
            mzxid,
            num_children: i32::try_from(self.children(path).len()).unwrap(),
            ..Stat::default()
        };
        let data = Bytes::from(mzxid.to_string());
        Some(Node { data, stat })
    }

    fn settle(&mut self) {
        self.take(&Step::Reconnect);
        while self.resync || !self.events.is_empty() || !self.mirror.is_settled() {
            self.hear();
            self.answer();
            self.get(0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn is_right_when_it_has_settled(steps in vec(step(), 0..120)) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
        }
        world.settle();
        let mirrored: BTreeMap<_, _> = world
            .mirror
            .nodes()
            .iter()
            .map(|(path, node)| (path.clone(), node.stat.mzxid))
            .collect();
        let hidden = std::mem::take(&mut world.hidden);
        prop_assert_eq!(world.mirror.hidden(), &hidden);
        world.server.retain(|path, _| !hidden.contains(path));
        prop_assert_eq!(mirrored, world.server);
    }
}

#[test]
fn what_may_not_be_read_any_more_is_hidden() {
    let mut mirror = Mirror::new("/r");
    let there = |num_children| {
        let stat = Stat {
            num_children,
            ..Stat::default()
        };
        Found::There(Bytes::new(), stat)
    };
    mirror.resync();
    assert!(mirror.got("/r", there(1)));
    // Its access control list has changed between the two reads.
    assert!(mirror.listed("/r", None));
    assert!(mirror.nodes().is_empty());
    assert!(mirror.hidden().iter().eq(["/r"]));
    mirror.resync();
    assert!(!mirror.got("/r", Found::Hidden), "as before");
    mirror.resync();
    assert!(mirror.got("/r", there(0)));
    assert!(mirror.hidden().is_empty());
    mirror.resync();
    assert!(mirror.got("/r", Found::Hidden));
    let event = Event {
        kind: EventKind::Deleted,
        path: "/r".to_owned(),
    };
    assert!(mirror.event(&event));
    assert!(mirror.hidden().is_empty());
}

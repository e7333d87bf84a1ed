//! The slow and obvious reference: whole paths in a map, and nothing clever.

use dockeeper_zk_proto::{
    ErrorCode::{self, *},
    Stat,
    acl::{Acl, Id, perms},
    create::CreateMode,
    path,
    watch::EventType::{self, NodeChildrenChanged, NodeCreated, NodeDataChanged, NodeDeleted},
};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
pub(super) struct ModelNode {
    data: Option<Vec<u8>>,
    acl: Vec<Acl>,
    stat: Stat,
    creations: i32,
    /// What ends it, beside a delete.
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Never,
    Session(usize),
    Container,
    Ttl(i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Watch {
    Data,
    Children,
    Persistent,
    Recursive,
}

/// A write, as both sides are asked to do it.
#[derive(Clone, Debug)]
pub(super) enum Write {
    Create(String, CreateMode, Vec<Acl>, Option<Vec<u8>>),
    Ttl(String, i64),
    Delete(String, i32),
    Set(String, Option<Vec<u8>>, i32),
    Check(String, i32),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Done {
    Created(String, Stat),
    Deleted,
    Set(Stat),
    Checked,
}

/// A znode's data, its children, and its stat.
pub(super) type Seen = (Option<Vec<u8>>, Vec<String>, Stat);

#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) nodes: BTreeMap<String, ModelNode>,
    pub(super) watches: BTreeSet<(usize, String, Watch)>,
    /// Of each session: its number, and who it is.
    pub(super) sessions: Vec<(i64, Vec<Id>)>,
    pub(super) zxid: i64,
    pub(super) now_ms: i64,
    pub(super) events: Vec<(usize, EventType, String)>,
}

// === impl Model ===

impl Model {
    pub(super) fn new() -> Self {
        let mut model = Self::default();
        for (path, acl, aversion) in [
            ("/", Acl::open(), 0),
            ("/zookeeper", Acl::open(), 0),
            ("/zookeeper/quota", Acl::open(), 0),
            ("/zookeeper/config", Acl::read_only(), -1),
        ] {
            let stat = Stat {
                aversion,
                ..Stat::default()
            };
            let node = ModelNode {
                data: Some(Vec::new()),
                acl,
                stat,
                creations: 0,
                end: End::Never,
            };
            model.nodes.insert(path.to_owned(), node);
        }
        model
    }

    pub(super) fn children(&self, path: &str) -> Vec<String> {
        let below = self
            .nodes
            .keys()
            .filter(|other| path::parent(other) == Some(path));
        below.map(|path| path::name(path).to_owned()).collect()
    }

    pub(super) fn stat(&self, path: &str) -> Stat {
        let node = &self.nodes[path];
        let children = i32::try_from(self.children(path).len()).unwrap();
        Stat {
            cversion: node.creations * 2 - children,
            num_children: children,
            data_len: node
                .data
                .as_ref()
                .map_or(0, |data| i32::try_from(data.len()).unwrap()),
            ephemeral_owner: match node.end {
                End::Session(session) => self.sessions[session].0,
                _ => 0,
            },
            ..node.stat
        }
    }

    fn allows(&self, path: &str, wanted: i32, session: usize) -> Result<(), ErrorCode> {
        let ids = &self.sessions[session].1;
        let allows = |entry: &Acl| {
            entry.perms & wanted != 0 && (entry.id.scheme == "world" || ids.contains(&entry.id))
        };
        if self.nodes[path].acl.iter().any(allows) {
            Ok(())
        } else {
            Err(NoAuth)
        }
    }

    pub(super) fn read(&self, session: usize, path: &str) -> Result<Seen, ErrorCode> {
        let node = self.nodes.get(path).ok_or(NoNode)?;
        self.allows(path, perms::READ, session)?;
        Ok((node.data.clone(), self.children(path), self.stat(path)))
    }

    pub(super) fn exists(&self, path: &str) -> Result<Stat, ErrorCode> {
        self.nodes.get(path).ok_or(NoNode)?;
        Ok(self.stat(path))
    }

    /// A write by itself.
    pub(super) fn write(&mut self, session: usize, write: &Write) -> Result<Done, ErrorCode> {
        let mut results = self.multi(session, std::slice::from_ref(write));
        results.remove(0)
    }

    /// All or nothing.
    pub(super) fn multi(
        &mut self,
        session: usize,
        writes: &[Write],
    ) -> Vec<Result<Done, ErrorCode>> {
        let before = self.clone();
        self.zxid += 1;
        let mut results = Vec::new();
        for write in writes {
            let result = self.one(session, write);
            let is_failure = result.is_err();
            results.push(result);
            if is_failure {
                *self = before;
                results.resize(writes.len(), Err(RuntimeInconsistency));
                return results;
            }
        }
        if results.iter().all(|result| *result == Ok(Done::Checked)) {
            self.zxid -= 1;
        }
        results
    }

    fn one(&mut self, session: usize, write: &Write) -> Result<Done, ErrorCode> {
        match write {
            Write::Create(path, mode, acl, data) => {
                let end = match mode {
                    mode if mode.is_ephemeral() => End::Session(session),
                    CreateMode::Container => End::Container,
                    _ => End::Never,
                };
                self.create(session, path, mode.is_sequential(), acl, data.clone(), end)
            }
            Write::Ttl(path, ttl_ms) => {
                self.create(session, path, false, &Acl::open(), None, End::Ttl(*ttl_ms))
            }
            Write::Delete(path, version) => {
                let parent = path::parent(path).ok_or(BadArguments)?.to_owned();
                self.nodes.get(&parent).ok_or(NoNode)?;
                self.allows(&parent, perms::DELETE, session)?;
                let node = self.nodes.get(path).ok_or(NoNode)?;
                fits(node.stat.version, *version)?;
                if !self.children(path).is_empty() {
                    return Err(NotEmpty);
                }
                self.remove(path);
                Ok(Done::Deleted)
            }
            Write::Set(path, data, version) => {
                let node = self.nodes.get(path).ok_or(NoNode)?;
                self.allows(path, perms::WRITE, session)?;
                fits(node.stat.version, *version)?;
                let (zxid, now_ms) = (self.zxid, self.now_ms);
                let node = self.nodes.get_mut(path).unwrap();
                node.data = data.clone();
                node.stat.version += 1;
                node.stat.mzxid = zxid;
                node.stat.mtime_ms = now_ms;
                let acl = node.acl.clone();
                self.fire(NodeDataChanged, path, &acl);
                Ok(Done::Set(self.stat(path)))
            }
            Write::Check(path, version) => {
                let node = self.nodes.get(path).ok_or(NoNode)?;
                self.allows(path, perms::READ, session)?;
                fits(node.stat.version, *version)?;
                Ok(Done::Checked)
            }
        }
    }

    fn create(
        &mut self,
        session: usize,
        path: &str,
        is_sequential: bool,
        acl: &[Acl],
        data: Option<Vec<u8>>,
        end: End,
    ) -> Result<Done, ErrorCode> {
        let ids = &self.sessions[session].1;
        let proved = || ids.iter().filter(|id| id.scheme == "digest");
        let mut fixed = Vec::new();
        for entry in acl {
            if entry.id.scheme == "auth" {
                fixed.extend(proved().map(|id| Acl::new(entry.perms, &id.scheme, &id.id)));
            } else {
                fixed.push(entry.clone());
            }
        }
        if fixed.is_empty() {
            return Err(InvalidAcl);
        }
        let parent = path::parent(path).unwrap().to_owned();
        let above = self.nodes.get(&parent).ok_or(NoNode)?;
        self.allows(&parent, perms::CREATE, session)?;
        let mut path = path.to_owned();
        if is_sequential {
            path += &format!("{:010}", above.creations);
        }
        if self.nodes.contains_key(&path) {
            return Err(NodeExists);
        }
        if matches!(above.end, End::Session(_)) {
            return Err(NoChildrenForEphemerals);
        }
        let parent_acl = above.acl.clone();
        let zxid = self.zxid;
        let above = self.nodes.get_mut(&parent).unwrap();
        above.creations += 1;
        above.stat.pzxid = zxid;
        let stat = Stat {
            czxid: zxid,
            mzxid: zxid,
            pzxid: zxid,
            ctime_ms: self.now_ms,
            mtime_ms: self.now_ms,
            ..Stat::default()
        };
        let node = ModelNode {
            data,
            acl: fixed.clone(),
            stat,
            creations: 0,
            end,
        };
        self.nodes.insert(path.clone(), node);
        self.fire(NodeCreated, &path, &fixed);
        self.fire(NodeChildrenChanged, &parent, &parent_acl);
        let stat = self.stat(&path);
        Ok(Done::Created(path, stat))
    }

    pub(super) fn set_acl(
        &mut self,
        session: usize,
        path: &str,
        acl: &[Acl],
    ) -> Result<Stat, ErrorCode> {
        self.nodes.get(path).ok_or(NoNode)?;
        self.allows(path, perms::ADMIN, session)?;
        self.zxid += 1;
        let node = self.nodes.get_mut(path).unwrap();
        node.acl = acl.to_vec();
        node.stat.aversion += 1;
        Ok(self.stat(path))
    }

    fn remove(&mut self, path: &str) {
        let node = self.nodes.remove(path).unwrap();
        let parent = path::parent(path).unwrap();
        let zxid = self.zxid;
        let above = self.nodes.get_mut(parent).unwrap();
        above.stat.pzxid = zxid;
        let parent_acl = above.acl.clone();
        self.fire(NodeDeleted, path, &node.acl);
        self.fire(NodeChildrenChanged, parent, &parent_acl);
    }

    pub(super) fn ephemerals(&self, session: usize) -> Vec<String> {
        let nodes = self.nodes.iter();
        let mine = nodes.filter(|(_, node)| node.end == End::Session(session));
        mine.map(|(path, _)| path.clone()).collect()
    }

    /// The session ends, and with it its connection.
    pub(super) fn end(&mut self, session: usize) {
        self.zxid += 1;
        for path in self.ephemerals(session) {
            self.remove(&path);
        }
        self.watches.retain(|(watcher, _, _)| *watcher != session);
    }

    /// What is over now.
    pub(super) fn over(&self) -> BTreeSet<String> {
        let is_over = |(path, node): &(&String, &ModelNode)| {
            self.children(path).is_empty()
                && match node.end {
                    End::Container => node.creations > 0,
                    End::Ttl(ms) => self.now_ms - node.stat.mtime_ms > ms,
                    _ => false,
                }
        };
        let over = self.nodes.iter().filter(is_over);
        over.map(|(path, _)| path.clone()).collect()
    }

    pub(super) fn reap(&mut self, path: &str) {
        self.zxid += 1;
        self.remove(path);
    }

    fn fire(&mut self, kind: EventType, path: &str, acl: &[Acl]) {
        let matches = |watched: &str, watch: Watch| match watch {
            Watch::Data => watched == path && kind != NodeChildrenChanged,
            Watch::Children => watched == path && matches!(kind, NodeChildrenChanged | NodeDeleted),
            Watch::Persistent => watched == path,
            Watch::Recursive => path::is_within(path, watched) && kind != NodeChildrenChanged,
        };
        let watches = self.watches.iter();
        let fired: BTreeSet<_> = watches
            .filter(|(_, watched, watch)| matches(watched, *watch))
            .map(|(session, _, _)| *session)
            .collect();
        self.watches.retain(|(_, watched, watch)| {
            !(matches(watched, *watch) && matches!(watch, Watch::Data | Watch::Children))
        });
        for session in fired {
            let ids = &self.sessions[session].1;
            let may_read = |entry: &Acl| {
                entry.perms & perms::READ != 0
                    && (entry.id.scheme == "world" || ids.contains(&entry.id))
            };
            if acl.iter().any(may_read) {
                self.events.push((session, kind, path.to_owned()));
            }
        }
    }
}

fn fits(actual: i32, expected: i32) -> Result<(), ErrorCode> {
    if expected == -1 || expected == actual {
        Ok(())
    } else {
        Err(BadVersion)
    }
}

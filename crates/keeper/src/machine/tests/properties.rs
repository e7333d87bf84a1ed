//! Random operations of several sessions: the machine against the model, its log, its snapshots.

use super::{
    model::{Done, Model, Watch, Write},
    rig::{Client, KEY, Rig},
    steps::{SESSIONS, Step, op, step},
};
use crate::{Machine, Rules, Txn, machine::connection::Connection};
use bytes::Bytes;
use dockeeper_zk_proto::{
    ErrorCode, OpCode, Request, Stat,
    acl::{Acl, SetAclRequest},
    create::Create2Response,
    data::*,
    multi::{MultiRequest, Op, OpResult},
    session::{AuthRequest, GetEphemeralsRequest},
    watch::*,
};
use proptest::{collection::vec, prelude::*};
use std::{collections::BTreeSet, time::Duration};

/// A machine and a model of which the same is asked.
struct Pair {
    rig: Rig,
    model: Model,
    clients: Vec<Client>,
    /// Which of the model's sessions each client has.
    owners: Vec<usize>,
    snapshot: Option<Snapshot>,
    /// What a crash would leave: only what is on disk.
    survivor: Rig,
}

struct Snapshot {
    zxid: i64,
    dump: String,
    blocks: Vec<Bytes>,
    is_whole: bool,
}

impl Pair {
    fn new() -> Self {
        let mut pair = Self {
            rig: Rig::new(),
            model: Model::new(),
            clients: Vec::new(),
            owners: Vec::new(),
            snapshot: None,
            survivor: Rig::new(),
        };
        for index in 0..SESSIONS {
            pair.begin(index);
        }
        // The reaper's first interval begins.
        pair.rig.pass(Duration::ZERO);
        pair
    }

    /// The client of this index begins a session; the first two prove who they are.
    fn begin(&mut self, index: usize) {
        let client = self.rig.client();
        if index < 2 {
            let request = AuthRequest {
                kind: 0,
                scheme: "digest".to_owned(),
                auth: Some(Bytes::from(format!("user{index}:secret"))),
            };
            self.rig
                .call_as::<()>(client, OpCode::Auth, &request)
                .unwrap();
        }
        let ids = self.rig.machine.connections[&client.0].ids.to_vec();
        self.model.zxid += 1;
        self.model.sessions.push((self.rig.session(client), ids));
        self.clients.truncate(index.max(self.clients.len()));
        if index == self.clients.len() {
            self.clients.push(client);
            self.owners.push(0);
        }
        self.clients[index] = client;
        self.owners[index] = self.model.sessions.len() - 1;
    }

    fn step(&mut self, index: usize, step: &Step) -> Result<(), TestCaseError> {
        let (client, owner) = (self.clients[index], self.owners[index]);
        self.model.now_ms = self.rig.now.wall_ms + 1;
        match step {
            Step::Write(write) => {
                let expected = self.model.write(owner, write);
                prop_assert_eq!(self.write(client, write), expected);
            }
            Step::Multi(writes) => {
                let expected = comparable(self.model.multi(owner, writes));
                prop_assert_eq!(comparable(self.multi(client, writes)), expected);
            }
            Step::SetAcl(path, acl) => self.set_acl(client, owner, path, *acl)?,
            Step::Close => {
                let ended = self.rig.call_as::<()>(client, OpCode::CloseSession, &());
                prop_assert_eq!(ended, Ok(()));
                self.model.end(owner);
                self.sort_events();
                self.compare_events()?;
                self.begin(index);
            }
            Step::Minute => self.minute()?,
            Step::Snapshot(nodes) => self.snapshot(*nodes),
            Step::Durable => self.durable(),
            read => self.read(client, owner, read)?,
        }
        prop_assert_eq!(self.rig.machine.last_zxid(), self.model.zxid);
        self.compare_events()
    }

    fn write(&mut self, client: Client, write: &Write) -> Result<Done, ErrorCode> {
        let rig = &mut self.rig;
        match op(write) {
            Op::Create2(request) => {
                let opcode = match request.flags {
                    4 => OpCode::CreateContainer,
                    _ => OpCode::Create2,
                };
                let reply = rig.create2(client, opcode, &request);
                reply.map(|reply| Done::Created(reply.path, reply.stat))
            }
            Op::CreateTtl(request) => {
                let reply: Create2Response = rig.call(client, &request)?;
                Ok(Done::Created(reply.path, reply.stat))
            }
            Op::Delete(request) => rig.call(client, &request).map(|()| Done::Deleted),
            Op::SetData(request) => {
                let reply = rig.call(client, &request)?;
                Ok(Done::Set(reply.stat))
            }
            other => panic!("{other:?}"),
        }
    }

    fn multi(&mut self, client: Client, writes: &[Write]) -> Vec<Result<Done, ErrorCode>> {
        let ops = writes.iter().map(op).collect();
        let reply = self.rig.call(client, &MultiRequest { ops }).unwrap();
        let results = reply.results.into_iter();
        let is_failure = results
            .clone()
            .any(|result| matches!(result, OpResult::Error(Some(_))));
        results
            .map(|result| match result {
                OpResult::Create(made) => Ok(Done::Created(made.path, Stat::default())),
                OpResult::Create2(made) => Ok(Done::Created(made.path, made.stat)),
                OpResult::Delete => Ok(Done::Deleted),
                OpResult::SetData(set) => Ok(Done::Set(set.stat)),
                OpResult::Check => Ok(Done::Checked),
                OpResult::Error(Some(code)) => Err(code),
                OpResult::Error(None) => {
                    assert!(is_failure);
                    Ok(Done::Checked)
                }
                other => panic!("{other:?}"),
            })
            .collect()
    }

    fn set_acl(
        &mut self,
        client: Client,
        owner: usize,
        path: &str,
        acl: usize,
    ) -> Result<(), TestCaseError> {
        // Only lists that nothing has to be made of.
        let acl = if acl == 4 {
            Acl::read_only()
        } else {
            Acl::open()
        };
        let expected = self.model.set_acl(owner, path, &acl);
        let request = SetAclRequest {
            path: path.to_owned(),
            acl,
            version: -1,
        };
        let found = self.rig.call(client, &request).map(|reply| reply.stat);
        prop_assert_eq!(found, expected);
        Ok(())
    }

    /// All that happened so far is on disk.
    fn durable(&mut self) {
        let survivor = &mut self.survivor.machine;
        let last = survivor.last_zxid();
        for entry in self.rig.log.iter().filter(|entry| entry.zxid > last) {
            survivor.replay(entry).unwrap();
        }
        self.rig.machine.durable(self.model.zxid);
    }

    /// Whatever is answered at once, would be answered behind a crash too.
    fn survives<T: Request<Reply: PartialEq + std::fmt::Debug>>(
        &mut self,
        client: Client,
        request: &T,
        found: Result<T::Reply, ErrorCode>,
        order: impl Fn(&mut T::Reply),
    ) -> Result<(), TestCaseError> {
        if self.rig.after > 0 {
            return Ok(());
        }
        let known = &self.rig.machine.connections[&client.0];
        let mut same = Connection::new(known.session, known.timeout_ms, known.peer.clone());
        same.ids = known.ids.clone();
        self.survivor.machine.connections.insert(client.0, same);
        let ordered = |mut reply| {
            order(&mut reply);
            reply
        };
        let after_crash = self.survivor.call(client, request).map(ordered);
        prop_assert_eq!(after_crash, found.map(ordered));
        Ok(())
    }

    fn read(&mut self, client: Client, owner: usize, step: &Step) -> Result<(), TestCaseError> {
        self.look(client, step)?;
        let (rig, model) = (&mut self.rig, &mut self.model);
        match step.clone() {
            Step::Exists(path, watch) => {
                let found = rig.watch_exists(client, &path, watch);
                prop_assert_eq!(found, model.exists(&path));
                if watch {
                    model.watches.insert((owner, path, Watch::Data));
                }
            }
            Step::Data(path, watch) => {
                let expected = model.read(owner, &path);
                if watch && expected.is_ok() {
                    model.watches.insert((owner, path.clone(), Watch::Data));
                }
                let found = rig.call(client, &GetDataRequest { path, watch });
                let found = found.map(|found| (found.data.map(|data| data.to_vec()), found.stat));
                prop_assert_eq!(found, expected.map(|(data, _, stat)| (data, stat)));
            }
            Step::Children(path, watch) => {
                let expected = model.read(owner, &path);
                if watch && expected.is_ok() {
                    model.watches.insert((owner, path.clone(), Watch::Children));
                }
                let found = rig.call(client, &GetChildren2Request { path, watch });
                let found = found.map(|mut found| {
                    found.children.sort();
                    (found.children, found.stat)
                });
                prop_assert_eq!(found, expected.map(|(_, children, stat)| (children, stat)));
            }
            other => self.ask(client, owner, other)?,
        }
        Ok(())
    }

    fn ask(&mut self, client: Client, owner: usize, step: Step) -> Result<(), TestCaseError> {
        let (rig, model) = (&mut self.rig, &mut self.model);
        match step {
            Step::CountBelow(path) => {
                let expected = model.read(owner, &path).map(|_| {
                    let below = format!("{path}/");
                    let keys = model.nodes.keys();
                    i32::try_from(keys.filter(|key| key.starts_with(&below)).count()).unwrap()
                });
                let found = rig.call(client, &GetAllChildrenNumberRequest { path });
                prop_assert_eq!(found.map(|found| found.total), expected);
            }
            Step::Ephemerals => {
                let prefix = String::new();
                let mut found = rig
                    .call(client, &GetEphemeralsRequest { prefix })
                    .unwrap()
                    .paths;
                found.sort();
                prop_assert_eq!(found, model.ephemerals(owner));
            }
            Step::AddWatch(path, is_recursive) => {
                let (mode, watch) = if is_recursive {
                    (AddWatchMode::PersistentRecursive, Watch::Recursive)
                } else {
                    (AddWatchMode::Persistent, Watch::Persistent)
                };
                model.watches.insert((owner, path.clone(), watch));
                rig.call(client, &AddWatchRequest { path, mode }).unwrap();
            }
            Step::RemoveWatches(path) => {
                let before = model.watches.len();
                model
                    .watches
                    .retain(|(watcher, watched, _)| (*watcher, watched) != (owner, &path));
                let expected = model.watches.len() < before;
                let kind = WatcherType::Any;
                let found = rig.call(client, &RemoveWatchesRequest { path, kind });
                prop_assert_eq!(found.is_ok(), expected);
            }
            other => panic!("{other:?}"),
        }
        Ok(())
    }

    /// Reads without a watch.
    fn look(&mut self, client: Client, step: &Step) -> Result<(), TestCaseError> {
        let watch = false;
        match step.clone() {
            Step::Exists(path, _) => {
                let request = ExistsRequest { path, watch };
                let found = self.rig.call(client, &request);
                self.survives(client, &request, found, |_| {})
            }
            Step::Data(path, _) => {
                let request = GetDataRequest { path, watch };
                let found = self.rig.call(client, &request);
                self.survives(client, &request, found, |_| {})
            }
            Step::Children(path, _) => {
                let request = GetChildren2Request { path, watch };
                let found = self.rig.call(client, &request);
                self.survives(client, &request, found, |reply| reply.children.sort())
            }
            Step::CountBelow(path) => {
                let request = GetAllChildrenNumberRequest { path };
                let found = self.rig.call(client, &request);
                self.survives(client, &request, found, |_| {})
            }
            _ => Ok(()),
        }
    }

    /// Time enough for the reaper, while sessions give signs of life.
    fn minute(&mut self) -> Result<(), TestCaseError> {
        for _ in 0..10 {
            self.rig.now.mono += Duration::from_secs(6);
            self.rig.now.wall_ms += 6000;
            for client in self.clients.clone() {
                self.rig
                    .raw(client, OpCode::Ping.to_wire(), b"")
                    .unwrap()
                    .unwrap();
            }
        }
        let before = self.rig.log.len();
        self.rig.pass(Duration::from_millis(1));
        self.model.now_ms = self.rig.now.wall_ms;
        let mut reaped = BTreeSet::new();
        let over = self.model.over();
        for entry in &self.rig.log[before..] {
            let Txn::Delete { path } = &entry.txn else {
                panic!("{entry:?}");
            };
            self.model.reap(path);
            reaped.insert(path.clone());
        }
        prop_assert_eq!(reaped, over);
        self.sort_events();
        Ok(())
    }

    /// Where several znodes end at once, nothing says in which order.
    fn sort_events(&mut self) {
        self.model.events.sort_by_key(|event| format!("{event:?}"));
        for events in self.rig.events.values_mut() {
            events.sort_by_key(|event| format!("{event:?}"));
        }
    }

    fn compare_events(&mut self) -> Result<(), TestCaseError> {
        let expected = std::mem::take(&mut self.model.events);
        for (client, owner) in self.clients.clone().into_iter().zip(self.owners.clone()) {
            let mine = expected.iter().filter(|(session, _, _)| *session == owner);
            let mine: Vec<_> = mine.map(|(_, kind, path)| (*kind, path.clone())).collect();
            prop_assert_eq!(self.rig.events(client), mine);
        }
        Ok(())
    }

    fn snapshot(&mut self, nodes: usize) {
        let machine = &mut self.rig.machine;
        let snapshot = self.snapshot.get_or_insert_with(|| Snapshot {
            dump: machine.dump(),
            zxid: machine.snapshot_begin(),
            blocks: Vec::new(),
            is_whole: false,
        });
        match machine.snapshot_block(nodes) {
            Some(block) => snapshot.blocks.push(block),
            None => snapshot.is_whole = true,
        }
    }

    /// The log alone, and a snapshot with what came behind it, are the state.
    fn compare_copies(&mut self) -> Result<(), TestCaseError> {
        let dump = self.rig.machine.dump();
        prop_assert!(dump.ends_with("sound: true\n"));
        prop_assert_eq!(&self.rig.replayed().dump(), &dump);
        self.snapshot(1);
        while !self.snapshot.as_ref().unwrap().is_whole {
            self.snapshot(100);
        }
        let snapshot = self.snapshot.take().unwrap();
        let mut restorer = Machine::restore(Rules::default(), KEY);
        for block in snapshot.blocks {
            restorer.block(block).unwrap();
        }
        let mut copy = restorer.finish(snapshot.zxid).unwrap();
        prop_assert_eq!(copy.dump(), snapshot.dump);
        for entry in self
            .rig
            .log
            .iter()
            .filter(|entry| entry.zxid > snapshot.zxid)
        {
            copy.replay(entry).unwrap();
        }
        prop_assert_eq!(copy.dump(), dump);
        Ok(())
    }
}

/// What of a result can be compared: a create in a multi does not tell the stat, and what was
/// taken back tells nothing.
fn comparable(results: Vec<Result<Done, ErrorCode>>) -> Vec<Result<Done, ErrorCode>> {
    let is_failure = results.iter().any(Result::is_err);
    let bare = |done| match done {
        _ if is_failure => Done::Checked,
        Done::Created(path, _) => Done::Created(path, Stat::default()),
        done => done,
    };
    results.into_iter().map(|result| result.map(bare)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn behaves_like_the_model(steps in vec((0..SESSIONS, step()), 1..80)) {
        let mut pair = Pair::new();
        for (index, step) in &steps {
            pair.step(*index, step)?;
        }
        pair.compare_copies()?;
    }
}

//! Arming watches and taking them away.

use super::{
    Effects, Machine,
    answer::{Refusal, Shows, send},
    connection::Caller,
    reader::{Garbled, Reader},
};
use crate::{ConnId, watches::Kind};
use dockeeper_zk_proto::{
    ErrorCode, Record,
    watch::{EventType, WatcherType},
};
use std::borrow::Cow;

/// The watches that a client wants again after a reconnect.
struct Rearmed<'a> {
    relative_zxid: i64,
    data: Vec<Cow<'a, str>>,
    exist: Vec<Cow<'a, str>>,
    child: Vec<Cow<'a, str>>,
    persistent: Vec<Cow<'a, str>>,
    persistent_recursive: Vec<Cow<'a, str>>,
}

// === impl Rearmed ===

impl<'a> Rearmed<'a> {
    fn read(body: &mut Reader<'a>, has_persistent: bool) -> Result<Self, Garbled> {
        let mut rearmed = Self {
            relative_zxid: body.i64()?,
            data: body.texts()?,
            exist: body.texts()?,
            child: body.texts()?,
            persistent: Vec::new(),
            persistent_recursive: Vec::new(),
        };
        if has_persistent {
            rearmed.persistent = body.texts()?;
            rearmed.persistent_recursive = body.texts()?;
        }
        Ok(rearmed)
    }
}

// === impl Machine ===

impl Machine {
    /// Arms a watch. Apache knows no limit, so there is no error for it either.
    pub(super) fn watch(&mut self, conn: ConnId, path: &str, kind: Kind) -> Result<(), ErrorCode> {
        let added = self.watches.add(conn, path, kind);
        added.map_err(|_| ErrorCode::SystemError)
    }

    pub(super) fn add_watch(
        &mut self,
        caller: &Caller,
        mut body: Reader<'_>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let path = body.text()?;
        let kind = match body.i32()? {
            0 => Kind::Persistent,
            1 => Kind::PersistentRecursive,
            _ => return Err(Garbled.into()),
        };
        self.watch(caller.conn, &path, kind)?;
        self.reply(caller, 0, effects, |_, out| 0i32.encode(out));
        Ok(())
    }

    pub(super) fn check_watches(
        &mut self,
        caller: &Caller,
        mut body: Reader<'_>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let (path, which) = (body.text()?, watcher_type(body.i32()?)?);
        let is_there = self.watches.contains(caller.conn, &path, which);
        self.answer_watcher(caller, is_there, effects)
    }

    pub(super) fn remove_watches(
        &mut self,
        caller: &Caller,
        mut body: Reader<'_>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let (path, which) = (body.text_or_null()?, watcher_type(body.i32()?)?);
        let was_there = path.is_some_and(|path| self.watches.remove(caller.conn, &path, which));
        self.answer_watcher(caller, was_there, effects)
    }

    fn answer_watcher(
        &mut self,
        caller: &Caller,
        is_there: bool,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        if !is_there {
            return Err(Refusal {
                code: ErrorCode::NoWatcher,
                shows: Shows::Nothing,
            });
        }
        self.reply(caller, 0, effects, |_, _| {});
        Ok(())
    }

    /// Arms a client's watches again. What happened in between is told at once instead, and those
    /// watches are spent.
    pub(super) fn set_watches(
        &mut self,
        caller: &Caller,
        mut body: Reader<'_>,
        has_persistent: bool,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let rearmed = Rearmed::read(&mut body, has_persistent)?;
        let since = rearmed.relative_zxid;
        for path in &rearmed.data {
            let missed = match self.tree.find(path) {
                Err(_) => Some(EventType::NodeDeleted),
                Ok(id) if self.tree.node(id).mzxid > since => Some(EventType::NodeDataChanged),
                Ok(_) => None,
            };
            self.rearm(caller.conn, path, Kind::Data, missed, effects)?;
        }
        for path in &rearmed.exist {
            let is_there = self.tree.find(path).is_ok();
            let missed = is_there.then_some(EventType::NodeCreated);
            self.rearm(caller.conn, path, Kind::Data, missed, effects)?;
        }
        for path in &rearmed.child {
            let missed = match self.tree.find(path) {
                Err(_) => Some(EventType::NodeDeleted),
                Ok(id) if self.tree.node(id).pzxid > since => Some(EventType::NodeChildrenChanged),
                Ok(_) => None,
            };
            self.rearm(caller.conn, path, Kind::Children, missed, effects)?;
        }
        for path in &rearmed.persistent {
            self.watch(caller.conn, path, Kind::Persistent)?;
        }
        for path in &rearmed.persistent_recursive {
            self.watch(caller.conn, path, Kind::PersistentRecursive)?;
        }
        let after = self.after(Shows::All, "");
        self.reply(caller, after, effects, |_, _| {});
        Ok(())
    }

    fn rearm(
        &mut self,
        conn: ConnId,
        path: &str,
        kind: Kind,
        missed: Option<EventType>,
        effects: &mut Effects,
    ) -> Result<(), ErrorCode> {
        let Some(event) = missed else {
            return self.watch(conn, path, kind);
        };
        let after = self.after(Shows::All, "");
        if let Some(frame) = self.event(event, path) {
            send(conn, after, frame, effects);
        }
        Ok(())
    }
}

/// Types 4 and 5 are those of 3.9, where kinds of watches do not replace each other either.
fn watcher_type(value: i32) -> Result<WatcherType, Garbled> {
    match value {
        1 => Ok(WatcherType::Children),
        2 => Ok(WatcherType::Data),
        3 => Ok(WatcherType::Any),
        4 => Ok(WatcherType::Persistent),
        5 => Ok(WatcherType::PersistentRecursive),
        _ => Err(Garbled),
    }
}

//! Writes, each a transaction of its own.

use super::{
    Effects, Machine, Now,
    answer::Refusal,
    apply::{Applied, Change},
    connection::Caller,
    judge::kind_alone,
    reader::Reader,
    requests::{Create, SetAcl, SetData, Versioned},
};
use crate::{
    Entry, Txn,
    tree::{NodeId, Stamp, Tree},
};
use bytes::{Bytes, BytesMut};
use dockeeper_zk_proto::{ErrorCode, OpCode, Record, Stat};

/// A request's body, and the frame that it is in.
#[derive(Clone, Debug)]
pub(super) struct Body<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) frame: &'a Bytes,
}

// === impl Machine ===

impl Machine {
    pub(super) fn create(
        &mut self,
        caller: &Caller,
        opcode: OpCode,
        mut body: Body<'_>,
        now: Now,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let request = match opcode {
            OpCode::CreateTtl => Create::read_with_ttl(&mut body.reader, body.frame)?,
            _ => Create::read(&mut body.reader, body.frame)?,
        };
        let has_extended_types = self.rules.has_extended_types;
        let named = kind_alone(opcode, request.flags, request.ttl_ms, has_extended_types)?;
        let change = self.judge_create(&caller.ids, request, named)?;
        self.write(caller, change, now, effects, |txn, tree, id, out| {
            let Txn::Create { path, data, .. } = txn else {
                return;
            };
            path.encode(out);
            if opcode != OpCode::Create {
                created_stat(tree, id, data.as_ref()).encode(out);
            }
        })
    }

    pub(super) fn delete(
        &mut self,
        caller: &Caller,
        mut body: Body<'_>,
        now: Now,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let request = Versioned::read(&mut body.reader)?;
        let change = self.judge_delete(&caller.ids, request)?;
        self.write(caller, change, now, effects, |_, _, _, _| {})
    }

    pub(super) fn set_data(
        &mut self,
        caller: &Caller,
        mut body: Body<'_>,
        now: Now,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let request = SetData::read(&mut body.reader, body.frame)?;
        let change = self.judge_set_data(&caller.ids, request)?;
        self.write(caller, change, now, effects, put_stat)
    }

    pub(super) fn set_acl(
        &mut self,
        caller: &Caller,
        mut body: Body<'_>,
        now: Now,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let request = SetAcl::read(&mut body.reader)?;
        let change = self.judge_set_acl(&caller.ids, request)?;
        self.write(caller, change, now, effects, put_stat)
    }

    /// A check by itself. Apache's server means to answer with the stat, and never answers.
    pub(super) fn check_alone(
        &mut self,
        caller: &Caller,
        mut body: Body<'_>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let request = Versioned::read_check(&mut body.reader)?;
        let id = self.judge_check(&caller.ids, &request)?;
        self.reply_stat(caller, id, &request.path, effects);
        Ok(())
    }

    /// Does what was judged: changes the tree, sends the events, answers, and gives the entry out.
    fn write(
        &mut self,
        caller: &Caller,
        change: Change,
        now: Now,
        effects: &mut Effects,
        body: impl FnOnce(&Txn, &Tree, NodeId, &mut BytesMut),
    ) -> Result<(), Refusal> {
        self.take_room(&change.txn)?;
        let entry = self.enter(caller.session, change.txn, now);
        let applied = self.apply(change.at, &entry.txn, Stamp::of(&entry));
        let id = applied.id;
        self.fire_for(&entry.txn, applied, entry.zxid, effects);
        self.reply(caller, entry.zxid, effects, |tree, out| {
            body(&entry.txn, tree, id, out);
        });
        effects.entries.push(entry);
        Ok(())
    }

    /// Makes an entry of changes that are in the tree already, and sends their events.
    pub(super) fn conclude(&mut self, entry: Entry, applied: Vec<Applied>, effects: &mut Effects) {
        self.advance(&entry);
        if let Txn::Multi(txns) = &entry.txn {
            for (txn, applied) in txns.iter().zip(applied) {
                self.fire_for(txn, applied, entry.zxid, effects);
            }
        }
        effects.entries.push(entry);
    }

    /// Deletes a znode for the server itself.
    pub(super) fn delete_by_server(
        &mut self,
        at: NodeId,
        now: Now,
        effects: &mut Effects,
    ) -> Result<(), ErrorCode> {
        let path = self.tree.path(at);
        let txn = Txn::Delete { path };
        self.take_room(&txn)?;
        let entry = self.enter(0, txn, now);
        let applied = self.apply(at, &entry.txn, Stamp::of(&entry));
        self.fire_for(&entry.txn, applied, entry.zxid, effects);
        effects.entries.push(entry);
        Ok(())
    }
}

/// The answer of who changed a znode.
fn put_stat(_: &Txn, tree: &Tree, id: NodeId, out: &mut BytesMut) {
    tree.stat(id).encode(out);
}

/// The stat of a znode as a request creates it. One that a quota counts in holds something else by
/// now.
pub(super) fn created_stat(tree: &Tree, id: NodeId, data: Option<&Bytes>) -> Stat {
    let data_len = data.map_or(0, Bytes::len);
    Stat {
        data_len: i32::try_from(data_len).unwrap_or(i32::MAX),
        ..tree.stat(id)
    }
}

//! Several writes as one transaction.
//!
//! Each is judged and applied in turn, so that it sees what those before it did; the first that
//! fails takes all back.

mod ops;

pub(super) use self::ops::header;

use self::ops::Op;
use super::{
    Effects, Machine, Now,
    answer::{Refusal, Shows},
    apply::{Applied, Change},
    connection::Caller,
    judge::kind_in_multi,
    writes::{Body, created_stat},
};
use crate::{
    Entry, Txn,
    tree::{NodeId, Stamp},
};
use bytes::{BufMut, BytesMut};
use dockeeper_zk_proto::{ErrorCode, OpCode, Record, Stat};

/// The type in the header before an error, and behind the last result.
pub(super) const NO_KIND: i32 = -1;

/// What has been done so far.
#[derive(Default)]
struct Done {
    txns: Vec<Txn>,
    applied: Vec<Applied>,
    outcomes: Vec<Outcome>,
}

/// What became of one operation: later ones change what a stat shows, so it is kept.
enum Outcome {
    /// A znode was created, by the transaction of this index.
    Create(usize),
    /// Likewise; its stat is part of the answer.
    CreateWithStat(usize, Stat),
    Delete,
    SetData(Stat),
    Check,
}

// === impl Machine ===

impl Machine {
    pub(super) fn multi(
        &mut self,
        caller: &Caller,
        mut body: Body<'_>,
        now: Now,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let ops = ops::read(&mut body)?;
        let count = ops.len();
        let stamp = Stamp {
            zxid: self.next_zxid(),
            time_ms: now.wall_ms,
            session: caller.session,
        };
        let mut done = Done::default();
        self.tree.begin();
        for (index, op) in ops.into_iter().enumerate() {
            if let Err(code) = self.step(caller, op, stamp, &mut done) {
                self.tree.rollback();
                return self.fail(caller, count, index, code, effects);
            }
        }
        let txn = Txn::Multi(done.txns);
        if let Err(code) = self.take_room(&txn) {
            self.tree.rollback();
            return Err(code.into());
        }
        self.tree.commit();
        self.succeed(caller, txn, stamp, done.applied, &done.outcomes, effects);
        Ok(())
    }

    /// Judges and applies one operation.
    fn step(
        &mut self,
        caller: &Caller,
        op: Op<'_>,
        stamp: Stamp,
        done: &mut Done,
    ) -> Result<(), ErrorCode> {
        let change = match op {
            Op::Create(request) => {
                let has_extended_types = self.rules.has_extended_types;
                let named = kind_in_multi(request.flags, request.ttl_ms, has_extended_types)?;
                self.judge_create(&caller.ids, request, named)?
            }
            Op::CreateWithoutTtl => return Err(ErrorCode::MarshallingError),
            Op::Delete(request) => self.judge_delete(&caller.ids, request)?,
            Op::SetData(request) => self.judge_set_data(&caller.ids, request)?,
            Op::Check(request) => {
                self.judge_check(&caller.ids, &request)?;
                done.outcomes.push(Outcome::Check);
                return Ok(());
            }
        };
        let Change { txn, at } = change;
        let applied = self.apply(at, &txn, stamp);
        let outcome = self.outcome(&txn, applied.id, done.txns.len());
        done.outcomes.push(outcome);
        done.applied.push(applied);
        done.txns.push(txn);
        Ok(())
    }

    fn outcome(&self, txn: &Txn, id: NodeId, index: usize) -> Outcome {
        use crate::NodeKind::{Container, Ephemeral, Persistent, Ttl};
        match txn {
            Txn::Create { kind, data, .. } => match kind {
                Persistent | Ephemeral => Outcome::Create(index),
                Container | Ttl(_) => {
                    let stat = created_stat(&self.tree, id, data.as_ref());
                    Outcome::CreateWithStat(index, stat)
                }
            },
            Txn::SetData { .. } => Outcome::SetData(self.tree.stat(id)),
            _ => Outcome::Delete,
        }
    }

    fn succeed(
        &mut self,
        caller: &Caller,
        txn: Txn,
        stamp: Stamp,
        applied: Vec<Applied>,
        outcomes: &[Outcome],
        effects: &mut Effects,
    ) {
        let answer = encode(&txn, outcomes);
        // Checks alone change nothing, so there is nothing to log.
        if !applied.is_empty() {
            let entry = Entry {
                zxid: stamp.zxid,
                time_ms: stamp.time_ms,
                session: stamp.session,
                txn,
            };
            self.conclude(entry, applied, effects);
        }
        let after = self.after(Shows::All, "");
        self.reply(caller, after, effects, |_, out| out.put(answer));
    }

    /// Operation `index` of `count` failed with `code`.
    fn fail(
        &mut self,
        caller: &Caller,
        count: usize,
        index: usize,
        code: ErrorCode,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        // What cannot be read is not a multi.
        if code == ErrorCode::MarshallingError {
            return Err(code.into());
        }
        let after = self.after(Shows::All, "");
        let inconsistency = ErrorCode::RuntimeInconsistency.to_wire();
        self.reply(caller, after, effects, |_, out| {
            for other in 0..count {
                let err = match other.cmp(&index) {
                    std::cmp::Ordering::Less => 0,
                    std::cmp::Ordering::Equal => code.to_wire(),
                    std::cmp::Ordering::Greater => inconsistency,
                };
                put_error(err, out);
            }
            put_end(out);
        });
        Ok(())
    }
}

fn encode(txn: &Txn, outcomes: &[Outcome]) -> BytesMut {
    let mut out = BytesMut::new();
    let put_path = |index: usize, out: &mut BytesMut| {
        if let Txn::Multi(txns) = txn
            && let Some(Txn::Create { path, .. }) = txns.get(index)
        {
            path.encode(out);
        }
    };
    for outcome in outcomes {
        match outcome {
            Outcome::Create(index) => {
                put_header(OpCode::Create.to_wire(), 0, &mut out);
                put_path(*index, &mut out);
            }
            Outcome::CreateWithStat(index, stat) => {
                put_header(OpCode::Create2.to_wire(), 0, &mut out);
                put_path(*index, &mut out);
                stat.encode(&mut out);
            }
            Outcome::Delete => put_header(OpCode::Delete.to_wire(), 0, &mut out),
            Outcome::SetData(stat) => {
                put_header(OpCode::SetData.to_wire(), 0, &mut out);
                stat.encode(&mut out);
            }
            Outcome::Check => put_header(OpCode::Check.to_wire(), 0, &mut out),
        }
    }
    put_end(&mut out);
    out
}

/// The header before a result.
pub(super) fn put_header(kind: i32, err: i32, out: &mut BytesMut) {
    kind.encode(out);
    false.encode(out);
    err.encode(out);
}

/// A result that is an error.
pub(super) fn put_error(err: i32, out: &mut BytesMut) {
    put_header(NO_KIND, err, out);
    err.encode(out);
}

/// The header behind the last result.
pub(super) fn put_end(out: &mut BytesMut) {
    NO_KIND.encode(out);
    true.encode(out);
    (-1i32).encode(out);
}

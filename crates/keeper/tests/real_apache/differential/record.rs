//! What came of a step, without what must differ between two servers.

use super::{
    ask::{Ask, Body},
    knock::Welcome,
};
use dockeeper_zk_proto::{ErrorCode, Stat, header::ReplyHeader, watch::WatcherEvent};
use std::collections::{BTreeSet, HashMap};

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// What the session that did it heard until it had all answers, in that order.
    pub(crate) heard: Vec<Heard>,
    /// The events that each session got then, in their order.
    pub(crate) events: Vec<Vec<WatcherEvent>>,
}

/// One thing that a session hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Event(WatcherEvent),
    Reply(Reply),
    /// The answer to another first frame.
    Welcome(Welcome),
}

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// The server closed the connection instead.
    Closed,
    /// It refused, and whether it closed the connection then.
    Refused(ErrorCode, bool),
    /// It answered; the numbers of bytes left over behind the body.
    Answer(Body, usize),
}

impl Reply {
    pub(crate) fn read(ask: &Ask, header: ReplyHeader, body: bytes::Bytes) -> Self {
        match ErrorCode::from_wire(header.err) {
            Some(code) => Self::Refused(code, false),
            None => {
                let (body, rest) = ask.read(body);
                Self::Answer(body, rest)
            }
        }
    }
}

/// Replaces zxids by their rank among all that were seen, session ids by the sessions' numbers,
/// and times by zero.
pub(crate) fn normalise(outcomes: &mut [Outcome], sessions: &HashMap<i64, i64>) {
    let mut zxids = BTreeSet::new();
    each_stat(outcomes, |stat| {
        zxids.extend([stat.czxid, stat.mzxid, stat.pzxid]);
    });
    let ranks: HashMap<i64, i64> = zxids.into_iter().zip(1..).collect();
    each_stat(outcomes, |stat| {
        for zxid in [&mut stat.czxid, &mut stat.mzxid, &mut stat.pzxid] {
            *zxid = ranks[zxid];
        }
        stat.ctime_ms = 0;
        stat.mtime_ms = 0;
        if let Some(session) = sessions.get(&stat.ephemeral_owner) {
            stat.ephemeral_owner = *session;
        }
    });
}

fn each_stat(outcomes: &mut [Outcome], mut visit: impl FnMut(&mut Stat)) {
    for heard in outcomes.iter_mut().flat_map(|outcome| &mut outcome.heard) {
        if let Heard::Reply(Reply::Answer(body, _)) = heard {
            body.each_stat(&mut visit);
        }
    }
}

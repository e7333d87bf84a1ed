//! What a session may ask, and what it is answered.

mod answer;
mod body;
mod choose;
mod place;

pub(crate) use self::{
    answer::Body,
    body::Context,
    choose::{Asker, watches},
    place::Place,
};

use bytes::Bytes;
use dockeeper_zk_proto::{OpCode, acl::Acl, create::CreateMode};
use fastrand::Rng;

/// A request.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    /// One of the four create operations, with flags that need not fit to it.
    Create(OpCode, Create),
    Delete(Place, i32),
    Exists(Place, bool),
    GetData(Place, bool),
    SetData(Place, Option<Bytes>, i32),
    GetAcl(Place),
    SetAcl(Place, Vec<Acl>, i32),
    GetChildren(Place, bool),
    GetChildren2(Place, bool),
    CountChildren(Place),
    GetEphemerals(Place),
    Sync(Place),
    Check(Place, i32),
    /// Writes and checks, but others can be sent too.
    Multi(Vec<Self>),
    /// Reads, but others can be sent too.
    MultiRead(Vec<Self>),
    /// With a mode that need not be one.
    AddWatch(Place, i32),
    /// With a type of watcher that need not be one.
    RemoveWatches(Place, i32),
    CheckWatches(Place, i32),
    SetWatches(Watches),
    Auth(&'static str, Option<&'static str>),
    WhoAmI,
    Ping,
    Reconfig,
    /// An opcode that stands for nothing, or whose body is another than it should be.
    Odd(i32, &'static [u8]),
    /// A request whose body ends after so many hundredths.
    Cut(Box<Self>, usize),
    /// A request whose frame is longer than the longest by so much.
    Sized(isize),
}

/// What is created.
#[derive(Clone, Debug)]
pub(crate) struct Create {
    place: Place,
    data: Option<Bytes>,
    acl: Vec<Acl>,
    flags: i32,
    ttl_ms: i64,
}

/// What a client sets again behind a reconnect.
#[derive(Clone, Debug)]
pub(crate) struct Watches {
    since: Since,
    data: Vec<Place>,
    exist: Vec<Place>,
    child: Vec<Place>,
    /// Persistent and recursive ones: only one of the two operations has them.
    lasting: Option<[Vec<Place>; 2]>,
}

/// What a client says that it has seen.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Since {
    Nothing,
    /// What it had seen when its last connection ended.
    Left,
    /// All that it has seen.
    Now,
    /// More than there is.
    Future,
}

// === impl Ask ===

impl Ask {
    /// What a sequence begins with.
    pub(crate) fn first(rng: &mut Rng, asker: Asker) -> Vec<Self> {
        choose::first(rng, asker)
    }

    pub(crate) fn random(rng: &mut Rng, asker: Asker) -> Self {
        choose::ask(rng, asker)
    }

    /// One that can be sent without waiting for the answers to those before it.
    pub(crate) fn random_in_burst(rng: &mut Rng, asker: Asker) -> Self {
        choose::ask_in_burst(rng, asker)
    }

    pub(crate) fn opcode(&self) -> i32 {
        let opcode = match self {
            Self::Create(opcode, _) => *opcode,
            Self::Delete(..) => OpCode::Delete,
            Self::Exists(..) | Self::Sized(_) => OpCode::Exists,
            Self::GetData(..) => OpCode::GetData,
            Self::SetData(..) => OpCode::SetData,
            Self::GetAcl(_) => OpCode::GetAcl,
            Self::SetAcl(..) => OpCode::SetAcl,
            Self::GetChildren(..) => OpCode::GetChildren,
            Self::GetChildren2(..) => OpCode::GetChildren2,
            Self::CountChildren(_) => OpCode::GetAllChildrenNumber,
            Self::GetEphemerals(_) => OpCode::GetEphemerals,
            Self::Sync(_) => OpCode::Sync,
            Self::Check(..) => OpCode::Check,
            Self::Multi(_) => OpCode::Multi,
            Self::MultiRead(_) => OpCode::MultiRead,
            Self::AddWatch(..) => OpCode::AddWatch,
            Self::RemoveWatches(..) => OpCode::RemoveWatches,
            Self::CheckWatches(..) => OpCode::CheckWatches,
            Self::SetWatches(watches) if watches.lasting.is_some() => OpCode::SetWatches2,
            Self::SetWatches(_) => OpCode::SetWatches,
            Self::Auth(..) => OpCode::Auth,
            Self::WhoAmI => OpCode::WhoAmI,
            Self::Ping => OpCode::Ping,
            Self::Reconfig => OpCode::Reconfig,
            Self::Odd(opcode, _) => return *opcode,
            Self::Cut(ask, _) => return ask.opcode(),
        };
        opcode.to_wire()
    }
}

// === impl Create ===

impl Create {
    fn has_ttl(&self) -> bool {
        CreateMode::from_wire(self.flags).is_some_and(CreateMode::has_ttl)
    }
}

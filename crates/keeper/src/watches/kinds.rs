use super::Kind;
use dockeeper_zk_proto::watch::{EventType, WatcherType};

/// A set of kinds of watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds(u8);

// === impl Kinds ===

impl Kinds {
    pub(super) const NONE: Self = Self(0);
    const DATA: Self = Self(1);
    const CHILDREN: Self = Self(2);
    const PERSISTENT: Self = Self(4);
    pub(super) const RECURSIVE: Self = Self(8);
    const ONE_SHOT: Self = Self::DATA.with(Self::CHILDREN);
    const ALL: Self = Self::ONE_SHOT.with(Self::PERSISTENT).with(Self::RECURSIVE);

    /// Those that an event on their own path fires.
    pub(super) fn fired_by(event: EventType) -> Self {
        let lasting = Self::PERSISTENT.with(Self::RECURSIVE);
        match event {
            EventType::NodeCreated | EventType::NodeDataChanged => lasting.with(Self::DATA),
            EventType::NodeDeleted => Self::ALL,
            EventType::NodeChildrenChanged => Self::PERSISTENT.with(Self::CHILDREN),
            EventType::None
            | EventType::DataWatchRemoved
            | EventType::ChildWatchRemoved
            | EventType::PersistentWatchRemoved => Self::NONE,
        }
    }

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn common(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those that end by firing.
    pub(super) fn one_shot(self) -> Self {
        self.common(Self::ONE_SHOT)
    }

    pub(super) fn intersects(self, other: Self) -> bool {
        !self.common(other).is_empty()
    }

    pub(super) fn is_empty(self) -> bool {
        self == Self::NONE
    }

    pub(super) fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// How many of them are recursive: none or one.
    pub(super) fn recursive(self) -> usize {
        self.common(Self::RECURSIVE).len()
    }
}

impl From<Kind> for Kinds {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Data => Self::DATA,
            Kind::Children => Self::CHILDREN,
            Kind::Persistent => Self::PERSISTENT,
            Kind::PersistentRecursive => Self::RECURSIVE,
        }
    }
}

impl From<WatcherType> for Kinds {
    fn from(which: WatcherType) -> Self {
        match which {
            WatcherType::Data => Self::DATA,
            WatcherType::Children => Self::CHILDREN,
            WatcherType::Persistent => Self::PERSISTENT,
            WatcherType::PersistentRecursive => Self::RECURSIVE,
            WatcherType::Any => Self::ALL,
        }
    }
}

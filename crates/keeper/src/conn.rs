/// One connection. A number stands for one connection only, as long as the process lives, so that
/// what is late for an old connection never reaches a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u64);

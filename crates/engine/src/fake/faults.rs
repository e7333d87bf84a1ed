/// What goes wrong with a fake engine's events on their way, each in per cent of the events.
///
/// The engine itself remembers them all the same, and repeats them rightly to who asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Never arrive, as when the reader is slow.
    pub lost_percent: u8,
    /// Arrive twice.
    pub twice_percent: u8,
    /// Arrive behind the next one that arrives.
    pub late_percent: u8,
}

/// The shortest time-out in ticks, as long as nothing else is set: a session has to live through
/// a lost packet.
const TICKS_MIN: u32 = 2;

/// The longest time-out in ticks, as long as nothing else is set: what a dead client leaves behind
/// has to go.
const TICKS_MAX: u32 = 20;

/// The session time-outs that the server grants, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeoutRange {
    /// The shortest.
    pub min_ms: i32,
    /// The longest.
    pub max_ms: i32,
}

// === impl TimeoutRange ===

impl TimeoutRange {
    /// 2 to 20 ticks of so many milliseconds.
    pub fn of_ticks(tick_ms: u32) -> Self {
        let ticks = |count: u32| i32::try_from(tick_ms.saturating_mul(count)).unwrap_or(i32::MAX);
        Self {
            min_ms: ticks(TICKS_MIN),
            max_ms: ticks(TICKS_MAX),
        }
    }

    /// The time-out to grant to a client that wishes for `wish_ms`. Where the range is empty, its
    /// upper end counts, as with Apache.
    pub fn grant(&self, wish_ms: i32) -> i32 {
        wish_ms.max(self.min_ms).min(self.max_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_two_to_twenty_ticks() {
        let range = TimeoutRange::of_ticks(2000);
        for (wish, granted) in [
            (i32::MIN, 4000),
            (0, 4000),
            (4000, 4000),
            (4001, 4001),
            (40_000, 40_000),
            (i32::MAX, 40_000),
        ] {
            assert_eq!(range.grant(wish), granted, "{wish}");
        }
        assert_eq!(TimeoutRange::of_ticks(u32::MAX).max_ms, i32::MAX);
    }
}

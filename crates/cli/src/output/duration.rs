//! How long something takes.

use dockeeper_health::duration;
use std::time::Duration;

const DAY_SECONDS: u64 = 24 * 60 * 60;

/// `1d2h3m4s`, without units that are zero.
pub(crate) fn long(duration: Duration) -> String {
    let days = duration.as_secs() / DAY_SECONDS;
    let rest = duration.saturating_sub(Duration::from_secs(days * DAY_SECONDS));
    match (days, rest) {
        (0, rest) => duration::format(rest),
        (days, Duration::ZERO) => format!("{days}d"),
        (days, rest) => format!("{days}d{}", duration::format(rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_become_days() {
        for (seconds, text) in [
            (0, "0s"),
            (86_399, "23h59m59s"),
            (86_400, "1d"),
            (93_784, "1d2h3m4s"),
            (864_000, "10d"),
        ] {
            assert_eq!(long(Duration::from_secs(seconds)), text);
        }
        assert_eq!(long(Duration::from_millis(1500)), "1s500ms");
        assert!(long(Duration::MAX).ends_with('s'));
    }
}

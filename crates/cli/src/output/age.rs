//! How long ago something was, as Docker says it.

const MINUTE: i64 = 60;
const TWO_MINUTES: i64 = 2 * MINUTE;
const HOUR: i64 = 60 * MINUTE;
const TWO_HOURS: i64 = 2 * HOUR;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;
const MONTH: i64 = 30 * DAY;
const YEAR: i64 = 365 * DAY;

/// `5 minutes ago`. What was never said is `-`; what is still to come by this machine's clock is
/// `just now`.
pub(crate) fn ago(now_ms: i64, then_ms: i64) -> String {
    if then_ms <= 0 {
        return "-".to_owned();
    }
    match now_ms.saturating_sub(then_ms) / 1000 {
        ..1 => "just now".to_owned(),
        1 => "1 second ago".to_owned(),
        seconds => format!("{} ago", span(seconds)),
    }
}

fn span(seconds: i64) -> String {
    // The largest unit of which there are at least two.
    let units = [
        (YEAR, "years"),
        (MONTH, "months"),
        (WEEK, "weeks"),
        (DAY, "days"),
        (HOUR, "hours"),
        (MINUTE, "minutes"),
    ];
    match seconds {
        MINUTE..TWO_MINUTES => return "about a minute".to_owned(),
        HOUR..TWO_HOURS => return "about an hour".to_owned(),
        _ => {}
    }
    let unit = units.into_iter().find(|(unit, _)| seconds >= 2 * unit);
    let (unit, name) = unit.unwrap_or((1, "seconds"));
    format!("{} {name}", seconds / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_dockers() {
        let now = 1_700_000_000_000;
        for (seconds, text) in [
            (-5, "just now"),
            (0, "just now"),
            (1, "1 second ago"),
            (59, "59 seconds ago"),
            (60, "about a minute ago"),
            (120, "2 minutes ago"),
            (3599, "59 minutes ago"),
            (3600, "about an hour ago"),
            (2 * HOUR, "2 hours ago"),
            (47 * HOUR, "47 hours ago"),
            (2 * DAY, "2 days ago"),
            (13 * DAY, "13 days ago"),
            (15 * DAY, "2 weeks ago"),
            (70 * DAY, "2 months ago"),
            (800 * DAY, "2 years ago"),
        ] {
            assert_eq!(ago(now, now - seconds * 1000), text, "{seconds}");
        }
        assert_eq!(ago(now, 0), "-");
        assert_eq!(ago(i64::MAX, i64::MIN), "-");
    }
}

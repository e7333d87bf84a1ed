//! The wall clock.

pub(crate) use dockeeper_agent::clock::now_ms;

use time::OffsetDateTime;

/// A time as ISO 8601 has it, in UTC: `2026-11-22T18:24:13.005Z`.
pub(crate) fn iso8601(ms: i64) -> String {
    let Ok(time) = OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000) else {
        return format!("{ms} ms since 1970");
    };
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second(),
        time.millisecond()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(iso8601(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso8601(1_325_129_459_728), "2011-12-29T03:30:59.728Z");
        assert_eq!(iso8601(i64::MAX), format!("{} ms since 1970", i64::MAX));
    }
}

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const NANOSECONDS_PER_MS: i64 = 1_000_000;

/// Nanoseconds since 1970, of a time as the engine writes it; `None` for what cannot be read and
/// for the year 1, which the engine writes for "never".
pub(in crate::docker) fn nanoseconds(text: &str) -> Option<i64> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(time.unix_timestamp_nanos()).ok()
}

/// Milliseconds since 1970; 0 for none.
pub(super) fn milliseconds(text: Option<&str>) -> i64 {
    text.and_then(nanoseconds).unwrap_or(0) / NANOSECONDS_PER_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_engines_write_them() {
        assert_eq!(milliseconds(Some("1970-01-01T00:00:01.5Z")), 1_500);
        assert_eq!(
            milliseconds(Some("2026-11-22T17:39:00.042374328Z")),
            1_795_369_140_042
        );
        assert_eq!(
            milliseconds(Some("2026-11-22T18:39:00.042374328+01:00")),
            1_795_369_140_042
        );
        for never in [Some("0001-01-01T00:00:00Z"), Some(""), Some("soon"), None] {
            assert_eq!(milliseconds(never), 0);
        }
    }
}

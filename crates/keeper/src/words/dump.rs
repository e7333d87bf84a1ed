use super::{list::List, watches::id};
use std::{
    fmt::{Display, Write},
    net::SocketAddr,
};
use time::UtcDateTime;

/// What ends at a time if nothing is heard of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket<T> {
    /// The time, in milliseconds since 1970.
    pub end_ms: i64,
    /// What ends.
    pub members: Vec<T>,
}

/// The answer to `dump`: live sessions, those with ephemeral znodes and their paths, and
/// connections with their sessions (zero for none). There are `ephemerals_count` such paths.
pub fn dump<P: IntoIterator<Item: Display>>(
    sessions: &[Bucket<i64>],
    ephemerals: impl IntoIterator<Item = (i64, P), IntoIter: ExactSizeIterator>,
    ephemerals_count: usize,
    connections: &[Bucket<(SocketAddr, i64)>],
) -> String {
    let mut out = "SessionTracker dump:\nSession ".to_owned();
    write_buckets(&mut out, "sessions", sessions, |session| id(*session));
    out.push_str("ephemeral nodes dump:\n");
    write_ephemerals(&mut out, ephemerals.into_iter(), ephemerals_count);
    out.push_str("Connections dump:\nConnections ");
    write_buckets(&mut out, "connections", connections, |(remote, session)| {
        format!("ip: /{remote} sessionId: {}", id(*session))
    });
    out
}

fn write_ephemerals<P: IntoIterator<Item: Display>>(
    out: &mut String,
    ephemerals: impl ExactSizeIterator<Item = (i64, P)>,
    total: usize,
) {
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(out, "Sessions with Ephemerals ({}):", ephemerals.len());
    let mut list = List::new(out);
    for (session, paths) in ephemerals {
        if !list.title(format_args!("0x{session:x}:")) {
            break;
        }
        for path in paths {
            if !list.entry(format_args!("\t{path}")) {
                break;
            }
        }
    }
    list.end(total, "ephemeral znodes");
}

fn write_buckets<T, D: Display>(
    out: &mut String,
    what: &str,
    buckets: &[Bucket<T>],
    display: impl Fn(&T) -> D,
) {
    let total: usize = buckets.iter().map(|bucket| bucket.members.len()).sum();
    let _ = writeln!(out, "Sets ({})/({total}):", buckets.len());
    let mut list = List::new(out);
    for Bucket { end_ms, members } in buckets {
        if !list.title(format_args!(
            "{} expire at {}:",
            members.len(),
            date(*end_ms)
        )) {
            break;
        }
        for member in members {
            if !list.entry(format_args!("\t{}", display(member))) {
                break;
            }
        }
    }
    list.end(total, what);
}

/// A time as Java's `Date` writes it, in UTC: `Sun Nov 22 20:29:44 UTC 2026`.
fn date(ms: i64) -> String {
    let Ok(time) = UtcDateTime::from_unix_timestamp(ms.div_euclid(1000)) else {
        return format!("{ms} ms");
    };
    let weekday = time.weekday().to_string();
    let month = time.month().to_string();
    let (hour, minute, second) = time.as_hms();
    format!(
        "{weekday:.3} {month:.3} {:02} {hour:02}:{minute:02}:{second:02} UTC {}",
        time.day(),
        time.year(),
    )
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn writes_dates_as_java_does() {
        assert_eq!(date(1_795_379_384_999), "Sun Nov 22 20:29:44 UTC 2026");
        assert_eq!(date(0), "Thu Jan 01 00:00:00 UTC 1970");
        assert_eq!(date(-1), "Wed Dec 31 23:59:59 UTC 1969");
        assert_eq!(date(i64::MAX), "9223372036854775807 ms");
    }
}

//! The status of a call, in headers or trailers.

use hyper::HeaderMap;

/// The call succeeded.
pub(super) const OK: u32 = 0;
/// For the health service: it does not know the service that was asked for.
pub(super) const NOT_FOUND: u32 = 5;
/// The server knows no such method.
pub(super) const UNIMPLEMENTED: u32 = 12;
/// What a code that cannot be read counts as.
const UNKNOWN: u32 = 2;

/// `grpc-status` and `grpc-message`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) code: u32,
    /// As sent: percent-encoded, and bounded with the header list.
    pub(super) message: String,
}

impl Status {
    /// The status in these headers, if they have one.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let text = |name| {
            headers
                .get(name)
                .map(|value| String::from_utf8_lossy(value.as_bytes()))
        };
        let code = text("grpc-status")?.parse().unwrap_or(UNKNOWN);
        let message = text("grpc-message").unwrap_or_default().into_owned();
        Some(Self { code, message })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&'static str, &'static str)]) -> Option<Status> {
        let header = |(name, value): &(&'static str, &'static str)| {
            (
                name.parse().expect("a name"),
                value.parse().expect("a value"),
            )
        };
        Status::read(&pairs.iter().map(header).collect())
    }

    #[test]
    fn a_status_is_read() {
        let status = |code, message: &str| {
            Some(Status {
                code,
                message: message.to_owned(),
            })
        };
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[("grpc-status", "0")]), status(OK, ""));
        assert_eq!(
            read(&[("grpc-status", "5"), ("grpc-message", "no")]),
            status(NOT_FOUND, "no")
        );
        assert_eq!(read(&[("grpc-status", "x")]), status(UNKNOWN, ""));
    }
}

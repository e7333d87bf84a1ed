//! Where a request goes.

use crate::hook::ALLOWED;
use dockeeper_health::check::PATH_LENGTH_MAX;
use std::{num::NonZeroU16, str::FromStr};

/// The port of a URL that names none.
const HTTP_PORT: u16 = 80;

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// The host, or `None` for the container itself.
    pub host: Option<String>,
    /// Of the container itself, the port inside it.
    pub port: u16,
    /// With a slash at its beginning.
    pub path: String,
}

// === impl Url ===

impl FromStr for Url {
    type Err = String;

    /// Reads `PORT/PATH` for the container itself, and `http://HOST:PORT/PATH`, of which `http:` can
    /// have been taken off.
    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("allowed is {ALLOWED}");
        let behind = text.strip_prefix("http:").unwrap_or(text);
        let elsewhere = behind.strip_prefix("//");
        let text = elsewhere.unwrap_or(text);
        let (authority, path) = match text.find('/') {
            Some(at) => text.split_at(at),
            None => (text, "/"),
        };
        let is_plain = path.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
        if path.len() > PATH_LENGTH_MAX || !is_plain {
            return Err(format!(
                "its path has more than {PATH_LENGTH_MAX} bytes, or characters that must be \
                 percent-encoded"
            ));
        }
        let (host, port) = if elsewhere.is_some() {
            let (host, port) = host_and_port(authority).ok_or_else(refused)?;
            (Some(host.to_owned()), port)
        } else {
            (None, port(authority).ok_or_else(refused)?)
        };
        Ok(Self {
            host,
            port,
            path: path.to_owned(),
        })
    }
}

/// Takes `host`, `host:port` and `[address]:port` apart.
fn host_and_port(authority: &str) -> Option<(&str, u16)> {
    let (host, rest) = match authority.strip_prefix('[') {
        Some(bracketed) => bracketed.split_once(']')?,
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let number = match rest {
        "" => HTTP_PORT,
        rest => port(rest.strip_prefix(':')?)?,
    };
    let is_host = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b':' | b'_');
    (!host.is_empty() && host.bytes().all(is_host)).then_some((host, number))
}

fn port(text: &str) -> Option<u16> {
    text.parse().ok().map(NonZeroU16::get)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_url_is_read_as_it_is_written(
            host in proptest::option::of("[a-z0-9][a-z0-9.-]{0,20}"),
            port in 1..=u16::MAX,
            path in "/[!-\"$-~]{0,20}",
        ) {
            let text = match &host {
                Some(host) => format!("//{host}:{port}{path}"),
                None => format!("{port}{path}"),
            };
            let full = format!("http:{text}");
            let url = Url { host, port, path };
            if url.host.is_some() {
                prop_assert_eq!(full.parse(), Ok(url.clone()));
            }
            prop_assert_eq!(text.parse(), Ok(url));
        }
    }

    #[test]
    fn a_long_path_is_refused() {
        let longest = format!("80/{}", "x".repeat(PATH_LENGTH_MAX - 1));
        assert!(longest.parse::<Url>().is_ok());
        let why = format!("{longest}x").parse::<Url>().unwrap_err();
        assert!(why.contains("more than"), "{why}");
    }
}

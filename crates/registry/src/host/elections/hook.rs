//! What is done when a container becomes the leader, or ceases to be it.

use crate::host::{metadata::port, signal};
use dockeeper_health::check::{COMMAND_LENGTH_MAX, PATH_LENGTH_MAX};
use std::str::FromStr;

/// What a hook may be, for people.
const ALLOWED: &str =
    "allowed is exec:COMMAND, signal:SIGNAL, http:PORT/PATH or http://HOST:PORT/PATH";

/// The port of a URL that names none.
const HTTP_PORT: u16 = 80;

/// What is done when a container becomes the leader, or ceases to be it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Hook {
    /// Runs a command in the container, by `sh -c`.
    Exec(String),
    /// Sends a signal to the container's first process.
    Signal(String),
    /// Posts an object.
    Http(Url),
}

/// Where an object is posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url {
    /// The host, or `None` for the container itself.
    pub(super) host: Option<String>,
    /// Of the container itself, the port inside it.
    pub(super) port: u16,
    /// With a slash at its beginning.
    pub(super) path: String,
}

// === impl Hook ===

impl Hook {
    /// Whether it is of no use for a container that does not run.
    pub(super) fn needs_container(&self) -> bool {
        match self {
            Self::Exec(_) | Self::Signal(_) | Self::Http(Url { host: None, .. }) => true,
            Self::Http(Url { host: Some(_), .. }) => false,
        }
    }
}

impl FromStr for Hook {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        match (kind, rest.trim()) {
            ("exec" | "signal" | "http", "") => Err(format!("nothing is said behind {kind}:")),
            ("exec", command) => exec(command),
            ("signal", name) if signal::number(name).is_some() => Ok(Self::Signal(name.to_owned())),
            ("signal", _) => Err("that is no signal, such as HUP or USR1".to_owned()),
            ("http", rest) => rest.parse().map(Self::Http),
            _ => Err(ALLOWED.to_owned()),
        }
    }
}

fn exec(command: &str) -> Result<Hook, String> {
    let is_odd = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if command.len() > COMMAND_LENGTH_MAX {
        return Err(format!(
            "the command has more than {COMMAND_LENGTH_MAX} bytes; a longer one can be a script in \
             the image"
        ));
    }
    if command.contains(is_odd) {
        return Err("the command has control characters".to_owned());
    }
    Ok(Hook::Exec(command.to_owned()))
}

// === impl Url ===

impl FromStr for Url {
    type Err = String;

    /// Reads what stands behind `http:`.
    fn from_str(text: &str) -> Result<Self, String> {
        let is_host = text.starts_with("//");
        let text = text.strip_prefix("//").unwrap_or(text);
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
        let (host, port) = if is_host {
            let (host, port) = host_and_port(authority).ok_or(ALLOWED)?;
            (Some(host.to_owned()), port)
        } else {
            (None, port(authority).ok_or(ALLOWED)?)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn url(host: Option<&str>, port: u16, path: &str) -> Hook {
        Hook::Http(Url {
            host: host.map(str::to_owned),
            port,
            path: path.to_owned(),
        })
    }

    #[test]
    fn each_kind_is_read() {
        for (text, expected) in [
            (
                "exec: promote --now",
                Hook::Exec("promote --now".to_owned()),
            ),
            ("exec:a:b", Hook::Exec("a:b".to_owned())),
            ("signal:SIGUSR1", Hook::Signal("SIGUSR1".to_owned())),
            ("http:8080/elected?x=1", url(None, 8080, "/elected?x=1")),
            ("http:8080", url(None, 8080, "/")),
            ("http://lb.example/up", url(Some("lb.example"), 80, "/up")),
            ("http://10.0.0.1:81", url(Some("10.0.0.1"), 81, "/")),
            ("http://[fd00::1]:81/a", url(Some("fd00::1"), 81, "/a")),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let long = format!("exec:{}", "x".repeat(COMMAND_LENGTH_MAX + 1));
        for text in [
            "",
            "exec",
            "exec:",
            "exec: ",
            "exec:a\u{1b}",
            &long,
            "signal:NONSENSE",
            "http:",
            "http:/x",
            "http:0/x",
            "http:80/a b",
            "http:80/ä",
            "http:80/a#b",
            "http://",
            "http:///x",
            "http://a b/",
            "http://a:0/",
            "http://u@h/",
            "http://[fd00::1/",
            "https://x/",
            "EXEC:a",
        ] {
            assert!(text.parse::<Hook>().is_err(), "{text:?}");
        }
    }
}

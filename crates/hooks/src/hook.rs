//! What a hook is, and how a label says it.

use crate::{Url, signal};
use dockeeper_health::check::COMMAND_LENGTH_MAX;
use hyper::Method;
use std::str::FromStr;

/// What a hook may be, for people.
pub const ALLOWED: &str = "exec:COMMAND, signal:SIGNAL, http:PORT/PATH or http://HOST:PORT/PATH, or \
                           with a method: http:PUT PORT/PATH";

/// The methods that tell somebody something or ask for it; the others open tunnels or are for
/// debugging.
const METHODS: [Method; 6] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];

/// What is done when something has happened to a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hook {
    /// Runs a command in the container, by `sh -c`.
    Exec(String),
    /// Sends a signal to the container's first process, in Docker's notation.
    Signal(String),
    /// Sends a request.
    Http {
        /// Its method.
        method: Method,
        /// Where it goes.
        url: Url,
    },
}

// === impl Hook ===

impl Hook {
    /// Whether it is of no use for a container that does not run.
    pub fn needs_container(&self) -> bool {
        match self {
            Self::Exec(_) | Self::Signal(_) => true,
            Self::Http { url, .. } => url.host.is_none(),
        }
    }
}

impl FromStr for Hook {
    type Err = String;

    /// Reads a label's value. The error says what is wrong with it, or what is allowed.
    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        match (kind, rest.trim()) {
            ("exec" | "signal" | "http", "") => Err(format!("nothing is said behind {kind}:")),
            ("exec", command) => checked(command).map(Self::Exec),
            ("signal", name) if signal::number(name).is_some() => Ok(Self::Signal(name.to_owned())),
            ("signal", _) => Err("that is no signal, such as HUP or USR1".to_owned()),
            ("http", rest) => http(rest),
            _ => Err(format!("allowed is {ALLOWED}")),
        }
    }
}

/// Reads the value of a label that can be nothing but `exec:COMMAND`, and gives the command.
///
/// # Errors
///
/// What is wrong with it, or what is allowed.
pub fn command(text: &str) -> Result<String, String> {
    match text.split_once(':') {
        Some(("exec", command)) if !command.trim().is_empty() => checked(command.trim()),
        _ => Err("allowed is exec:COMMAND".to_owned()),
    }
}

fn checked(command: &str) -> Result<String, String> {
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
    Ok(command.to_owned())
}

/// Reads what stands behind `http:`. Without a method, something is posted.
fn http(text: &str) -> Result<Hook, String> {
    let known = |word: &str| METHODS.into_iter().find(|known| known.as_str() == word);
    let (method, url) = text
        .split_once(char::is_whitespace)
        .and_then(|(word, url)| Some((known(word)?, url.trim_start())))
        .unwrap_or((Method::POST, text));
    let url = url.parse()?;
    Ok(Hook::Http { method, url })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn to(method: Method, host: Option<&str>, port: u16, path: &str) -> Hook {
        let url = Url {
            host: host.map(str::to_owned),
            port,
            path: path.to_owned(),
        };
        Hook::Http { method, url }
    }

    fn post(host: Option<&str>, port: u16, path: &str) -> Hook {
        to(Method::POST, host, port, path)
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
            ("http:8080/elected?x=1", post(None, 8080, "/elected?x=1")),
            ("http:8080", post(None, 8080, "/")),
            ("http://lb.example/up", post(Some("lb.example"), 80, "/up")),
            ("http://10.0.0.1:81", post(Some("10.0.0.1"), 81, "/")),
            ("http://[fd00::1]:81/a", post(Some("fd00::1"), 81, "/a")),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_method_may_stand_before_the_url() {
        for method in METHODS {
            let text = format!("http:{method} 8080/x");
            assert_eq!(text.parse(), Ok(to(method, None, 8080, "/x")), "{text}");
        }
        for (text, expected) in [
            ("http: PUT  8080", to(Method::PUT, None, 8080, "/")),
            (
                "http:GET http://lb:81/x",
                to(Method::GET, Some("lb"), 81, "/x"),
            ),
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
            "http:GET",
            "http:GET ",
            "http:GET 80/a b",
            "http:CONNECT 80/a",
            "http:get 80/a",
            "http:GET PUT 80/a",
            "http:GET https://x/",
            "https://x/",
            "EXEC:a",
        ] {
            assert!(text.parse::<Hook>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_command_is_all_that_some_labels_take() {
        assert_eq!(
            command("exec: nginx -t -c a:b"),
            Ok("nginx -t -c a:b".to_owned())
        );
        for text in ["", "nginx -t", "exec:", "exec: ", "signal:HUP", "exec:a\0"] {
            assert!(command(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_keeps_its_bounds(text in "((exec|signal|http):)?(GET )?(//)?\\PC*") {
            match text.parse() {
                Ok(Hook::Exec(command)) => prop_assert!(!command.is_empty()),
                Ok(Hook::Signal(name)) => prop_assert!(signal::number(&name).is_some()),
                Ok(Hook::Http { url, .. }) => {
                    prop_assert!(url.port > 0 && url.path.starts_with('/'));
                    prop_assert!(url.path.bytes().all(|byte| byte.is_ascii_graphic()));
                }
                Err(why) => prop_assert!(!why.is_empty()),
            }
        }
    }
}

//! Readers of single values, which arrive trimmed and not empty.

use std::time::Duration;

use hyper::Method;
use hyper::http::uri::PathAndQuery;

use super::error::Refusal;
use crate::check::{COMMAND_LENGTH_MAX, COUNT_MAX, COUNT_MIN, PATH_LENGTH_MAX, SERVICE_LENGTH_MAX};
use crate::duration;
use crate::verdict::Verdict;

const TRUE: [&str; 5] = ["true", "1", "yes", "on", "t"];
const FALSE: [&str; 5] = ["false", "0", "no", "off", "f"];

/// The methods that ask for an answer; the others open tunnels or are for debugging.
const METHODS: [Method; 7] = [
    Method::GET,
    Method::HEAD,
    Method::OPTIONS,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];

pub(super) fn duration(text: &str, min: Duration, max: Duration) -> Result<Duration, Refusal> {
    let refuse = |problem: String| {
        let (min, max) = (duration::format(min), duration::format(max));
        Refusal::new(
            problem,
            format!("a duration from {min} to {max}, such as 10s or 1m30s"),
        )
    };
    let duration = duration::parse(text).map_err(|error| refuse(error.to_string()))?;
    if duration < min {
        return Err(refuse("is too short".to_owned()));
    }
    if duration > max {
        return Err(refuse("is too long".to_owned()));
    }
    Ok(duration)
}

pub(super) fn count(text: &str) -> Result<u32, Refusal> {
    let count = text
        .parse()
        .ok()
        .filter(|count| (COUNT_MIN..=COUNT_MAX).contains(count));
    count.ok_or_else(|| {
        Refusal::new(
            "is not such a number",
            format!("a whole number from {COUNT_MIN} to {COUNT_MAX}"),
        )
    })
}

pub(super) fn flag(text: &str) -> Result<bool, Refusal> {
    maybe_flag(text).ok_or_else(|| Refusal::new("is neither true nor false", "true or false"))
}

/// The service name of a gRPC check; `None` when there shall be no such check.
pub(super) fn service(text: &str) -> Result<Option<String>, Refusal> {
    match maybe_flag(text) {
        Some(true) => return Ok(Some(String::new())),
        Some(false) => return Ok(None),
        None => {}
    }
    let refuse = |problem: &'static str| {
        Refusal::new(
            problem,
            format!(
                "true, or a service name of at most {SERVICE_LENGTH_MAX} bytes of visible ASCII"
            ),
        )
    };
    if text.len() > SERVICE_LENGTH_MAX {
        return Err(refuse("is too long"));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(refuse(
            "has blanks, control characters or letters beyond ASCII",
        ));
    }
    Ok(Some(text.to_owned()))
}

pub(super) fn path(text: &str) -> Result<String, Refusal> {
    let refuse = |problem: &'static str| {
        Refusal::new(
            problem,
            format!("a path such as /health?full=1, of at most {PATH_LENGTH_MAX} bytes"),
        )
    };
    if text.len() > PATH_LENGTH_MAX {
        return Err(refuse("is too long"));
    }
    if !text.starts_with('/') {
        return Err(refuse("does not begin with /"));
    }
    // The library cuts a fragment off silently and lets letters beyond ASCII pass.
    match text.parse::<PathAndQuery>() {
        Ok(path) if path.as_str() == text && text.is_ascii() => Ok(text.to_owned()),
        _ => Err(refuse(
            "has characters that a path must percent-encode, or a #fragment",
        )),
    }
}

pub(super) fn method(text: &str) -> Result<Method, Refusal> {
    let found = METHODS
        .into_iter()
        .find(|method| text.eq_ignore_ascii_case(method.as_str()));
    let known = || METHODS.each_ref().map(Method::as_str).join(", ");
    found.ok_or_else(|| Refusal::new("is no method for a check", known()))
}

/// The command line as the shell of the container gets it.
pub(super) fn command(text: &str) -> Result<Vec<String>, Refusal> {
    let refuse = |problem: &'static str| {
        Refusal::new(
            problem,
            format!(
                "a shell command of at most {COMMAND_LENGTH_MAX} bytes; a longer one can be a \
                 script in the image"
            ),
        )
    };
    if text.len() > COMMAND_LENGTH_MAX {
        return Err(refuse("is too long"));
    }
    let odd = |character: char| character.is_control() && !matches!(character, '\n' | '\t');
    if text.contains(odd) {
        return Err(refuse("has control characters"));
    }
    Ok(["sh", "-c", text].map(str::to_owned).into())
}

pub(super) fn status(text: &str) -> Result<Verdict, Refusal> {
    match text.to_ascii_lowercase().as_str() {
        "passing" | "warning" => Ok(Verdict::Passing),
        "critical" => Ok(Verdict::unproven()),
        _ => Err(Refusal::new(
            "is no such status",
            "passing, warning or critical",
        )),
    }
}

fn maybe_flag(text: &str) -> Option<bool> {
    let is = |word: &&str| text.eq_ignore_ascii_case(word);
    if TRUE.iter().any(is) {
        return Some(true);
    }
    FALSE.iter().any(is).then_some(false)
}

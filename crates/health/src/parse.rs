//! Checks from registrator's keys.
//!
//! Users write them as environment variables or labels `SERVICE_CHECK_HTTP=/health` or, for one
//! port, `SERVICE_8080_CHECK_HTTP=/health`. What is read here is what remains after the caller has
//! taken the prefix off and lower-cased the key. As in registrator an empty value counts as absent.
//!
//! | key | value |
//! |---|---|
//! | `check_http`, `check_https` | path, with a query if need be |
//! | `check_http_method`, `check_https_method` | method of that request, `GET` by default |
//! | `check_cmd`, `check_script` | command for `sh -c` in the container |
//! | `check_ttl` | time within which the service reports by itself |
//! | `check_tcp` | true: the port accepts connections |
//! | `check_grpc` | service name, or true for the whole server |
//! | `check_grpc_use_tls` | true: the gRPC check goes over TLS |
//! | `check_tls_skip_verify` | true: any certificate will do |
//! | `check_interval` | time from one probe to the next, 10 s by default |
//! | `check_timeout` | time limit of a probe, by default the interval but at most 10 s |
//! | `check_initial_status` | `passing`, `warning` or `critical` (default) |
//! | `check_rise`, `check_fall` | outcomes in a row that change the verdict, 1 by default |
//! | `check_deregister_after` | accepted without effect |
//!
//! The first kind given wins, in registrator's order: http, https, cmd, script, ttl, tcp, grpc;
//! the keys of the other kinds are then not looked at. Durations are in Go's notation
//! ([`crate::duration`]).
//!
//! Where this differs from registrator with Consul:
//!
//! * Registrator gave `check_script` to Consul, which ran it on its host. A label could so run any
//!   command on that host; here it runs in the container, like `check_cmd`, and so needs a shell in
//!   the image. In both `$SERVICE_IP` and `$SERVICE_PORT` stand for the instance's address.
//! * A command fails with any exit code but 0: there is no state between passing and failing. For
//!   the same reason the initial status `warning` means passing, as Consul's DNS serves instances
//!   in that state.
//! * `check_deregister_after` has nothing to do: an unhealthy instance is left out at once, and its
//!   record goes when its container does.
//! * Values that make no sense and keys that no check has are an error rather than ignored, and
//!   `false` means false.

mod error;
mod value;

use std::collections::BTreeMap;

use hyper::Method;

pub use self::error::Error;
use self::error::Refusal;
use crate::check::{
    Check, INTERVAL_MAX, INTERVAL_MIN, Probe, TIMEOUT_MAX, TIMEOUT_MIN, TTL_MAX, TTL_MIN,
    timeout_default,
};

/// What the keys of checks begin with. All of them are reserved, also those that no check has.
pub const PREFIX: &str = "check_";

/// The keys that belong to checks, sorted.
pub const RESERVED: [&str; 17] = [
    "check_cmd",
    "check_deregister_after",
    "check_fall",
    "check_grpc",
    "check_grpc_use_tls",
    "check_http",
    "check_http_method",
    "check_https",
    "check_https_method",
    "check_initial_status",
    "check_interval",
    "check_rise",
    "check_script",
    "check_tcp",
    "check_timeout",
    "check_tls_skip_verify",
    "check_ttl",
];

/// Reads the check that the keys describe, if they describe one.
///
/// # Errors
///
/// The first key or value that makes no sense, see [`Error`].
pub fn check(keys: &BTreeMap<String, String>) -> Result<Option<Check>, Error> {
    // One that is misspelt may be the check itself: without it the instance would pass for well.
    let is_unknown = |key: &&String| key.starts_with(PREFIX) && !RESERVED.contains(&key.as_str());
    if let Some(key) = keys.keys().find(is_unknown) {
        return Err(Error::unknown(key, &keys[key]));
    }
    let keys = Keys(keys);
    let Some(probe) = probe(keys)? else {
        return Ok(None);
    };
    let defaults = Check::new(probe);
    let interval = keys
        .read("check_interval", |text| {
            value::duration(text, INTERVAL_MIN, INTERVAL_MAX)
        })?
        .unwrap_or(defaults.interval);
    let timeout = keys
        .read("check_timeout", |text| {
            value::duration(text, TIMEOUT_MIN, TIMEOUT_MAX)
        })?
        .unwrap_or_else(|| timeout_default(interval));
    Ok(Some(Check {
        probe: defaults.probe,
        interval,
        timeout,
        rise: keys
            .read("check_rise", value::count)?
            .unwrap_or(defaults.rise),
        fall: keys
            .read("check_fall", value::count)?
            .unwrap_or(defaults.fall),
        initial: keys
            .read("check_initial_status", value::status)?
            .unwrap_or(defaults.initial),
    }))
}

/// The first kind of probe given, in registrator's order.
fn probe(keys: Keys<'_>) -> Result<Option<Probe>, Error> {
    if let Some(path) = keys.read("check_http", value::path)? {
        return http(keys, "check_http_method", path, false).map(Some);
    }
    if let Some(path) = keys.read("check_https", value::path)? {
        return http(keys, "check_https_method", path, true).map(Some);
    }
    for key in ["check_cmd", "check_script"] {
        if let Some(command) = keys.read(key, value::command)? {
            return Ok(Some(Probe::Command(command)));
        }
    }
    if let Some(ttl) = keys.read("check_ttl", |text| value::duration(text, TTL_MIN, TTL_MAX))? {
        return Ok(Some(Probe::Ttl(ttl)));
    }
    if keys.flag("check_tcp")? {
        return Ok(Some(Probe::Tcp));
    }
    let Some(Some(service)) = keys.read("check_grpc", value::service)? else {
        return Ok(None);
    };
    Ok(Some(Probe::Grpc {
        service,
        tls: keys.flag("check_grpc_use_tls")?,
        skip_verify: keys.flag("check_tls_skip_verify")?,
    }))
}

fn http(keys: Keys<'_>, method_key: &'static str, path: String, tls: bool) -> Result<Probe, Error> {
    Ok(Probe::Http {
        tls,
        method: keys.read(method_key, value::method)?.unwrap_or(Method::GET),
        path,
        skip_verify: keys.flag("check_tls_skip_verify")?,
    })
}

/// The keys and values of one instance.
#[derive(Clone, Copy)]
struct Keys<'a>(&'a BTreeMap<String, String>);

impl Keys<'_> {
    /// Reads the value of a key unless it is absent or empty.
    fn read<T>(
        self,
        key: &'static str,
        reader: impl FnOnce(&str) -> Result<T, Refusal>,
    ) -> Result<Option<T>, Error> {
        debug_assert!(RESERVED.contains(&key), "{key} is not reserved");
        let text = self.0.get(key).map_or("", |text| text.trim());
        if text.is_empty() {
            return Ok(None);
        }
        reader(text)
            .map(Some)
            .map_err(|refusal| Error::new(key, text, refusal))
    }

    fn flag(self, key: &'static str) -> Result<bool, Error> {
        Ok(self.read(key, value::flag)?.unwrap_or(false))
    }
}

#[cfg(test)]
mod tests;

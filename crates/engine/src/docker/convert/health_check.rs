use bollard::models::HealthConfig;
use std::time::Duration;

use crate::container::HealthCheck;

/// What the engine takes where nothing is said.
const INTERVAL_DEFAULT: Duration = Duration::from_secs(30);
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);
const RETRIES_DEFAULT: u32 = 3;

/// A container's health check; `None` where it was switched off or is of an unknown kind.
pub(super) fn health_check(config: HealthConfig) -> Option<HealthCheck> {
    let mut test = config.test.unwrap_or_default().into_iter();
    let command = match test.next()?.as_str() {
        "CMD" => test.collect::<Vec<_>>(),
        "CMD-SHELL" => ["/bin/sh", "-c"]
            .map(str::to_owned)
            .into_iter()
            .chain(test)
            .collect(),
        _ => return None,
    };
    let span = |nanoseconds: Option<i64>| {
        let nanoseconds = u64::try_from(nanoseconds?).ok().filter(|given| *given > 0);
        nanoseconds.map(Duration::from_nanos)
    };
    let retries = config.retries.and_then(|retries| retries.try_into().ok());
    Some(HealthCheck {
        command,
        interval: span(config.interval).unwrap_or(INTERVAL_DEFAULT),
        timeout: span(config.timeout).unwrap_or(TIMEOUT_DEFAULT),
        start_period: span(config.start_period).unwrap_or_default(),
        retries: retries
            .filter(|given: &u32| *given > 0)
            .unwrap_or(RETRIES_DEFAULT),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(test: &[&str], interval: Option<i64>) -> Option<HealthCheck> {
        health_check(HealthConfig {
            test: Some(test.iter().map(|word| (*word).to_owned()).collect()),
            interval,
            ..HealthConfig::default()
        })
    }

    #[test]
    fn both_kinds_of_command_are_understood_and_defaults_filled_in() {
        let shell = read(&["CMD-SHELL", "test -e /ok"], Some(2_000_000_000)).unwrap();
        assert_eq!(shell.command, ["/bin/sh", "-c", "test -e /ok"]);
        assert_eq!(shell.interval, Duration::from_secs(2));
        let plain = read(&["CMD", "test", "-e", "/ok"], Some(0)).unwrap();
        assert_eq!(plain.command, ["test", "-e", "/ok"]);
        assert_eq!((plain.interval, plain.retries), (INTERVAL_DEFAULT, 3));
        assert_eq!(read(&["NONE"], None), None);
        assert_eq!(read(&[], None), None);
    }
}

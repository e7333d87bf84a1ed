/// Ends a process whatever it does.
const SIGKILL: i32 = 9;

/// Linux's names of signals, at the index of their numbers less one.
const NAMES: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
    "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

/// The real-time signals begin here, for `RTMIN+3` and the like.
const RTMIN: i32 = 34;

/// Whether a signal that was sent to a container begins its stop.
pub(super) fn is_stop(signal: Option<i32>, stop_signal: &str) -> bool {
    match signal {
        Some(SIGKILL) => true,
        Some(signal) => number(stop_signal).is_some_and(|stop| stop == signal),
        // An engine that does not say: an instance too few for a while is the lesser harm.
        None => true,
    }
}

/// A signal's number from Docker's notation: `SIGTERM`, `TERM`, `15`, `SIGRTMIN+3`.
pub(super) fn number(text: &str) -> Option<i32> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    if let Some(offset) = name.strip_prefix("RTMIN") {
        return match offset {
            "" => Some(RTMIN),
            offset => Some(RTMIN + offset.strip_prefix('+')?.parse::<i32>().ok()?),
        };
    }
    let index = NAMES.iter().position(|known| *known == name)?;
    i32::try_from(index).ok().map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_stop_signal_and_sigkill_begin_a_stop() {
        for (signal, stop_signal, expected) in [
            (Some(15), "SIGTERM", true),
            (Some(15), "TERM", true),
            (Some(15), "15", true),
            (Some(1), "SIGTERM", false),
            (Some(9), "SIGQUIT", true),
            (Some(15), "SIGQUIT", false),
            (Some(3), "SIGQUIT", true),
            (Some(37), "SIGRTMIN+3", true),
            (Some(34), "RTMIN", true),
            (Some(15), "nonsense", false),
            (None, "SIGTERM", true),
        ] {
            assert_eq!(
                is_stop(signal, stop_signal),
                expected,
                "{signal:?} {stop_signal}"
            );
        }
    }
}

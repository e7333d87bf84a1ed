//! The signals' names and numbers.

/// Linux's names of signals, at the index of their numbers less one.
const NAMES: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
    "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

/// The real-time signals begin here, for `RTMIN+3` and the like.
const RTMIN: i32 = 34;

/// A signal's number from Docker's notation: `SIGTERM`, `TERM`, `15`, `SIGRTMIN+3`.
pub fn number(text: &str) -> Option<i32> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    if let Some(offset) = name.strip_prefix("RTMIN") {
        return match offset {
            "" => Some(RTMIN),
            offset => RTMIN.checked_add(offset.strip_prefix('+')?.parse().ok()?),
        };
    }
    let index = NAMES.iter().position(|known| *known == name)?;
    i32::try_from(index).ok().map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_has_several_names() {
        for (text, expected) in [
            ("SIGHUP", Some(1)),
            ("hup", Some(1)),
            ("1", Some(1)),
            ("SIGKILL", Some(9)),
            ("TERM", Some(15)),
            ("SYS", Some(31)),
            ("RTMIN", Some(34)),
            ("SIGRTMIN+3", Some(37)),
            ("RTMIN+2147483647", None),
            ("SIGRTMIN3", None),
            ("SIG", None),
            ("nonsense", None),
            ("", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}

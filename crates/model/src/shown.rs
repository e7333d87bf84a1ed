//! How a text from outside is shown to people.

use std::fmt;

/// The longest text that is shown whole, in characters: an error is read as one line.
const SHOWN_LEN_MAX: usize = 60;

/// A value as an error shows it: in quotes, without control characters, and cut when it is long.
pub fn shown(value: &str) -> impl fmt::Display + use<> {
    let cut: String = value.chars().take(SHOWN_LEN_MAX).collect();
    let dots = if cut.len() < value.len() { "…" } else { "" };
    format!("{cut:?}{dots}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_cut_and_an_odd_one_is_escaped() {
        assert_eq!(shown("a\u{1b}\n").to_string(), r#""a\u{1b}\n""#);
        let longest = "ä".repeat(SHOWN_LEN_MAX);
        assert_eq!(shown(&longest).to_string(), format!("{longest:?}"));
        let longer = shown(&format!("{longest}x")).to_string();
        assert_eq!(longer, format!("{longest:?}…"));
    }
}

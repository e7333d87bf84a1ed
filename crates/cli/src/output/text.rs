//! Text that others have written, made safe for a terminal and a line.

use std::fmt::{Display, Write};

/// The text without characters that would break a line or steer a terminal: anybody who may write
/// to ZooKeeper could else.
pub(crate) fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || is_direction(character) {
            write!(clean, "{}", character.escape_default())
                .expect("writing to a String never fails");
        } else {
            clean.push(character);
        }
    }
    clean
}

/// Characters that turn the direction of writing around, so that a line shows something else.
fn is_direction(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The texts with commas; `-` for none.
pub(crate) fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<_> = items.into_iter().map(|item| item.to_string()).collect();
    or_dash(&items.join(", "))
}

/// The text; `-` for none, so that columns can be counted.
pub(crate) fn or_dash(text: &str) -> String {
    if text.is_empty() { "-" } else { text }.to_owned()
}

/// `1 instance`, `2 instances`.
pub(crate) fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(clean("größe\u{1b}[2J\n\tx"), "größe\\u{1b}[2J\\n\\tx");
        assert_eq!(clean("a\u{202e}b"), "a\\u{202e}b");
    }

    #[test]
    fn nothing_is_a_dash() {
        assert_eq!(list([1, 2]), "1, 2");
        assert_eq!(list::<u8>([]), "-");
        assert_eq!(count(1, "host"), "1 host");
        assert_eq!(count(0, "host"), "0 hosts");
    }
}

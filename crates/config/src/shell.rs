//! What a shell reads.

/// A text as one word of a shell: in single quotes, where nothing has a meaning but the quote that
/// ends them (POSIX, "Shell Command Language", 2.2.2).
pub(crate) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_ends_the_word_for_a_moment() {
        assert_eq!(quote("$a it's\n"), "'$a it'\\''s\n'");
        assert_eq!(quote(""), "''");
    }
}

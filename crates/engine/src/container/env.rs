use std::fmt;

/// A container's environment.
///
/// Values are often passwords, so `Debug` prints the names alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Env(Vec<(String, String)>);

impl Env {
    /// The value of a variable. Of a name that is set twice the last counts, as in the C library.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .rev()
            .find(|(n, _)| *n == name)
            .map(|(_, value)| value)
    }

    /// Names and values, in the engine's order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// From `NAME=value` lines, as the engine writes them. A line without `=` is a name without value.
impl<S: AsRef<str>> FromIterator<S> for Env {
    fn from_iter<I: IntoIterator<Item = S>>(lines: I) -> Self {
        let split = |line: S| {
            let line = line.as_ref();
            let (name, value) = line.split_once('=').unwrap_or((line, ""));
            (name.to_owned(), value.to_owned())
        };
        Self(lines.into_iter().map(split).collect())
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(|(name, _)| name))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_split_at_the_first_equals_sign() {
        let env = Env::from_iter(["A=1=2", "B", "C=", "A=3"]);
        assert_eq!(env.get("A"), Some("3"));
        assert_eq!(env.get("B"), Some(""));
        assert_eq!(env.get("C"), Some(""));
        assert_eq!(env.get("D"), None);
        assert_eq!(env.iter().next(), Some(("A", "1=2")));
    }

    #[test]
    fn debug_prints_no_value() {
        let env = Env::from_iter(["PASSWORD=hunter2"]);
        assert_eq!(format!("{env:?}"), r#"{"PASSWORD"}"#);
    }
}

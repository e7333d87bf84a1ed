use crate::problem::Problem;
use dockeeper_health::duration;
use dockeeper_model::shown;
use dockeeper_recipes::Naming;
use std::time::Duration;

/// How long may be waited for, at most: longer than most work, and far from for ever.
const WAIT_MAX: Duration = Duration::from_secs(3600);

/// Whose names the contenders' znodes have.
const NAMINGS: [(&str, Naming); 2] = [("curator", Naming::Curator), ("kazoo", Naming::Kazoo)];

/// What stands after the `?`, to be taken name by name.
#[derive(Debug)]
pub(crate) struct Pairs {
    left: Vec<(String, String)>,
    known: Vec<&'static str>,
}

// === impl Pairs ===

impl Pairs {
    pub(super) fn new(pairs: Vec<(String, String)>) -> Self {
        Self {
            left: pairs,
            known: Vec::new(),
        }
    }

    /// What is said of a name; `None` for nothing.
    pub(crate) fn take(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        self.known.push(name);
        let mut said = self.left.extract_if(.., |(this, _)| this == name);
        let value = said.next().map(|(_, value)| value);
        match said.next() {
            None => Ok(value),
            Some(_) => Err(Problem::bad_request(format!("{name} is said twice"))),
        }
    }

    /// One of some words; the first where nothing is said.
    pub(crate) fn choice<T, const N: usize>(
        &mut self,
        name: &'static str,
        choices: [(&str, T); N],
    ) -> Result<T, Problem> {
        let said = self.take(name)?;
        let words = choices.each_ref().map(|(word, _)| *word).join(", ");
        let mut choices = choices.into_iter();
        let chosen = match &said {
            None => choices.next(),
            Some(said) => choices.find(|(word, _)| word == said),
        };
        chosen.map(|(_, value)| value).ok_or_else(|| {
            let said = shown(&said.unwrap_or_default());
            Problem::bad_request(format!("{name} is {said}: write one of {words}"))
        })
    }

    /// How long to wait; `None` where nothing is said.
    pub(crate) fn wait(&mut self) -> Result<Option<Duration>, Problem> {
        let Some(text) = self.take("wait")? else {
            return Ok(None);
        };
        match duration::parse(&text) {
            Ok(wait) if wait <= WAIT_MAX => Ok(Some(wait)),
            Ok(_) => Err(Problem::bad_request(format!(
                "wait={text} is longer than {}",
                duration::format(WAIT_MAX)
            ))),
            Err(error) => Err(Problem::bad_request(format!(
                "wait={} {error}: write 30s, 5m or 0",
                shown(&text)
            ))),
        }
    }

    /// Whose names the contenders have.
    pub(crate) fn naming(&mut self) -> Result<Naming, Problem> {
        self.choice("names", NAMINGS)
    }

    /// Refuses what nobody has taken.
    pub(super) fn finish(self) -> Result<(), Problem> {
        let Some((name, _)) = self.left.first() else {
            return Ok(());
        };
        let (name, known) = (shown(name), self.known.join(", "));
        let message = format!("{name} is no parameter here; known: {known}");
        Err(Problem::bad_request(message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(said: &[(&str, &str)]) -> Pairs {
        let owned = said
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Pairs::new(owned.collect())
    }

    #[test]
    fn a_wait_is_read_and_bounded() {
        let wait = |text| pairs(&[("wait", text)]).wait();
        for (text, seconds) in [("0", 0), ("30s", 30), ("1h", 3600)] {
            assert_eq!(wait(text), Ok(Some(Duration::from_secs(seconds))));
        }
        assert_eq!(pairs(&[]).wait(), Ok(None));
        for text in ["", "-1s", "soon", "61m"] {
            let problem = wait(text).unwrap_err();
            assert!(problem.message.contains("wait"), "{problem:?}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_named_with_what_can() {
        let refused = |result: Result<Naming, Problem>| result.unwrap_err().message;
        assert_eq!(pairs(&[]).naming(), Ok(Naming::Curator));
        assert_eq!(pairs(&[("names", "kazoo")]).naming(), Ok(Naming::Kazoo));
        assert_eq!(
            refused(pairs(&[("names", "etcd")]).naming()),
            r#"names is "etcd": write one of curator, kazoo"#
        );
        let twice = [("names", "kazoo"), ("names", "kazoo")];
        assert_eq!(refused(pairs(&twice).naming()), "names is said twice");

        let mut unknown = pairs(&[("wiat", "1s"), ("wait", "1s")]);
        unknown.wait().unwrap();
        unknown.naming().unwrap();
        assert_eq!(
            unknown.finish().unwrap_err().message,
            r#""wiat" is no parameter here; known: wait, names"#
        );
        assert_eq!(pairs(&[]).finish(), Ok(()));
    }
}

use super::Word;
use std::{collections::HashSet, str::FromStr};

/// Which words are answered. `srvr` always is: the scripts around ZooKeeper need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whitelist {
    words: HashSet<Word>,
}

/// A whitelist names something that is not served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the whitelist has {0:?}, which is no word of this server; use *, or some of {known}", known = known())]
pub struct UnknownWord(pub String);

// === impl Whitelist ===

impl Whitelist {
    /// Whether a word is answered.
    pub fn allows(&self, word: Word) -> bool {
        self.words.contains(&word)
    }
}

impl Default for Whitelist {
    fn default() -> Self {
        Self {
            words: HashSet::from([Word::Srvr]),
        }
    }
}

impl FromStr for Whitelist {
    type Err = UnknownWord;

    /// Words between commas, or `*` for all of them.
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let mut list = Self::default();
        for name in text.split(',').map(str::trim) {
            match name {
                "" => {}
                "*" => list.words.extend(Word::SERVED),
                _ => {
                    let word = Word::SERVED.iter().find(|word| word.name() == name);
                    let word = word.ok_or_else(|| UnknownWord(name.to_owned()))?;
                    list.words.insert(*word);
                }
            }
        }
        Ok(list)
    }
}

fn known() -> String {
    let names: Vec<_> = Word::SERVED.iter().map(|word| word.name()).collect();
    names.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allows_what_it_names_and_srvr() {
        let list: Whitelist = " ruok, mntr,,".parse().unwrap();
        for word in Word::SERVED {
            let is_named = matches!(word, Word::Ruok | Word::Mntr | Word::Srvr);
            assert_eq!(list.allows(*word), is_named, "{word:?}");
            assert_eq!(Whitelist::default().allows(*word), *word == Word::Srvr);
        }
    }

    #[test]
    fn a_star_is_all_that_is_served() {
        let list: Whitelist = "*".parse().unwrap();
        assert!(Word::SERVED.iter().all(|word| list.allows(*word)));
        assert!(!list.allows(Word::from_bytes(*b"crst").unwrap()));
    }

    #[test]
    fn says_what_it_does_not_know() {
        for text in ["crst", "ruok;mntr", "RUOK"] {
            let error = text.parse::<Whitelist>().unwrap_err();
            assert_eq!(error, UnknownWord(text.to_owned()));
            assert!(error.to_string().contains("conf,cons,dump"), "{error}");
        }
    }
}

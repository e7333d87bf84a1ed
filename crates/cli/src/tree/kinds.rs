//! Which znodes are containers or have a time to live.
//!
//! ZooKeeper's protocol does not tell: the metadata of such a znode look like those of any other,
//! and no request gives its time. So whoever copies a tree says it.

use super::node::Kind;
use crate::{args::Span, exit::Failure, output::text};
use std::{cell::RefCell, collections::HashSet, fmt, str::FromStr, time::Duration};

/// Paths in which the name `*` stands for any one name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pattern(Vec<String>);

/// The time to live of some znodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ttl {
    pattern: Pattern,
    ttl: Duration,
}

/// Which znodes are of which kind.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Kinds {
    /// Make the znodes of this path containers, which end after their last child; the name "*"
    /// stands for any one name. ZooKeeper does not tell which ones are
    #[arg(long, value_name = "PATTERN")]
    container: Vec<Pattern>,

    /// Give the znodes of this path a time to live; the name "*" stands for any one name. ZooKeeper
    /// does not tell which ones have one
    #[arg(long, value_name = "PATTERN=DURATION")]
    ttl: Vec<Ttl>,

    /// Those that a znode has had.
    #[arg(skip)]
    matched: RefCell<HashSet<Pattern>>,
}

// === impl Pattern ===

impl Pattern {
    fn matches(&self, path: &str) -> bool {
        let mut names = path.split('/').skip(1);
        let mut wanted = self.0.iter();
        loop {
            match (wanted.next(), names.next()) {
                (None, None) => return true,
                (Some(wanted), Some(name)) if wanted == "*" || wanted == name => {}
                _ => return false,
            }
        }
    }
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        dockeeper_zk_client::path::validate(text).map_err(|why| why.to_string())?;
        if text == "/" {
            return Err("the root is neither a container nor has it a time to live".to_owned());
        }
        let names: Vec<_> = text.split('/').skip(1).map(str::to_owned).collect();
        if names
            .iter()
            .any(|name| name.len() > 1 && name.contains('*'))
        {
            return Err(
                "\"*\" stands for one whole name, as in /cache/*, and for no part of one, \
                nor for several"
                    .to_owned(),
            );
        }
        Ok(Self(names))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", text::clean(&self.0.join("/")))
    }
}

// === impl Ttl ===

impl FromStr for Ttl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (pattern, ttl) = text
            .rsplit_once('=')
            .ok_or("write PATTERN=DURATION, as /cache/*=1h")?;
        let Span(ttl) = ttl.parse()?;
        Ok(Self {
            pattern: pattern.parse()?,
            ttl,
        })
    }
}

// === impl Kinds ===

impl Kinds {
    /// Whether nothing is said of any znode.
    pub(crate) fn is_silent(&self) -> bool {
        self.container.is_empty() && self.ttl.is_empty()
    }

    /// Refuses two kinds for the same pattern.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let both = self.ttl.iter().map(|ttl| &ttl.pattern);
        match both.into_iter().find(|p| self.container.contains(p)) {
            Some(both) => Err(Failure::usage(format!(
                "--container and --ttl both name {both}: a container has no time to live"
            ))),
            None => Ok(()),
        }
    }

    /// What a znode is: a container before all, otherwise what the first time to live says.
    pub(crate) fn of(&self, path: &str) -> Kind {
        let matching = self.patterns().filter(|pattern| pattern.matches(path));
        let mut matched = self.matched.borrow_mut();
        for pattern in matching {
            if !matched.contains(pattern) {
                matched.insert(pattern.clone());
            }
        }
        if self.container.iter().any(|pattern| pattern.matches(path)) {
            return Kind::Container;
        }
        let ttl = self.ttl.iter().find(|ttl| ttl.pattern.matches(path));
        ttl.map_or(Kind::Persistent, |ttl| Kind::Ttl(ttl.ttl))
    }

    /// What a person should know of the patterns that no znode has had, if there are any.
    pub(crate) fn unmatched(&self) -> Option<String> {
        let matched = self.matched.borrow();
        let unmatched = self.patterns().filter(|pattern| !matched.contains(pattern));
        let unmatched: Vec<_> = unmatched.map(Pattern::to_string).collect();
        let list = unmatched.join(", ");
        (!unmatched.is_empty()).then(|| format!("no znode matches --container or --ttl {list}"))
    }

    fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        let of_ttl = self.ttl.iter().map(|ttl| &ttl.pattern);
        self.container.iter().chain(of_ttl)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_one_name() {
        let kinds = Kinds {
            container: vec!["/services/*".parse().unwrap()],
            ttl: vec!["/cache/*/a=1m30s".parse().unwrap()],
            ..Kinds::default()
        };
        let unmatched = kinds.unmatched().unwrap();
        assert!(
            unmatched.ends_with(" /services/*, /cache/*/a"),
            "{unmatched}"
        );
        let ttl = Kind::Ttl(Duration::from_secs(90));
        for (path, kind) in [
            ("/services", Kind::Persistent),
            ("/services/web", Kind::Container),
            ("/services/web/1", Kind::Persistent),
            ("/cache/x/a", ttl),
            ("/cache/x/b", Kind::Persistent),
            ("/", Kind::Persistent),
        ] {
            assert_eq!(kinds.of(path), kind, "{path}");
        }
        assert_eq!(kinds.unmatched(), None);
    }

    #[test]
    fn a_znode_is_of_one_kind() {
        let kinds = |ttl: &str| Kinds {
            container: vec!["/a/*".parse().unwrap()],
            ttl: vec![ttl.parse().unwrap()],
            ..Kinds::default()
        };
        assert!(kinds("/a/x=1h").check().is_ok());
        let failure = kinds("/a/*=1h").check().unwrap_err();
        assert!(failure.message.contains("both name /a/*"), "{failure}");
    }

    #[test]
    fn what_matches_nothing_is_refused() {
        for bad in ["", "services", "/services/", "/", "/i*", "/**", "/a/*/b*"] {
            assert!(bad.parse::<Pattern>().is_err(), "{bad}");
        }
        for bad in ["/a", "/a=", "/a=0", "a=1s"] {
            assert!(bad.parse::<Ttl>().is_err(), "{bad}");
        }
    }
}

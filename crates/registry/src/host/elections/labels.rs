//! What a container's labels say of the election that it stands in.

use dockeeper_hooks::Hook;
use dockeeper_model::{LockName, name, shown};
use std::collections::BTreeMap;

/// The election's name.
const NAME: &str = "dockeeper.election";
const ON_ELECTED: &str = "dockeeper.election.on-elected";
const ON_LOST: &str = "dockeeper.election.on-lost";

/// How labels of elections begin; those that there are not may be meant to be one of the others.
const PREFIX: &str = "dockeeper.election.";

/// The election that a container is meant to stand in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::host) struct Election {
    pub(in crate::host) name: LockName,
    /// What is done when it leads.
    pub(super) on_elected: Option<Hook>,
    /// What is done when it leads no longer.
    pub(super) on_lost: Option<Hook>,
}

/// What labels say of an election, and what of that cannot be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::host) struct Found {
    pub(in crate::host) election: Option<Election>,
    pub(in crate::host) problems: Vec<String>,
}

/// Reads the labels of a container. One that cannot be used keeps the container from standing: a
/// leader that is not told, or not told when it has lost, would do harm.
pub(in crate::host) fn election(labels: &BTreeMap<String, String>) -> Found {
    let mut problems = Vec::new();
    for (label, _) in labels.range(PREFIX.to_owned()..) {
        if !label.starts_with(PREFIX) {
            break;
        }
        if ![ON_ELECTED, ON_LOST].contains(&label.as_str()) {
            problems.push(format!("{} is no label of Dockeeper's", shown(label)));
        }
    }
    let mut hook = |label: &str| {
        let text = labels.get(label)?;
        let hook = text.parse::<Hook>();
        let problem = |why| problems.push(format!("{label} is {}: {why}", shown(text)));
        hook.map_err(problem).ok()
    };
    let (on_elected, on_lost) = (hook(ON_ELECTED), hook(ON_LOST));
    let name = match labels.get(NAME) {
        Some(name) => name.parse().map_err(|why: name::Invalid| {
            format!("{NAME} is {}, no name for an election: {why}", shown(name))
        }),
        None if on_elected.is_some() || on_lost.is_some() => Err(format!(
            "what is to be done in an election has no effect without {NAME}"
        )),
        None => {
            return Found {
                election: None,
                problems,
            };
        }
    };
    let name = name.map_err(|problem| problems.push(problem)).ok();
    let election = name.filter(|_| problems.is_empty()).map(|name| Election {
        name,
        on_elected,
        on_lost,
    });
    Found { election, problems }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(labels: &[(&str, &str)]) -> Found {
        let labels = labels
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        election(&labels.collect())
    }

    #[test]
    fn a_name_is_enough() {
        let Found { election, problems } = found(&[(NAME, "orders"), ("other", "x")]);
        assert_eq!(problems, [""; 0]);
        let election = election.unwrap();
        assert_eq!(election.name.as_str(), "orders");
        assert_eq!((election.on_elected, election.on_lost), (None, None));
        for none in [&[][..], &[("SERVICE_NAME", "web")]] {
            assert_eq!(found(none), Found::default());
        }
    }

    #[test]
    fn hooks_are_read() {
        let labels = [
            (NAME, "orders"),
            (ON_ELECTED, "exec:up"),
            (ON_LOST, "signal:HUP"),
        ];
        let election = found(&labels).election.unwrap();
        assert_eq!(election.on_elected, Some("exec:up".parse().unwrap()));
        assert_eq!(election.on_lost, Some("signal:HUP".parse().unwrap()));
    }

    #[test]
    fn what_cannot_be_used_keeps_the_container_from_standing() {
        for (labels, why) in [
            (&[(NAME, "a/b")][..], "no name for an election"),
            // Such as `${ELECTION}` of a variable that is not set.
            (&[(NAME, "")], "it is empty"),
            (&[(NAME, " a")], "begins or ends with a space"),
            (
                &[(NAME, "a"), (ON_ELECTED, "")],
                "dockeeper.election.on-elected is \"\"",
            ),
            (
                &[(NAME, "a"), (ON_LOST, " exec:down")],
                "dockeeper.election.on-lost is \" exec:down\"",
            ),
            (
                &[(NAME, "a"), (ON_LOST, "mail:me")],
                "dockeeper.election.on-lost is \"mail:me\"",
            ),
            (
                &[(NAME, "a"), ("dockeeper.election.on-win", "x")],
                "is no label of Dockeeper's",
            ),
            (
                &[(ON_ELECTED, "exec:up")],
                "has no effect without dockeeper.election",
            ),
        ] {
            let Found { election, problems } = found(labels);
            assert_eq!(election, None, "{labels:?}");
            assert!(
                problems.len() == 1 && problems[0].contains(why),
                "{problems:?}"
            );
        }
    }
}

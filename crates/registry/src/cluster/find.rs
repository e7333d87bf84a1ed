use super::Error;
use dockeeper_model::{NodeName, container::Container};
use std::fmt;

/// How many digits of an id are shown, as Docker does it.
const SHORT_ID_LEN: usize = 12;

/// A container that a name may mean.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// Its host.
    pub node: NodeName,
    /// Its name.
    pub name: String,
    /// Its full id.
    pub id: String,
}

/// Finds a container by its full id, its name, `NODE/NAME`, or the beginning of its id: whichever
/// fits first, as Docker does it.
///
/// # Errors
///
/// [`Error::Unknown`] and [`Error::Ambiguous`].
pub fn container<'a>(containers: &'a [Container], name: &str) -> Result<&'a Container, Error> {
    let ways: [&dyn Fn(&Container) -> bool; 4] = [
        &|container| container.id == name,
        &|container| container.record.name == name,
        &|container| {
            let split = name.split_once('/');
            split == Some((container.node.as_str(), container.record.name.as_str()))
        },
        &|container| !name.is_empty() && container.id.starts_with(name),
    ];
    for way in ways {
        let found: Vec<_> = containers.iter().filter(|c| way(c)).collect();
        match found.as_slice() {
            [] => {}
            [container] => return Ok(container),
            several => return Err(ambiguous(name, several)),
        }
    }
    Err(Error::Unknown(name.to_owned()))
}

fn ambiguous(name: &str, containers: &[&Container]) -> Error {
    let mut candidates: Vec<_> = containers.iter().map(|c| Candidate::from(*c)).collect();
    candidates.sort();
    Error::Ambiguous {
        name: name.to_owned(),
        candidates,
    }
}

// === impl Candidate ===

impl From<&Container> for Candidate {
    fn from(container: &Container) -> Self {
        Self {
            node: container.node.clone(),
            name: container.record.name.clone(),
            id: container.id.clone(),
        }
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = self.id.get(..SHORT_ID_LEN).unwrap_or(&self.id);
        write!(f, "{}/{} ({short})", self.node, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockeeper_model::ContainerRecord;

    fn containers() -> Vec<Container> {
        let container = |node: &str, name: &str, id: &str| Container {
            id: id.to_owned(),
            node: node.parse().unwrap(),
            record: ContainerRecord {
                name: name.to_owned(),
                ..ContainerRecord::default()
            },
        };
        vec![
            container("h2", "web", "abc2"),
            container("h1", "web", "abc1"),
            container("h1", "abc", "def0"),
            container("h1", "def", "0123"),
        ]
    }

    #[test]
    fn what_fits_best_is_found() {
        let containers = containers();
        let id = |name| container(&containers, name).map(|found| found.id.as_str());
        assert_eq!(id("abc1"), Ok("abc1"));
        assert_eq!(id("h2/web"), Ok("abc2"));
        assert_eq!(id("012"), Ok("0123"));
        // A name beats the beginning of an id.
        assert_eq!(id("abc"), Ok("def0"));
        assert_eq!(id("def"), Ok("0123"));
        for unknown in ["", "h3/web", "nothing", "/"] {
            assert_eq!(id(unknown), Err(Error::Unknown(unknown.to_owned())));
        }
    }

    #[test]
    fn an_ambiguous_name_lists_what_it_may_mean() {
        let error = container(&containers(), "web").unwrap_err().to_string();
        assert_eq!(
            error,
            "'web' is more than one container: h1/web (abc1), h2/web (abc2); write NODE/NAME or \
             more of the id"
        );
        let error = container(&containers(), "ab").unwrap_err();
        assert!(matches!(error, Error::Ambiguous { candidates, .. } if candidates.len() == 2));
    }
}

//! Who holds what and who waits for it, for people.

mod entry;
mod list;
mod removal;
mod show;

pub(crate) use self::{list::list, removal::remove_holders, show::show};

use crate::{output::text, tree::tally::Paths};
use dockeeper_model::layout;
use dockeeper_recipes::{Error, Naming, Survey, line::Line, semaphore, survey};
use dockeeper_zk_client::Client;
use entry::Entry;

/// What is contended for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Lock,
    Semaphore,
    Election,
}

/// Who holds one and who waits, in their order.
#[derive(Debug)]
struct Found {
    entries: Vec<Entry>,
    /// What is wrong with it.
    warning: Option<String>,
}

// === impl Kind ===

impl Kind {
    /// Below which znode those with names lie.
    fn root(self) -> &'static str {
        match self {
            Self::Lock => layout::LOCKS,
            Self::Semaphore => layout::SEMAPHORES,
            Self::Election => layout::ELECTIONS,
        }
    }

    /// What people call it.
    fn noun(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Semaphore => "semaphore",
            Self::Election => "election",
        }
    }

    /// What may lie there: nothing else says whose names were chosen.
    fn lines(self) -> Vec<Line> {
        let families = [Naming::Curator, Naming::Kazoo];
        match self {
            Self::Lock => families
                .into_iter()
                .flat_map(|naming| [Line::mutex(naming), Line::read_write(naming)])
                .collect(),
            Self::Semaphore => Vec::new(),
            Self::Election => families.into_iter().map(Line::election).collect(),
        }
    }

    /// What its holder does.
    fn verb(self) -> &'static str {
        match self {
            Self::Lock | Self::Semaphore => "holds",
            Self::Election => "leads",
        }
    }
}

/// Looks at one. `prefix` is what the `zk` commands see before the session's paths.
async fn read(client: &Client, kind: Kind, znode: &str, prefix: &str) -> Result<Found, Error> {
    let survey = match kind {
        Kind::Semaphore => semaphore::survey(client, znode).await,
        Kind::Lock | Kind::Election => survey(client, znode, &kind.lines()).await,
    };
    let survey = survey.map_err(|error| error.below(prefix))?;
    let warning = (!survey.foreign.is_empty()).then(|| foreign(&survey, znode, prefix));
    let entries = survey.contenders.into_iter();
    Ok(Found {
        entries: entries
            .map(|contender| Entry::new(contender, prefix))
            .collect(),
        warning,
    })
}

/// What it means that there are children of other programs.
fn foreign(survey: &Survey, znode: &str, prefix: &str) -> String {
    let mut paths = Paths::default();
    for path in &survey.foreign {
        paths.add(&format!("{prefix}{path}"));
    }
    let (lines, naming) = (paths.lines(), survey.naming);
    let znode = text::clean(znode);
    format!(
        "{prefix}{znode} has what no program makes with {naming}'s names, and nobody else gets it \
         meanwhile:{lines}\nother programs may use it with other names; what nobody uses, \
         `dockeeper zk rm PATH` removes"
    )
}

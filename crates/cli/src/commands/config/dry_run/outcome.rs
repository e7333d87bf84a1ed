//! What becomes of a container with a release.

use crate::{commands::config::differences::describe, output::text};
use dockeeper_config::{
    bundle::{Bundle, BundleFile, KEYS_NAME},
    render::{Failed, Rendered},
};
use dockeeper_model::config::FilePath;

/// What becomes of a container with a release. Failures come first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// It cannot be rendered.
    Fails(String),
    /// It cannot be tried here.
    Unknown(String),
    /// Its files differ like this.
    Differs(String),
    /// It has none yet, and gets so many.
    First(usize),
    /// What it runs cannot be compared.
    Incomparable(String),
    /// Its files stay the same, but for the values.
    Same,
}

/// A rendering, as it is compared.
pub(super) type Rendering = Result<Rendered, Box<Failed>>;

// === impl Outcome ===

impl Outcome {
    /// What comes of a new rendering in place of an old one, if there is one.
    pub(super) fn of(new: &Rendering, old: Option<&Rendering>) -> Self {
        let new = match new {
            Ok(new) => new,
            Err(failed) => {
                let why = failed.to_string();
                return match failed.error.unavailable() {
                    Some(_) => Self::Unknown(why),
                    None => Self::Fails(why),
                };
            }
        };
        match old {
            None => Self::First(new.files.len()),
            Some(Err(failed)) => Self::Incomparable(failed.to_string()),
            Some(Ok(old)) => match describe(&files(old), &files(new)) {
                told if told.is_empty() => Self::Same,
                told => Self::Differs(told),
            },
        }
    }

    pub(super) fn is_failure(&self) -> bool {
        matches!(self, Self::Fails(_))
    }

    /// What it is for `who`, in lines.
    pub(super) fn told(&self, who: &str) -> String {
        match self {
            Self::Fails(why) => format!("for {who} it fails: {}\n", text::clean(why)),
            Self::Unknown(why) => {
                format!("for {who} it cannot be tried here: {}\n", text::clean(why))
            }
            Self::Differs(told) => format!("for {who}:\n{told}"),
            Self::First(count) => format!("for {who}: {}\n", text::count(*count, "file")),
            Self::Incomparable(why) => format!(
                "for {who} it can be rendered; what is there now cannot any more: {}\n",
                text::clean(why)
            ),
            Self::Same => format!("for {who}: no other file differs\n"),
        }
    }
}

/// The files but those of the values, which differ as the values do, in each of their formats.
fn files(rendered: &Rendered) -> Bundle {
    let files = rendered.files.iter();
    let files = files.filter(|(path, _)| !is_of_values(path));
    let files = files.map(|(path, file)| {
        let file = BundleFile {
            mode: file.mode,
            uid: file.uid,
            gid: file.gid,
            content: file.content.clone(),
        };
        (path.clone(), file)
    });
    Bundle {
        files: files.collect(),
        ..Bundle::default()
    }
}

fn is_of_values(path: &FilePath) -> bool {
    let first = path.names().next().unwrap_or_default();
    let rest = first.strip_prefix(KEYS_NAME);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

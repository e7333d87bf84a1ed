mod draft;
mod values;

use super::{
    get::Named,
    publishing::{self, Pace, publish},
    releases,
};
use crate::{args::Global, exit::Failure, output};
use anyhow::Context;
use bytes::Bytes;
use dockeeper_config::{
    bundle::Bundle,
    store::{Edit, FileEdit},
};
use dockeeper_model::config::AppName;
use draft::Draft;
use std::collections::BTreeMap;

/// The options of `config edit`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The editor is $VISUAL, $EDITOR or vi. Without a name, all values are edited, as a table in TOML; a \
line that is removed removes its value. A text that is not changed makes no release. The line feed \
that editors put behind a single value is taken away, if it had none.

When somebody else makes a release meanwhile, nothing is changed, and the exit code is 8. The text is \
kept, as it is whenever it could not be released, and its file is named.")]
pub(crate) struct Args {
    /// The app
    app: AppName,

    /// A value or a file; ./NAME is always the file
    #[arg(value_name = "KEY|FILE")]
    name: Option<String>,

    #[command(flatten)]
    options: publishing::Options,
}

/// What is edited.
enum Subject {
    Values,
    Named(Named),
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    let (release, bundle) = super::with(global, async |_, store| {
        let release = releases::find(store, &args.app, None).await?;
        let bundle = store.bundle(&release).await?;
        Ok((release.release, bundle))
    })
    .await?;
    let subject = match &args.name {
        None => Subject::Values,
        Some(name) => Subject::Named(Named::find(&bundle, name, &args.app)?),
    };
    let before = subject.text(&bundle);
    let draft = Draft::new(&args.app, &subject.file_name(), &before)?;
    let draft = draft.edited().await?;
    let kept = format!("the text is kept in {}", draft.path().display());
    let after = draft.read().with_context(|| kept.clone())?;
    let after = subject.meant(&before, after);
    if after == before {
        draft.remove();
        output::note("nothing was changed");
        return Ok(());
    }
    let edit = subject.edit(&bundle, after).with_context(|| kept.clone())?;
    let mut options = args.options.clone();
    options.expect_release.get_or_insert(release);
    let published = publish(&args.app, edit, Pace::Staged, &options, global).await;
    match published {
        // It may have been made, and what went wrong came later: better kept once too often.
        Err(error) => Err(error.context(kept)),
        Ok(()) if options.is_dry_run() => {
            output::note(&kept);
            Ok(())
        }
        Ok(()) => {
            draft.remove();
            Ok(())
        }
    }
}

// === impl Subject ===

impl Subject {
    fn text(&self, bundle: &Bundle) -> Bytes {
        match self {
            Self::Values => values::write(&bundle.keys).into(),
            Self::Named(Named::Key(key)) => bundle.keys[key].clone().into(),
            Self::Named(Named::File(path)) => bundle.files[path].content.clone(),
        }
    }

    /// Its ending tells editors what it is.
    fn file_name(&self) -> String {
        match self {
            Self::Values => "values.toml".to_owned(),
            Self::Named(Named::Key(key)) => key.to_string(),
            Self::Named(Named::File(path)) => path.names().last().unwrap_or_default().to_owned(),
        }
    }

    /// Many editors end each text with a line feed, which a value that had none is not to get.
    fn meant(&self, before: &Bytes, after: Bytes) -> Bytes {
        let had_none = matches!(self, Self::Named(Named::Key(_))) && !before.ends_with(b"\n");
        match after.strip_suffix(b"\n") {
            Some(meant) if had_none => after.slice_ref(meant),
            _ => after,
        }
    }

    fn edit(self, bundle: &Bundle, after: Bytes) -> anyhow::Result<Edit> {
        let text = |what| {
            let text = String::from_utf8(after.to_vec());
            text.map_err(|_| Failure::usage(format!("{what} has to be UTF-8 text")))
        };
        Ok(match self {
            Self::Named(Named::File(path)) => Edit::Put(
                path,
                Some(FileEdit {
                    content: after,
                    mode: None,
                    owner: None,
                }),
            ),
            Self::Named(Named::Key(key)) => {
                let value = text("a value")?;
                Edit::Set([(key, Some(value))].into())
            }
            Self::Values => {
                let values = values::read(&text("a table of values")?)?;
                let mut changes: BTreeMap<_, _> =
                    bundle.keys.keys().map(|key| (key.clone(), None)).collect();
                changes.extend(values.into_iter().map(|(key, value)| (key, Some(value))));
                Edit::Set(changes)
            }
        })
    }
}

use super::{apply::Ownership, differences::describe, releases};
use crate::{args::Global, exit::Failure, output};
use dockeeper_config::{
    bundle::{Bundle, read_dir},
    store::{Error, Store},
};
use dockeeper_model::config::AppName;

/// The options of `config diff`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without a release, it shows what the newest one has changed; with one, what has changed since that \
one; with two, what differs between them. With a directory, it shows what applying it would change. \
A number is a release; ./7 is a directory.

A line begins with + for what is new, - for what is gone, ~ for what has changed.")]
pub(crate) struct Args {
    /// The app
    app: AppName,

    /// Releases, or a directory
    #[arg(value_name = "RELEASE|DIR", num_args = 0..=2)]
    sides: Vec<String>,

    /// Whose the directory's files are in the containers: UID:GID, or `same`
    #[arg(long, value_name = "UID:GID", default_value = "0:0")]
    owner: Ownership,
}

/// What is compared.
enum Sides {
    /// What the newest release has changed.
    Last,
    Since(u64),
    Between(u64, u64),
    /// The newest release and the files of a directory.
    Files(Bundle),
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    let sides = args.sides()?;
    let (old, new) = super::with(global, async |_, store| {
        sides.read(store, &args.app).await.map_err(Into::into)
    })
    .await?;
    let told = describe(&old, &new);
    if told.is_empty() {
        output::note("nothing differs");
    }
    output::print(&told)
}

// === impl Args ===

impl Args {
    fn sides(&self) -> anyhow::Result<Sides> {
        let number = |text: &String| releases::number(text).ok();
        Ok(match self.sides.as_slice() {
            [] => Sides::Last,
            [side] => match number(side) {
                Some(release) => Sides::Since(release),
                None => Sides::Files(read_dir(side.as_ref(), self.owner.0)?),
            },
            [old, new, ..] => {
                let numbers = number(old).zip(number(new));
                let (old, new) = numbers.ok_or_else(|| {
                    Failure::usage("a directory is compared with the newest release alone")
                })?;
                Sides::Between(old, new)
            }
        })
    }
}

// === impl Sides ===

impl Sides {
    async fn read(self, store: &Store, app: &AppName) -> Result<(Bundle, Bundle), Error> {
        let bundle = async |release: Option<u64>| {
            let release = releases::find(store, app, release).await?;
            store.bundle(&release).await
        };
        Ok(match self {
            Self::Last => {
                let head = releases::find(store, app, None).await?;
                let history = store.history(app, 2).await?;
                let before = history.iter().find(|other| other.release < head.release);
                let old = match before {
                    Some(before) => store.bundle(before).await?,
                    None => Bundle::default(),
                };
                (old, store.bundle(&head).await?)
            }
            Self::Since(release) => (bundle(Some(release)).await?, bundle(None).await?),
            Self::Between(old, new) => (bundle(Some(old)).await?, bundle(Some(new)).await?),
            Self::Files(mut new) => {
                let old = bundle(None).await?;
                new.keys.clone_from(&old.keys);
                (old, new)
            }
        })
    }
}

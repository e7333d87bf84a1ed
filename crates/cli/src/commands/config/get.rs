use super::{put::file_path, releases};
use crate::{args::Global, exit::Failure, output};
use clap::ValueEnum;
use dockeeper_config::{bundle::Bundle, keys};
use dockeeper_model::config::{AppName, FilePath, Key};

/// How a name begins that is a file's for sure.
const FILE_PREFIX: &str = "./";

/// The options of `config get`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A name is a value's before it is a file's; ./NAME is always the file. Both are printed as they are, \
templates too. Without a name, all values are printed as a container gets them, in keys.env unless \
another format is chosen.

Examples:
  dockeeper config get web LEVEL
  dockeeper config get web sites/main.conf.j2 --release 7
  dockeeper config get web -o json")]
pub(crate) struct Args {
    /// The app
    app: AppName,

    /// A value or a file
    #[arg(value_name = "KEY|FILE")]
    name: Option<String>,

    /// Not the newest release, but this one
    #[arg(long, value_name = "N", value_parser = releases::number)]
    release: Option<u64>,

    /// How to print all values
    #[arg(short, long, value_name = "FORMAT", conflicts_with = "name")]
    output: Option<Format>,
}

/// The formats that containers get values in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a shell
    Env,
    /// One object of texts
    Json,
    /// One mapping of texts
    Yaml,
    /// As Java reads it
    Properties,
}

/// Something of a bundle that has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Key(Key),
    File(FilePath),
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    let content = super::with(global, async |_, store| {
        let release = releases::find(store, &args.app, args.release).await?;
        let Some(name) = &args.name else {
            let keys = store.manifest(&release).await?.keys;
            let format = args.output.unwrap_or(Format::Env);
            let files = keys::files(&keys);
            let content = files.get(&format.path()).cloned();
            return Ok(content.unwrap_or_default());
        };
        let bundle = store.bundle(&release).await?;
        Ok(match Named::find(&bundle, name, &args.app)? {
            Named::Key(key) => bundle.keys[&key].clone().into(),
            Named::File(path) => bundle.files[&path].content.clone(),
        })
    })
    .await?;
    output::print_bytes(&content)
}

// === impl Named ===

impl Named {
    /// What a person means.
    pub(super) fn find(bundle: &Bundle, name: &str, app: &AppName) -> Result<Self, Failure> {
        if let Some(key) = name
            .parse()
            .ok()
            .filter(|key| bundle.keys.contains_key(key))
        {
            return Ok(Self::Key(key));
        }
        let path = file_path(name.strip_prefix(FILE_PREFIX).unwrap_or(name))?;
        if bundle.files.contains_key(&path) {
            return Ok(Self::File(path));
        }
        Err(Failure::not_found(format!(
            "{app} has neither a value nor a file of the name {name}: `dockeeper config ls {app}` \
             lists both"
        )))
    }
}

// === impl Format ===

impl Format {
    fn path(self) -> FilePath {
        let path = match self {
            Self::Env => "keys.env",
            Self::Json => "keys.json",
            Self::Yaml => "keys.yaml",
            Self::Properties => "keys.properties",
        };
        path.parse().expect("it is a file's name")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockeeper_config::bundle::BundleFile;

    #[test]
    fn a_name_is_a_values_before_it_is_a_files() {
        let mut bundle = Bundle::default();
        let file = BundleFile {
            mode: 0o644,
            uid: 0,
            gid: 0,
            content: "x".into(),
        };
        bundle.files.insert("A".parse().unwrap(), file.clone());
        bundle.files.insert("d/b".parse().unwrap(), file);
        bundle.keys.insert("A".parse().unwrap(), "y".to_owned());
        let app = "web".parse().unwrap();
        let find = |name| Named::find(&bundle, name, &app);
        assert_eq!(find("A").unwrap(), Named::Key("A".parse().unwrap()));
        assert_eq!(find("./A").unwrap(), Named::File("A".parse().unwrap()));
        assert_eq!(find("d/b").unwrap(), Named::File("d/b".parse().unwrap()));
        assert_eq!(find("B").unwrap_err().code, crate::exit::Code::NotFound);
        assert_eq!(find("../A").unwrap_err().code, crate::exit::Code::Usage);
    }
}

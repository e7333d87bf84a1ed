use super::{
    input,
    publishing::{self, Pace, publish},
};
use crate::{args::Global, exit::Failure};
use dockeeper_config::{bundle::VALUE_LEN_MAX, store::Edit};
use dockeeper_model::config::{AppName, Key};
use std::{collections::BTreeMap, path::PathBuf};

/// The options of `config set`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A value is taken as it is, whatever it begins with. KEY= sets an empty value. --from-file takes all \
of a file, its last line's end too.

Examples:
  dockeeper config set web LEVEL=info 'GREETING=good morning' DEBUG=
  dockeeper config set web --unset DEBUG -m 'no longer used'
  dockeeper config set web --from-file tls.crt=./server.pem
  pass show db | dockeeper config set web --from-file DB_URL=-")]
pub(crate) struct Args {
    /// The app
    app: AppName,

    /// Values to set
    #[arg(value_name = "KEY=VALUE", value_parser = value, required_unless_present_any = ["from_file", "unset"])]
    values: Vec<(Key, String)>,

    /// Set a value to the content of a file; "-" for the standard input
    #[arg(long, value_name = "KEY=FILE", value_parser = file)]
    from_file: Vec<(Key, PathBuf)>,

    /// Remove a value
    #[arg(long, value_name = "KEY")]
    unset: Vec<Key>,

    #[command(flatten)]
    options: publishing::Options,
}

fn value(text: &str) -> Result<(Key, String), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or("write KEY=VALUE; KEY= sets an empty value, and --unset KEY removes one")?;
    let key = key.parse::<Key>().map_err(|why| why.to_string())?;
    Ok((key, value.to_owned()))
}

fn file(text: &str) -> Result<(Key, PathBuf), String> {
    match value(text)? {
        (_, path) if path.is_empty() => Err("write KEY=FILE".to_owned()),
        (key, path) => Ok((key, path.into())),
    }
}

pub(super) async fn run(args: Args, global: &Global) -> anyhow::Result<()> {
    let edit = Edit::Set(args.changes()?);
    publish(&args.app, edit, Pace::Staged, &args.options, global).await
}

// === impl Args ===

impl Args {
    fn changes(&self) -> anyhow::Result<BTreeMap<Key, Option<String>>> {
        let mut changes = BTreeMap::new();
        let mut add = |key: &Key, value| match changes.insert(key.clone(), value) {
            None => Ok(()),
            Some(_) => Err(Failure::usage(format!("{key} is given twice"))),
        };
        for (key, value) in &self.values {
            add(key, Some(value.clone()))?;
        }
        let from_stdin = self.from_file.iter();
        let from_stdin = from_stdin.filter(|(_, path)| path.as_os_str() == input::STDIN);
        if from_stdin.count() > 1 {
            let why = "the standard input can be only one value";
            return Err(Failure::usage(why).into());
        }
        for (key, path) in &self.from_file {
            let what = format!("the value of {key}");
            add(key, Some(input::read_text(path, &what, VALUE_LEN_MAX)?))?;
        }
        for key in &self.unset {
            add(key, None)?;
        }
        Ok(changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_taken_as_it_is() {
        for (text, expected) in [("A=", ""), ("A=@x", "@x"), ("A==", "="), ("A= b ", " b ")] {
            assert_eq!(value(text).unwrap().1, expected);
        }
        for bad in ["A", "=x", "a/b=x", "..=x", "a..b=x", "é=x"] {
            assert!(value(bad).is_err(), "{bad}");
        }
        assert!(file("A=").is_err());
    }
}

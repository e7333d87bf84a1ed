use super::releases;
use crate::{
    args::Global,
    clock,
    output::{self, Lines, json, size, text},
};
use dockeeper_model::config::{AppName, Manifest, Release};
use serde::Serialize;

/// The options of `config show`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The app
    app: AppName,

    /// Not the newest release, but this one
    #[arg(long, value_name = "N", value_parser = releases::number)]
    release: Option<u64>,

    /// How to print
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Lines,
}

/// A release and its content, as JSON shows them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    app: &'a AppName,
    #[serde(flatten)]
    release: releases::Item<'a>,
    content: &'a Manifest,
}

pub(super) async fn run(args: &Args, global: &Global) -> anyhow::Result<()> {
    let (release, manifest) = super::with(global, async |_, store| {
        let release = releases::find(store, &args.app, args.release).await?;
        let manifest = store.manifest(&release).await?;
        Ok((release, manifest))
    })
    .await?;
    output::print(&match args.output {
        Lines::Json => json::line(&Item {
            app: &args.app,
            release: (&release).into(),
            content: &manifest,
        })?,
        Lines::Text => told(&args.app, &release, &manifest),
    })
}

fn told(app: &AppName, release: &Release, manifest: &Manifest) -> String {
    let mut told = format!("{app}, {}\n", releases::told(release, clock::now_ms()));
    let mut tell = |what: &str, text: String| told += &format!("{what:<10}{text}\n");
    tell("created", clock::iso8601(release.created_ms));
    tell("from", releases::origin(release));
    tell("content", release.manifest.to_string());
    let count = text::count(manifest.files.len(), "file");
    tell("files", format!("{count}, {}", size::bytes(release.bytes)));
    for (path, file) in &manifest.files {
        let (mode, uid, gid) = (file.mode, file.uid, file.gid);
        let path = text::clean(path.as_str());
        let size = size::bytes(file.size);
        tell("", format!("{path} ({mode:04o}, {uid}:{gid}, {size})"));
    }
    tell("values", manifest.keys.len().to_string());
    for (key, value) in &manifest.keys {
        tell("", format!("{key} ({})", text::count(value.len(), "byte")));
    }
    told
}

//! A text in a file, for an editor.

use crate::{commands::config::input, exit::Failure};
use anyhow::{Context, anyhow};
use bytes::Bytes;
use dockeeper_config::bundle::FILE_LEN_MAX;
use dockeeper_model::config::AppName;
use std::{
    env,
    fs::{self, DirBuilder, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    process::Command,
};
use tokio::task::spawn_blocking;

/// The editor where none is chosen, as other programs have it.
const EDITOR_DEFAULT: &str = "vi";

/// A text in a file of its own folder, where editors put what they need beside it. Only its owner
/// may look into it.
#[derive(Debug)]
pub(super) struct Draft {
    folder: PathBuf,
    file: PathBuf,
}

// === impl Draft ===

impl Draft {
    pub(super) fn new(app: &AppName, name: &str, text: &[u8]) -> anyhow::Result<Self> {
        let folder = format!("dockeeper-{app}-{:016x}", fastrand::u64(..));
        let folder = env::temp_dir().join(folder);
        let file = folder.join(name);
        let write = || {
            DirBuilder::new().mode(0o700).create(&folder)?;
            let mut options = OpenOptions::new();
            options.write(true).create_new(true).mode(0o600);
            options.open(&file)?.write_all(text)
        };
        write().with_context(|| format!("cannot write {}", file.display()))?;
        Ok(Self { folder, file })
    }

    pub(super) fn path(&self) -> &Path {
        &self.file
    }

    /// Has a person edit it. Ctrl-C is the editor's: it was taken from this program when it first
    /// waited for it.
    pub(super) async fn edited(self) -> anyhow::Result<Self> {
        let editor = editor(|name| env::var(name).ok());
        let mut command = Command::new("sh");
        // As git does: an editor's options stand behind its name.
        command
            .args(["-c", &format!("{editor} \"$@\""), "sh"])
            .arg(&self.file);
        let status = spawn_blocking(move || command.status()).await?;
        let status = status.with_context(|| format!("cannot run the editor {editor}"))?;
        if status.success() {
            return Ok(self);
        }
        let why = format!("the editor {editor} has failed ({status}): nothing was changed");
        let kept = format!("the text is kept in {}", self.file.display());
        Err(anyhow!(Failure::usage(why)).context(kept))
    }

    pub(super) fn read(&self) -> anyhow::Result<Bytes> {
        input::read(&self.file, FILE_LEN_MAX).map(Bytes::from)
    }

    /// What cannot be removed is left to the system, which empties its folder for such files.
    pub(super) fn remove(self) {
        let _ = fs::remove_dir_all(self.folder);
    }
}

fn editor(var: impl Fn(&str) -> Option<String>) -> String {
    let chosen = ["VISUAL", "EDITOR"].into_iter().filter_map(var);
    let mut chosen = chosen.filter(|editor| !editor.trim().is_empty());
    chosen.next().unwrap_or_else(|| EDITOR_DEFAULT.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_editor_is_the_one_that_was_chosen() {
        let chosen = |visual: &str, other: &str| {
            editor(|name| match name {
                "VISUAL" => Some(visual.to_owned()),
                _ => Some(other.to_owned()),
            })
        };
        assert_eq!(chosen("code --wait", "ed"), "code --wait");
        assert_eq!(chosen("", "ed"), "ed");
        assert_eq!(chosen(" ", ""), "vi");
    }
}

//! What a container gets of a release.

mod digest;
mod error;

pub use self::error::{Error, Failed, Origin};

use crate::{
    bundle::{BUNDLE_LEN_MAX, Bundle, FILE_LEN_MAX},
    keys,
    template::{Asked, Facts, SUFFIX, Templates},
};
use bytes::Bytes;
use dockeeper_model::config::{Digest, FilePath};
use std::{collections::BTreeMap, fmt, sync::Arc};

/// How the name of a template begins that is only included by others.
const PARTIAL_PREFIX: char = '_';

/// What a container gets of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The files.
    pub files: BTreeMap<FilePath, RenderedFile>,
    /// What tells the files from others: of paths, permissions, owners and contents. With secrets in
    /// them, it is keyed with [`Facts::digest_key`].
    pub digest: Digest,
    /// What the templates asked for.
    pub asked: Asked,
    /// Whether there are secrets in the files.
    pub has_secrets: bool,
}

/// A file as a container gets it.
#[derive(Clone, PartialEq, Eq)]
pub struct RenderedFile {
    /// Its permissions.
    pub mode: u32,
    /// Whose it is, as the container counts users.
    pub uid: u32,
    /// Whose group's it is.
    pub gid: u32,
    /// What is in it.
    pub content: Bytes,
}

/// Renders a bundle for a container.
///
/// Templates lose their suffix; those whose names begin with `_` are only included by others and
/// are left out. The values come as files beside them, see [`keys`].
///
/// It may compute for as long as [`STEPS_MAX`](crate::template::STEPS_MAX) allows: not in a task that
/// others wait for.
///
/// # Errors
///
/// See [`Error`].
pub fn render(bundle: &Bundle, facts: &Arc<dyn Facts>) -> Result<Rendered, Box<Failed>> {
    let mut templates = Templates::new(bundle, facts.clone());
    let files = render_files(bundle, &mut templates);
    let asked = templates.asked();
    let has_secrets = !asked.secrets.is_empty();
    let digest = files.and_then(|files| {
        let key = has_secrets.then(|| facts.digest_key()).transpose()?;
        Ok((digest::of(&files, key.as_ref()), files))
    });
    match digest {
        Ok((digest, files)) => Ok(Rendered {
            files,
            digest,
            asked,
            has_secrets,
        }),
        Err(error) => Err(Box::new(Failed { error, asked })),
    }
}

fn render_files(
    bundle: &Bundle,
    templates: &mut Templates,
) -> Result<BTreeMap<FilePath, RenderedFile>, Error> {
    let mut left = BUNDLE_LEN_MAX;
    let mut files = BTreeMap::new();
    let mut unavailable = None;
    for (path, source) in plan(bundle)? {
        let file = match source {
            Source::Keys(content) => RenderedFile::of_keys(content),
            Source::File(from) => match render_file(bundle, templates, &from, &path) {
                Ok(file) => file,
                // What the others ask for can be looked up at the same time.
                Err(error) if error.unavailable().is_some() => {
                    unavailable.get_or_insert(error);
                    continue;
                }
                Err(error) if unavailable.is_none() => return Err(error),
                Err(_) => continue,
            },
        };
        left = left.checked_sub(file.content.len()).ok_or(Error::TooLong)?;
        files.insert(path, file);
    }
    unavailable.map_or(Ok(files), Err)
}

fn render_file(
    bundle: &Bundle,
    templates: &mut Templates,
    from: &FilePath,
    path: &FilePath,
) -> Result<RenderedFile, Error> {
    let file = &bundle.files[from];
    let content = if from == path {
        file.content.clone()
    } else {
        templates.render(from, FILE_LEN_MAX)?.into()
    };
    Ok(RenderedFile {
        mode: file.mode,
        uid: file.uid,
        gid: file.gid,
        content,
    })
}

enum Source {
    File(FilePath),
    Keys(Bytes),
}

/// Which files there will be, and what each comes from.
fn plan(bundle: &Bundle) -> Result<BTreeMap<FilePath, Source>, Error> {
    let mut plan = BTreeMap::new();
    let keys = keys::files(&bundle.keys).into_iter();
    plan.extend(keys.map(|(path, content)| (path, Source::Keys(content))));
    for from in bundle.files.keys() {
        let Some(path) = target(from)? else { continue };
        if let Some(other) = plan.insert(path.clone(), Source::File(from.clone())) {
            return Err(Error::Collision {
                path,
                one: other.origin(),
                other: Origin::File(from.clone()),
            });
        }
    }
    for path in plan.keys() {
        for (end, _) in path.as_str().match_indices('/') {
            let folder = path.as_str()[..end].parse().ok();
            if let Some(file) = folder.filter(|folder| plan.contains_key(folder)) {
                let below = path.clone();
                return Err(Error::FileAsFolder { file, below });
            }
        }
    }
    Ok(plan)
}

/// What a file of the bundle becomes; `None` for what is only included.
fn target(from: &FilePath) -> Result<Option<FilePath>, Error> {
    let Some(path) = from.as_str().strip_suffix(SUFFIX) else {
        return Ok(Some(from.clone()));
    };
    let path: FilePath = path.parse().map_err(|_| Error::Nameless(from.clone()))?;
    let name = path.names().last().unwrap_or_default();
    let is_partial = name.starts_with(PARTIAL_PREFIX);
    Ok((!is_partial).then_some(path))
}

// === impl RenderedFile ===

impl RenderedFile {
    /// A file that nobody chose permissions for: all may read it.
    fn of_keys(content: Bytes) -> Self {
        Self {
            mode: 0o644,
            uid: 0,
            gid: 0,
            content,
        }
    }
}

impl fmt::Debug for RenderedFile {
    /// Without the content: there may be secrets in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RenderedFile")
            .field("mode", &format_args!("{:o}", self.mode))
            .field("uid", &self.uid)
            .field("gid", &self.gid)
            .field("len", &self.content.len())
            .finish_non_exhaustive()
    }
}

// === impl Source ===

impl Source {
    fn origin(self) -> Origin {
        match self {
            Self::File(path) => Origin::File(path),
            Self::Keys(_) => Origin::Keys,
        }
    }
}

#[cfg(test)]
mod tests;

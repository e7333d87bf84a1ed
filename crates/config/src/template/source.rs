//! Which file a name in a template stands for.

use crate::bundle::Bundle;
use bytes::Bytes;
use dockeeper_model::config::FilePath;
use minijinja::{Error, ErrorKind};
use std::{borrow::Cow, collections::BTreeMap};

/// How the name of a template ends; what it is rendered to has the name without it.
pub(crate) const SUFFIX: &str = ".j2";

/// The files of a bundle, as templates name them: from the bundle's root, or from their own folder
/// where the name begins with `./` or `../`.
#[derive(Debug)]
pub(super) struct Sources(BTreeMap<FilePath, Bytes>);

// === impl Sources ===

impl Sources {
    pub(super) fn new(bundle: &Bundle) -> Self {
        let files = bundle.files.iter();
        let files = files.map(|(path, file)| (path.clone(), file.content.clone()));
        Self(files.collect())
    }

    /// A file for `include`, `import` and `extends`: the one of exactly this name, or with `.j2`
    /// behind it. `None` when there is none.
    pub(super) fn template(&self, name: &str) -> Result<Option<String>, Error> {
        let path = parse(name)?;
        let with_suffix = || format!("{path}{SUFFIX}").parse().ok();
        let found = self.0.get(&path);
        let found = found.or_else(|| self.0.get(&with_suffix()?));
        found.map(|content| text(name, content)).transpose()
    }

    /// A file for `file(…)`: of exactly this name.
    pub(super) fn file(&self, name: &str) -> Result<String, Error> {
        let missing = || {
            let why = format!("the bundle has no file {name:?}");
            Error::new(ErrorKind::TemplateNotFound, why)
        };
        let content = self.0.get(&parse(name)?).ok_or_else(missing)?;
        text(name, content)
    }
}

/// The name from the bundle's root. One that leads out of the bundle stays as it is, and is refused
/// where it is looked up.
pub(super) fn resolve<'a>(name: &'a str, parent: &str) -> Cow<'a, str> {
    if !name.starts_with("./") && !name.starts_with("../") {
        return Cow::Borrowed(name);
    }
    let mut names: Vec<_> = parent.split('/').collect();
    names.pop();
    for part in name.split('/') {
        match part {
            "." => {}
            ".." => {
                if names.pop().is_none() {
                    return Cow::Borrowed(name);
                }
            }
            _ => names.push(part),
        }
    }
    Cow::Owned(names.join("/"))
}

fn parse(name: &str) -> Result<FilePath, Error> {
    name.parse().map_err(|why| {
        let why = format!(
            "{name:?} is no file of the bundle: {why}; write its path from the bundle's root, or \
             from this template's folder with ./ or ../ in front"
        );
        Error::new(ErrorKind::InvalidOperation, why)
    })
}

fn text(name: &str, content: &Bytes) -> Result<String, Error> {
    let text = str::from_utf8(content).map_err(|_| {
        let why = format!("the file {name:?} is not UTF-8 text");
        Error::new(ErrorKind::InvalidOperation, why)
    })?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_resolved_from_the_root_or_from_the_folder() {
        for (name, parent, resolved) in [
            ("x", "a/b.j2", "x"),
            ("./x", "a/b.j2", "a/x"),
            ("../x", "a/b.j2", "x"),
            ("../../x", "a/b/c.j2", "x"),
            ("./x", "b.j2", "x"),
            ("./c/../x", "a/b.j2", "a/x"),
            ("../x", "b.j2", "../x"),
            ("../../etc/passwd", "a/b.j2", "../../etc/passwd"),
        ] {
            assert_eq!(resolve(name, parent), resolved, "{name} in {parent}");
        }
    }

    #[test]
    fn what_leads_out_is_refused_and_named() {
        let sources = Sources::new(&Bundle::default());
        for name in ["../x", "/etc/passwd", "a/../../x", "..", "a//b", ""] {
            let error = sources.template(name).unwrap_err().to_string();
            assert!(error.contains(&format!("{name:?} is no file")), "{error}");
            assert!(sources.file(name).is_err());
        }
        assert_eq!(sources.template("x").unwrap(), None);
    }
}

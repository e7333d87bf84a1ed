//! Where a new release's content comes from.

use super::{Edit, Error, Store, apps::KEPT_MAX, base::Base};
use crate::bundle::Bundle;
use dockeeper_model::config::{AppName, Release};
use std::collections::BTreeMap;

// === impl Store ===

impl Store {
    /// What an edit makes of the head, and the release whose content it is, if it is another's.
    pub(super) async fn content_of(
        &self,
        app: &AppName,
        base: &Base,
        edit: &Edit,
    ) -> Result<(Bundle, Option<u64>), Error> {
        let head = base.head.as_ref().map(|(head, _)| head);
        let no_app = || Error::NoApp(app.clone());
        let source = match edit {
            Edit::RollBack(None) => {
                let history = self.history(app, KEPT_MAX as usize).await?;
                let head = head.ok_or_else(no_app)?;
                let source = before(head, &history).ok_or_else(|| Error::NothingBefore {
                    app: app.clone(),
                    before: head.of.unwrap_or(head.release),
                })?;
                Some(source.clone())
            }
            Edit::RollBack(Some(release)) | Edit::AutoRollBack(release) => {
                head.ok_or_else(no_app)?;
                Some(self.release(app, *release).await?)
            }
            Edit::Apply(_) | Edit::Set(_) | Edit::Put(..) => None,
        };
        let bundle = match (&source, head, edit) {
            (Some(source), _, _) => self.bundle(source).await?,
            (None, None, _) => Bundle::default(),
            // Its files are all given anew, and need not be read.
            (None, Some(head), Edit::Apply(_)) => Bundle {
                files: BTreeMap::new(),
                keys: self.manifest(head).await?.keys,
            },
            (None, Some(head), _) => self.bundle(head).await?,
        };
        let bundle = edit.of(bundle);
        if head.is_none() && bundle.is_empty() {
            return Err(no_app());
        }
        Ok((bundle, source.map(|source| source.release)))
    }
}

/// Where to go back to: the newest release before the head, or before what the head itself goes back
/// to, that has another content. So going back twice does not lead to where one came from.
fn before<'a>(head: &Release, history: &'a [Release]) -> Option<&'a Release> {
    let mut bound = head.of.unwrap_or(head.release);
    history.iter().find(|release| {
        if release.release == bound {
            bound = release.of.unwrap_or(bound);
        }
        release.release < bound && release.manifest != head.manifest
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob::hash;
    use dockeeper_model::config::Kind;

    /// A content, and the release that it goes back to.
    fn history(releases: &[(&str, Option<u64>)]) -> Vec<Release> {
        let numbered = (1..).zip(releases);
        let mut releases: Vec<_> = numbered
            .map(|(release, (content, of))| Release {
                release,
                manifest: hash(content.as_bytes()),
                kind: Kind::Other,
                of: *of,
                message: String::new(),
                by: String::new(),
                created_ms: 0,
                files: 0,
                keys: 0,
                bytes: 0,
                inline: BTreeMap::new(),
            })
            .collect();
        releases.reverse();
        releases
    }

    #[test]
    fn going_back_never_leads_to_where_one_came_from() {
        for (releases, expected) in [
            (&[("a", None)][..], None),
            (&[("a", None), ("b", None)], Some(1)),
            (&[("a", None), ("b", None), ("b", None)], Some(1)),
            (&[("a", None), ("b", None), ("a", Some(1))], None),
            (
                &[("a", None), ("b", None), ("c", None), ("b", Some(2))],
                Some(1),
            ),
            (
                &[
                    ("a", None),
                    ("b", None),
                    ("c", None),
                    ("b", Some(2)),
                    ("d", None),
                    ("b", Some(4)),
                ],
                Some(1),
            ),
        ] {
            let history = history(releases);
            let found = before(&history[0], &history).map(|release| release.release);
            assert_eq!(found, expected, "{releases:?}");
        }
    }
}

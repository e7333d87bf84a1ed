//! Makes releases.

use super::{
    Edit, Error, ROUNDS_MAX, Store, WORDS_LEN_MAX,
    base::{Base, Beginning},
    collect::PUBLISH_LIMIT,
    commit::Committed,
    retry::pause,
    upload::{inline, mend, upload},
};
use crate::bundle::Parts;
use dockeeper_model::config::{AppName, Release, Rollout};
use tokio::time::Instant;

/// How often the content is stored anew that took too long. Each takes [`PUBLISH_LIMIT`].
const SLOW_ROUNDS_MAX: u32 = 2;

/// A release to be made.
#[derive(Clone, Debug)]
pub struct Publication {
    /// How it comes out of the head.
    pub edit: Edit,
    /// Who makes it: `user@host`, or a node's controller.
    pub by: String,
    /// Why.
    pub message: String,
    /// The time, in milliseconds since 1970.
    pub now_ms: i64,
    /// What the head has to be; 0 for none at all, `None` where it does not matter.
    pub expect: Option<u64>,
}

/// What became of a release that was to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// It is the head now.
    New(Release),
    /// The head has the same content already, and stays.
    Unchanged(Release),
}

enum Attempt {
    Done(Published),
    /// Somebody else was first.
    Overtaken,
    TooSlow,
}

// === impl Store ===

impl Store {
    /// Makes a release the head of an app. `begin` says how it is rolled out, which takes effect in
    /// the same transaction. When somebody else is first, all is done again with the new head, and
    /// `begin` asked again, unless that is not the head that was expected.
    ///
    /// Whatever becomes of the connection, the release is made once, or not at all with an error;
    /// when the session ends meanwhile, nobody knows. When this future is dropped, nobody knows
    /// either.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn publish(
        &self,
        app: &AppName,
        publication: &Publication,
        begin: impl Fn(&Beginning<'_>) -> Rollout,
    ) -> Result<Published, Error> {
        if publication.by.len().max(publication.message.len()) > WORDS_LEN_MAX {
            return Err(Error::Words);
        }
        let mut slow_rounds = 0;
        for round in 1..=ROUNDS_MAX {
            match self.attempt(app, publication, &begin).await? {
                Attempt::Done(published) => return Ok(published),
                Attempt::Overtaken => pause(round).await,
                Attempt::TooSlow => slow_rounds += 1,
            }
            if slow_rounds == SLOW_ROUNDS_MAX {
                return Err(Error::TooSlow {
                    app: app.clone(),
                    rounds: slow_rounds,
                });
            }
        }
        Err(Error::Contended {
            app: app.clone(),
            rounds: ROUNDS_MAX,
        })
    }

    async fn attempt(
        &self,
        app: &AppName,
        publication: &Publication,
        begin: &impl Fn(&Beginning<'_>) -> Rollout,
    ) -> Result<Attempt, Error> {
        let Some(base) = self.base(app).await? else {
            return Ok(Attempt::Overtaken);
        };
        if !base.is_expected(publication.expect) {
            return Err(overtaken(app, base, publication.expect));
        }
        let (bundle, of) = self.content_of(app, &base, &publication.edit).await?;
        let parts = Parts::of(&bundle)?;
        let release = Release {
            release: base.next,
            manifest: parts.address,
            kind: publication.edit.kind(),
            of,
            message: publication.message.clone(),
            by: publication.by.clone(),
            created_ms: publication.now_ms,
            files: u32::try_from(bundle.files.len()).unwrap_or(u32::MAX),
            keys: u32::try_from(bundle.keys.len()).unwrap_or(u32::MAX),
            bytes: parts.manifest.bytes(),
            inline: inline(&parts).unwrap_or_default(),
        };
        let started = Instant::now();
        let is_ending = matches!(publication.edit, Edit::AutoRollBack(_));
        let head = base.head.as_ref().map(|(head, _)| head);
        if let Some(head) = head.filter(|head| head.manifest == parts.address && !is_ending) {
            if head.inline.is_empty() {
                mend(self, &parts).await?;
            }
            return Ok(Attempt::Done(Published::Unchanged(head.clone())));
        }
        if release.inline.is_empty() {
            upload(self, &parts).await?;
        }
        let rollout = begin(&Beginning {
            app: &base.settings,
            before: base.rollout.as_ref().map(|(rollout, _)| rollout),
            release: &release,
        });
        if started.elapsed() > PUBLISH_LIMIT {
            return Ok(Attempt::TooSlow);
        }
        match self.commit(app, &base, &release, &rollout).await? {
            Committed::Yes => Ok(Attempt::Done(Published::New(release))),
            Committed::Overtaken => Ok(Attempt::Overtaken),
        }
    }
}

/// Somebody else was first: the head is not what was expected.
pub(super) fn overtaken(app: &AppName, base: Base, expected: Option<u64>) -> Error {
    Error::Overtaken {
        app: app.clone(),
        expected: expected.unwrap_or_default(),
        head: base.head.map(|(head, _)| Box::new(head)),
    }
}

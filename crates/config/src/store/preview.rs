//! What a release would be, without making it.

use super::{Edit, Error, ROUNDS_MAX, Store, base::Base, publish::overtaken, retry::pause};
use crate::bundle::{Bundle, Parts};
use dockeeper_model::config::{AppName, Release};

/// What a release would be.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The head, which it would come after.
    pub head: Option<Release>,
    /// The head's content; empty where there is no head.
    pub before: Bundle,
    /// Its own content.
    pub after: Bundle,
}

// === impl Store ===

impl Store {
    /// What would come out of an edit, if the head is what is expected. It can be a release: its
    /// content is within all bounds.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn preview(
        &self,
        app: &AppName,
        edit: &Edit,
        expect: Option<u64>,
    ) -> Result<Preview, Error> {
        let base = self.steady_base(app).await?;
        if !base.is_expected(expect) {
            return Err(overtaken(app, base, expect));
        }
        let (after, _) = self.content_of(app, &base, edit).await?;
        Parts::of(&after)?;
        let head = base.head.map(|(head, _)| head);
        let before = match &head {
            Some(head) => self.bundle(head).await?,
            None => Bundle::default(),
        };
        Ok(Preview {
            head,
            before,
            after,
        })
    }
    /// What a new release builds on, as it was at one moment.
    async fn steady_base(&self, app: &AppName) -> Result<Base, Error> {
        for round in 1..=ROUNDS_MAX {
            if let Some(base) = self.base(app).await? {
                return Ok(base);
            }
            pause(round).await;
        }
        Err(Error::Contended {
            app: app.clone(),
            rounds: ROUNDS_MAX,
        })
    }
}

//! Prints a listing of configurations, once or whenever it changes.

use super::following::follow;
use crate::{
    args::Global,
    interrupt,
    listing::{Page, Shown, View, warn_of},
    output::{self, Options},
    zookeeper::Session,
};

/// A listing, and what it means that there is nothing in it.
pub(super) struct Listed {
    pub(super) page: Page,
    pub(super) why_empty: String,
}

/// Prints what is read, and with `--watch` again whenever something has changed below a znode.
pub(super) async fn run(
    options: &Options,
    root: &str,
    global: &Global,
    read: impl AsyncFn(&Session, &View) -> anyhow::Result<Listed>,
) -> anyhow::Result<()> {
    if !options.watch {
        return super::with(global, async |session, _| {
            let listed = read(session, &View::now(options.output)).await?;
            output::print(&listed.page.text)?;
            warn_of(&listed.page.skipped);
            if listed.page.is_empty {
                session.check(&[]).await?;
            }
            listed.note();
            Ok(())
        })
        .await;
    }
    let mut shown = Shown::default();
    let watched = follow::<()>(global, root, None, async |session, _| {
        let view = View::now(options.output);
        let listed = read(session, &view).await?;
        if shown.show(&listed.page, &view)? {
            listed.note();
        }
        Ok(None)
    });
    interrupt::is_the_end(watched.await.map(drop))
}

// === impl Listed ===

impl Listed {
    fn note(&self) {
        if self.page.is_empty {
            output::note(&self.why_empty);
        }
    }
}

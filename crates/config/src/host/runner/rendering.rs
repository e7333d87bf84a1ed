//! Renders releases, once for all containers that get the same.

use super::slot::blocking;
use crate::{
    bundle::Bundle,
    host::{
        subscriber::Trouble,
        surroundings::{Following, Surroundings},
    },
    render::{Failed, Rendered, render},
    template::{Asked, Container},
};
use dockeeper_model::config::AppName;
use parking_lot::Mutex;
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Mutex as AsyncMutex, time::timeout};

/// How often a release is rendered anew because its templates ask for more: each answer may lead to
/// further questions, and a template that always has one more would never be done.
const ROUNDS_MAX: u32 = 10;

/// How long answers are waited for that are not known yet. Rendering then says what is missing.
const READY_LIMIT: Duration = Duration::from_secs(5);

/// How many renderings of an app are remembered: of the release that is tried out and of the one
/// before, and of both as they were when an answer came in between.
const SHARED_MAX: usize = 4;

/// What came of rendering a release.
pub(super) struct Outcome {
    pub(super) result: Result<Arc<Rendered>, Trouble>,
    /// What was asked for: when that changes, something else may come of it.
    pub(super) asked: Asked,
    pub(super) following: Following,
}

/// Renderings that several containers get.
#[derive(Default)]
pub(super) struct Renderings {
    apps: Mutex<BTreeMap<AppName, Arc<Kept>>>,
}

/// The last renderings of an app that ask for nothing of a container.
#[derive(Default)]
struct Kept {
    /// Counts who has asked.
    tickets: AtomicU64,
    shared: AsyncMutex<Vec<Shared>>,
}

struct Shared {
    bundle: Arc<Bundle>,
    rendered: Arc<Rendered>,
    /// Who asked before this gets answers that are at least as new as its question.
    as_of: u64,
}

// === impl Renderings ===

impl Renderings {
    /// Renders a release for a container. `asked` is what it is known to ask for, from the last time.
    pub(super) async fn render(
        &self,
        surroundings: &Surroundings,
        app: &AppName,
        bundle: &Arc<Bundle>,
        container: Option<Container>,
        mut asked: Asked,
    ) -> Outcome {
        let kept = self.apps.lock().entry(app.clone()).or_default().clone();
        loop {
            // Followed before anything is looked up, so that no change falls in between.
            let following = surroundings.follow(&asked);
            if !asked.container.is_empty() {
                return render_for(surroundings, bundle, container, asked, following).await;
            }
            let ticket = kept.tickets.fetch_add(1, Ordering::SeqCst);
            let mut shared = kept.shared.lock().await;
            if let Some(found) = shared.iter().find(|kept| Arc::ptr_eq(&kept.bundle, bundle)) {
                let more = merged(&asked, &found.rendered.asked);
                if more != asked {
                    asked = more;
                    continue;
                }
                if ticket < found.as_of || found.rendered.asked == Asked::default() {
                    return Outcome {
                        result: Ok(found.rendered.clone()),
                        asked,
                        following,
                    };
                }
            }
            let as_of = kept.tickets.load(Ordering::SeqCst);
            let outcome = render_for(surroundings, bundle, container, asked, following).await;
            if let Ok(rendered) = &outcome.result
                && rendered.asked.container.is_empty()
            {
                share(&mut shared, bundle, rendered, as_of);
            }
            return outcome;
        }
    }

    /// Forgets what was rendered of apps that nobody has any more.
    pub(super) fn keep(&self, is_kept: impl Fn(&AppName) -> bool) {
        self.apps.lock().retain(|app, _| is_kept(app));
    }
}

fn share(shared: &mut Vec<Shared>, bundle: &Arc<Bundle>, rendered: &Arc<Rendered>, as_of: u64) {
    shared.retain(|kept| !Arc::ptr_eq(&kept.bundle, bundle));
    let excess = (shared.len() + 1).saturating_sub(SHARED_MAX);
    shared.drain(..excess);
    shared.push(Shared {
        bundle: bundle.clone(),
        rendered: rendered.clone(),
        as_of,
    });
}

async fn render_for(
    surroundings: &Surroundings,
    bundle: &Arc<Bundle>,
    container: Option<Container>,
    mut asked: Asked,
    mut following: Following,
) -> Outcome {
    for round in 1.. {
        let is_ready = timeout(READY_LIMIT, following.ready()).await.is_ok();
        let facts = following.facts(container.clone());
        let bundle = bundle.clone();
        let failed = match blocking(move || render(&bundle, &facts)).await {
            Ok(rendered) => {
                return Outcome {
                    asked: rendered.asked.clone(),
                    result: Ok(Arc::new(rendered)),
                    following,
                };
            }
            Err(failed) => failed,
        };
        let more = merged(&asked, &failed.asked);
        if more == asked || round == ROUNDS_MAX {
            return Outcome {
                result: Err(trouble(&failed, is_ready)),
                asked,
                following,
            };
        }
        // What was followed before lives until then: its answers are known at once.
        following = surroundings.follow(&more);
        asked = more;
    }
    unreachable!("the last round returns")
}

fn trouble(failed: &Failed, is_ready: bool) -> Trouble {
    let why = failed.to_string();
    match failed.error.unavailable() {
        Some(_) if is_ready => Trouble::Passing(why),
        Some(_) => Trouble::Passing(format!("{why} (waited for {READY_LIMIT:?})")),
        None => Trouble::Lasting(why),
    }
}

/// What either asks for.
fn merged(one: &Asked, other: &Asked) -> Asked {
    let mut all = one.clone();
    all.apps.extend(other.apps.iter().cloned());
    all.services.extend(other.services.iter().cloned());
    all.leaders.extend(other.leaders.iter().cloned());
    all.secrets.extend(other.secrets.iter().cloned());
    all.container.extend(other.container.iter().copied());
    all.node |= other.node;
    all
}

//! A mirror of a subtree that shows nothing but whole states of it.

use dockeeper_recipes::{
    Tree,
    tree::{Stopped, Version},
};
use dockeeper_zk_client::Client;
use tokio::{
    sync::watch,
    task::{self, AbortHandle},
};

/// A mirror of a subtree that shows nothing but whole states of it. It is followed with one session,
/// until this is dropped.
#[derive(Debug)]
pub struct Mirrored {
    root: String,
    tree: Tree,
    changes: watch::Receiver<Version>,
    /// Which state was shown last.
    seen: Option<u64>,
    refusal: watch::Receiver<Option<String>>,
    task: AbortHandle,
}

// === impl Mirrored ===

impl Mirrored {
    /// Begins to follow.
    pub fn start(client: &Client, root: &str) -> Self {
        let tree = Tree::new(root);
        let (refused, refusal) = watch::channel(None);
        let following = follow(tree.clone(), client.clone(), refused);
        Self {
            root: root.to_owned(),
            changes: tree.changes(),
            tree,
            seen: None,
            refusal,
            task: task::spawn(following).abort_handle(),
        }
    }

    /// Waits for the first state, or for one that differs from the last; or for why there is none.
    /// `None` when the session is over. Safe to cancel.
    pub async fn next(&mut self) -> Option<Result<&Tree, String>> {
        let seen = self.seen;
        let is_news = |version: &Version| version.is_current && Some(version.changes) != seen;
        let version = tokio::select! {
            Ok(version) = self.changes.wait_for(is_news) => version.changes,
            refused = self.refusal.changed() => {
                refused.ok()?;
                self.seen = None;
                let why = self.refusal.borrow_and_update().clone();
                return Some(Err(why.unwrap_or_default()));
            }
        };
        self.seen = Some(version);
        // Without its root, a subtree would look empty.
        if self.tree.hidden().contains(&self.root) {
            let root = &self.root;
            return Some(Err(format!(
                "the access control list of {root} does not let this host read it"
            )));
        }
        Some(Ok(&self.tree))
    }
}

impl Drop for Mirrored {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Ends with the session, which closes the channel.
async fn follow(tree: Tree, client: Client, refused: watch::Sender<Option<String>>) {
    let tell = |stopped| {
        let why = match stopped {
            Stopped::SessionOver => return,
            Stopped::Refused(error) => error.to_string(),
            Stopped::TooLarge => "there is more of it than can be followed".to_owned(),
        };
        refused.send_replace(Some(why));
    };
    tree.run_on(&client, tell).await;
}

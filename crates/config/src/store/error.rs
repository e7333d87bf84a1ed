use crate::{
    blob::Wrong,
    bundle::{self, Damaged},
    rollout,
};
use dockeeper_model::{
    Foreign,
    config::{AppName, Digest, Release},
    layout,
};
use dockeeper_zk_client as zk;
use std::fmt;

/// How many containers a sentence names.
const CONTAINERS_SHOWN_MAX: usize = 10;

/// Why something could not be done with releases.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A request to ZooKeeper failed.
    #[error(transparent)]
    ZooKeeper(#[from] zk::Error),
    /// The app has no release.
    #[error("{0} has no configuration: make one with `dockeeper config apply {0} DIR`")]
    NoApp(AppName),
    /// The app does not have this release, or no longer.
    #[error(
        "{app} has no release {release}: `dockeeper config history {app}` shows those that are kept"
    )]
    NoRelease {
        /// The app.
        app: AppName,
        /// The release.
        release: u64,
    },
    /// There is no release to go back to.
    #[error(
        "{app} has no release with another content before release {before}: name the one to go back to"
    )]
    NothingBefore {
        /// The app.
        app: AppName,
        /// What was gone back from.
        before: u64,
    },
    /// Somebody else was first.
    #[error("{app} is not at release {expected}, as was expected: {}", Head(.head.as_deref()))]
    Overtaken {
        /// The app.
        app: AppName,
        /// What was expected; 0 for no release at all.
        expected: u64,
        /// The head, if there is one.
        head: Option<Box<Release>>,
    },
    /// Others were first again and again, or it took too long each time.
    #[error("{app} was changed by others {rounds} times while it was to be changed: try again")]
    Contended {
        /// The app.
        app: AppName,
        /// How often it was tried.
        rounds: u32,
    },
    /// Storing the content took so long, again and again, that it may have been collected meanwhile.
    #[error(
        "the content of {app} could not be stored fast enough, {rounds} times: see whether ZooKeeper \
         and the way to it are well"
    )]
    TooSlow {
        /// The app.
        app: AppName,
        /// How often it was tried.
        rounds: u32,
    },
    /// The settings were changed since they were read.
    #[error("the settings of {0} were changed by somebody else: read them again")]
    SettingsChanged(AppName),
    /// The settings are out of range.
    #[error(
        "{0} can keep at most {max} releases by their number: give fewer, or an age",
        max = super::apps::KEPT_MAX
    )]
    Retention(AppName),
    /// Containers run it.
    #[error("{app} is in use by {}: stop them first, or force it", Several(.containers))]
    InUse {
        /// The app.
        app: AppName,
        /// The containers, as `node/name`.
        containers: Vec<String>,
    },
    /// A message or an author is too long.
    #[error("the message or the author has more than {max} bytes", max = super::WORDS_LEN_MAX)]
    Words,
    /// A rollout cannot do what it is told.
    #[error(transparent)]
    Refused(#[from] rollout::Refused),
    /// The content cannot be a release.
    #[error(transparent)]
    Bundle(#[from] bundle::Error),
    /// A blob is not what its address says.
    #[error(
        "{path} is damaged: {why}; delete the znode, and apply the content again",
        path = layout::blob(.address)
    )]
    WrongBlob {
        /// Its address.
        address: Digest,
        /// What is wrong.
        why: Wrong,
    },
    /// A blob is not there.
    #[error(
        "{path} is missing, which a release refers to: apply the release's content again",
        path = layout::blob(.0)
    )]
    MissingBlob(Digest),
    /// A release's parts are right, but do not make a bundle.
    #[error("the content {manifest} is damaged: {why}; apply it again")]
    Damaged {
        /// The manifest's address.
        manifest: Digest,
        /// What is wrong.
        why: Damaged,
    },
    /// A znode has another content than it should.
    #[error("{path} cannot be read: {why}")]
    Foreign {
        /// The znode.
        path: String,
        /// What is wrong.
        why: Foreign,
    },
    /// What the store was put [behind](super::Store::behind) is not so any more: nothing was changed.
    #[error("{path} has changed since it was read, on which this depended: nothing was done")]
    Fenced {
        /// The znode that changed.
        path: String,
    },
    /// Another collection of blobs began, which goes on alone.
    #[error("another collection of blobs was begun, which goes on alone: nothing needs to be done")]
    OtherCollector,
}

struct Head<'a>(Option<&'a Release>);

struct Several<'a>(&'a [String]);

// === impl Head ===

impl fmt::Display for Head<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(release) = self.0 else {
            return f.write_str("it has no release any more");
        };
        let (number, by) = (release.release, &release.by);
        write!(f, "release {number} was made by {by}")?;
        if !release.message.is_empty() {
            write!(f, " ({})", release.message)?;
        }
        f.write_str("; look at it, and decide again")
    }
}

// === impl Several ===

impl fmt::Display for Several<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.len().min(CONTAINERS_SHOWN_MAX);
        f.write_str(&self.0[..shown].join(", "))?;
        match self.0.len() - shown {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

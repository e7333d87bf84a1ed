use super::{RECIPIENTS_MAX, SECRET_LEN_MAX, SECRETS_MAX};
use dockeeper_model::config::SecretName;
use dockeeper_zk_client as zk;
use std::{io, path::PathBuf};

/// What can go wrong with secrets. None of it shows one.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A secret is too long.
    #[error(
        "a secret has at most {SECRET_LEN_MAX} bytes, and this one has {0}: encrypt it with a key of \
         its own, and make that the secret"
    )]
    TooLong(usize),
    /// Nobody could decrypt it.
    #[error(
        "no host has published whom to encrypt for: start an agent, which does, before secrets are \
         set"
    )]
    NoRecipients,
    /// There are too many hosts.
    #[error("a secret can be encrypted for at most {RECIPIENTS_MAX} hosts, and there are {0}")]
    TooManyRecipients(usize),
    /// There are too many secrets.
    #[error("there are already {SECRETS_MAX} secrets, the most that there may be: remove some")]
    TooMany,
    /// The encryption failed.
    #[error("the secret {name} cannot be encrypted: {why}")]
    Encrypt {
        /// The secret.
        name: SecretName,
        /// Why not.
        why: String,
    },
    /// This identity is not among those that it was encrypted for.
    #[error(
        "the secret {0} is not encrypted for this host: any other host with an agent encrypts it \
         anew, or set it again"
    )]
    NotForThis(SecretName),
    /// What is stored is not what was encrypted under this name.
    #[error("the secret {name} cannot be decrypted: {why}; set it again")]
    Damaged {
        /// The secret.
        name: SecretName,
        /// What is wrong with it.
        why: String,
    },
    /// The identity's file cannot be used.
    #[error("cannot {action} this host's identity in {}: {error}", path.display())]
    Identity {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        error: io::Error,
    },
    /// A znode has other content.
    #[error("{path} holds something else: {why}; delete it if nobody needs it")]
    Foreign {
        /// The znode.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// Others changed it each time before this one could.
    #[error("{path} was changed by others {rounds} times while it was to be changed: try again")]
    Contended {
        /// The znode.
        path: String,
        /// How often it was tried.
        rounds: usize,
    },
    /// A request to ZooKeeper failed.
    #[error(transparent)]
    ZooKeeper(#[from] zk::Error),
}

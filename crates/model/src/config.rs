//! Configuration: an app's releases, how one reaches the containers, and what they say of it.
//!
//! An app's content is a [`Manifest`]: files and keys, both named by checked names. A manifest and
//! the chunks of its files are blobs, addressed by the hash of their content. A [`Release`] is the
//! manifest with who, when and why; it never changes. The [`Rollout`] says which containers are to
//! run the newest one, and each host [`Applied`] says what they run.

mod app;
mod applied;
mod container;
mod digest;
mod file_path;
mod key;
mod manifest;
mod policy;
mod release;
mod rollout;
mod secret;

pub use self::{
    app::{App, AppName, InvalidAppName, Retention},
    applied::{Ack, Applied, Step},
    container::ContainerRef,
    digest::Digest,
    file_path::FilePath,
    key::Key,
    manifest::{File, Manifest},
    policy::{OnFailure, Policy, Stage},
    release::{Head, Kind, Release},
    rollout::{Admitted, Failure, Phase, Rollout},
    secret::{SecretName, SecretRecord},
};

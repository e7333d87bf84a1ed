//! Configuration: releases of files and values, rendered for containers and delivered to them.

pub mod blob;
pub mod bundle;
mod durable;
pub mod host;
pub mod keys;
pub mod labels;
pub mod mirrored;
pub mod render;
pub mod rollout;
pub mod secrets;
mod shell;
pub mod store;
pub mod template;

//! Curator, the library with which most Java programs use `ZooKeeper`, as Debian installs it.

use crate::{
    error::{Error, Result},
    zookeeper::config::JARS,
};
use std::path::Path;

/// Curator's own jars, and those that they need.
const CLASS_PATH: [&str; 14] = [
    "curator-x-discovery",
    "curator-recipes",
    "curator-framework",
    "curator-client",
    "zookeeper",
    "zookeeper-jute",
    "netty-all",
    "slf4j-api",
    "slf4j-nop",
    "guava",
    "jackson-core",
    "jackson-databind",
    "jackson-annotations",
    "metrics-core",
];

/// The class path of a program that uses Curator's recipes or its service discovery.
///
/// # Errors
///
/// [`Error::Prerequisite`] if a jar is missing.
pub fn class_path() -> Result<String> {
    let jars = CLASS_PATH.map(|jar| format!("{JARS}/{jar}.jar"));
    match jars.iter().find(|jar| !Path::new(jar).exists()) {
        Some(jar) => Err(Error::Prerequisite(format!(
            "{jar} is missing: install it, or run `cargo xtask test`, which does"
        ))),
        None => Ok(jars.join(":")),
    }
}

//! What the machine must have, and how it gets it: Debian's packages, root, namespaces, control
//! groups.

use std::{
    env,
    path::{Path, PathBuf},
};

pub use self::packages::{install, missing};
use crate::error::{Error, Result};

mod machine;
mod packages;

/// Which parts of a testbed are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// Docker hosts.
    pub docker: bool,
    /// `ZooKeeper` servers of Apache's.
    pub zookeeper: bool,
}

impl Needs {
    /// Both.
    pub const ALL: Self = Self {
        docker: true,
        zookeeper: true,
    };
}

/// Checks that this process may make and remove testbeds at all.
///
/// # Errors
///
/// [`Error::Prerequisite`] if it does not run as root.
pub fn check_root() -> Result<()> {
    machine::check_root()
}

/// Checks that the machine can run a testbed, and changes nothing.
///
/// # Errors
///
/// [`Error::Prerequisite`] with a sentence on what is missing and what to do.
pub fn check(needs: Needs) -> Result<()> {
    machine::check_root()?;
    let missing = missing(needs);
    if !missing.is_empty() {
        let packages = missing.join(" ");
        let text = format!(
            "Debian packages are missing: {packages}. Install them with `cargo xtask testbed up` \
             or `apt-get install --no-install-recommends {packages}`"
        );
        return Err(Error::Prerequisite(text));
    }
    machine::check_kernel(needs)
}

/// Installs what is missing, saying so on the standard error, and checks the machine.
///
/// It blocks, for minutes if much is missing.
///
/// # Errors
///
/// [`Error::Prerequisite`] with a sentence on what is missing and what to do.
pub fn provide(needs: Needs) -> Result<()> {
    machine::check_root()?;
    let missing = missing(needs);
    if !missing.is_empty() {
        install(&missing)?;
    }
    check(needs)
}

/// Where a program is, in the places that root usually looks for one.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].map(PathBuf::from);
    let places = env::split_paths(&path).chain(usual);
    places
        .map(|place| place.join(name))
        .find(|file| Path::is_file(file))
}

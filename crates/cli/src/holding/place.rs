use crate::{args::Global, exit::Failure, tree, zookeeper};
use dockeeper_model::LockName;
use dockeeper_zk_client::{ConnectString, path};

/// Which one.
#[derive(Clone, Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Place {
    /// Its name
    name: Option<LockName>,

    /// Its znode anywhere in ZooKeeper, as `dockeeper zk` sees it, to join other programs there
    #[arg(long, value_name = "PATH", value_parser = znode)]
    path: Option<String>,
}

fn znode(text: &str) -> Result<String, String> {
    match path::validate(text) {
        Ok(()) if text == "/" => Err("the root is not for that".to_owned()),
        Ok(()) => Ok(text.to_owned()),
        Err(why) => Err(why.to_string()),
    }
}

// === impl Place ===

impl Place {
    /// Below which chroot its path lies.
    pub(crate) fn servers(&self, global: &Global) -> Result<ConnectString, Failure> {
        let Some(path) = &self.path else {
            return zookeeper::servers(global);
        };
        let servers = zookeeper::tree_servers(global)?;
        if tree::is_reserved(servers.chroot(), path) {
            let why = format!("--path {path}: /zookeeper is ZooKeeper's own; choose another path");
            return Err(Failure::usage(why));
        }
        Ok(servers)
    }

    /// Its znode; where those with names lie is for the caller to say.
    pub(crate) fn znode(&self, named: impl Fn(&LockName) -> String) -> String {
        match (&self.name, &self.path) {
            (Some(name), _) => named(name),
            (None, Some(path)) => path.clone(),
            (None, None) => unreachable!("clap asks for one of them"),
        }
    }

    pub(crate) fn has_name(&self) -> bool {
        self.name.is_some()
    }

    /// For people.
    pub(crate) fn label(&self) -> &str {
        let name = self.name.as_ref().map(LockName::as_str);
        name.or(self.path.as_deref()).unwrap_or_default()
    }
}

//! Where everything lies, below the chroot.

use crate::{
    InstanceId, LockName, NodeName, ServiceName,
    config::{AppName, Digest, SecretName},
};

/// The chroot where none is given.
pub const CHROOT_DEFAULT: &str = "/dockeeper";

/// One ephemeral znode for each agent.
pub const NODES: &str = "/nodes";

/// One znode for each host, with an ephemeral one for each of its containers.
pub const CONTAINERS: &str = "/containers";

/// One znode for each service, with an ephemeral one for each of its instances.
pub const SERVICES: &str = "/services";

/// What somebody took out of service.
pub const MAINTENANCE: &str = "/maintenance";

/// One znode for each mutex and read-write lock, with a child for each contender.
pub const LOCKS: &str = "/locks";

/// One znode for each semaphore.
pub const SEMAPHORES: &str = "/semaphores";

/// One znode for each election, with a child for each candidate.
pub const ELECTIONS: &str = "/elections";

/// One znode for each barrier.
pub const BARRIERS: &str = "/barriers";

/// One znode for each app that has a configuration.
pub const CONFIG: &str = "/config";

/// What releases consist of, by its address.
pub const BLOBS: &str = "/blobs";

/// Whom secrets are encrypted for: one znode for each host.
pub const RECIPIENTS: &str = "/secrets/recipients";

/// One znode for each secret.
pub const SECRETS: &str = "/secrets/values";

/// Where the agents elect the one of them that controls. Beside the users' elections, not among them.
pub const CONTROLLER_ELECTION: &str = "/controller/election";

/// Whose version is the fence of the controller's writes: each controller raises it, once.
pub const CONTROLLER_EPOCH: &str = "/controller/epoch";

/// A host's agent.
pub fn node(node: &NodeName) -> String {
    format!("{NODES}/{node}")
}

/// A host's containers.
pub fn containers(node: &NodeName) -> String {
    format!("{CONTAINERS}/{node}")
}

/// A container, by its full id.
pub fn container(node: &NodeName, id: &str) -> String {
    format!("{CONTAINERS}/{node}/{id}")
}

/// A service.
pub fn service(service: &ServiceName) -> String {
    format!("{SERVICES}/{service}")
}

/// An instance of a service.
pub fn instance(service: &ServiceName, instance: &InstanceId) -> String {
    format!("{SERVICES}/{service}/{instance}")
}

/// A mutex or a read-write lock.
pub fn lock(name: &LockName) -> String {
    format!("{LOCKS}/{name}")
}

/// A semaphore.
pub fn semaphore(name: &LockName) -> String {
    format!("{SEMAPHORES}/{name}")
}

/// An election.
pub fn election(name: &LockName) -> String {
    format!("{ELECTIONS}/{name}")
}

/// A barrier.
pub fn barrier(name: &LockName) -> String {
    format!("{BARRIERS}/{name}")
}

/// An app, and what is kept of it beside its releases.
pub fn app(app: &AppName) -> String {
    format!("{CONFIG}/{app}")
}

/// An app's newest release.
pub fn head(app: &AppName) -> String {
    format!("{CONFIG}/{app}/head")
}

/// An app's releases.
pub fn releases(app: &AppName) -> String {
    format!("{CONFIG}/{app}/releases")
}

/// A release. With zeros in front: names are then in the order of the numbers.
pub fn release(app: &AppName, release: u64) -> String {
    format!("{CONFIG}/{app}/releases/{release:010}")
}

/// How far an app's newest release has come.
pub fn rollout(app: &AppName) -> String {
    format!("{CONFIG}/{app}/rollout")
}

/// What the hosts say of an app's releases.
pub fn applied(app: &AppName) -> String {
    format!("{CONFIG}/{app}/applied")
}

/// What a host says of an app's releases.
pub fn applied_by(app: &AppName, node: &NodeName) -> String {
    format!("{CONFIG}/{app}/applied/{node}")
}

/// A blob. In 256 folders, so that the list of none is too long for a reply.
pub fn blob(digest: &Digest) -> String {
    let text = digest.to_string();
    let (folder, name) = text.split_at(2);
    format!("{BLOBS}/{folder}/{name}")
}

/// What a secret is encrypted with, for a host.
pub fn recipient(node: &NodeName) -> String {
    format!("{RECIPIENTS}/{node}")
}

/// A secret.
pub fn secret(name: &SecretName) -> String {
    format!("{SECRETS}/{name}")
}

/// The last two names of a path below a root: `/services/web/1` is `("web", "1")`.
pub fn two_names<'a>(path: &'a str, root: &str) -> Option<(&'a str, &'a str)> {
    let (first, second) = path
        .strip_prefix(root)?
        .strip_prefix('/')?
        .split_once('/')?;
    (!second.contains('/')).then_some((first, second))
}

/// The last name of a path right below a root: `/nodes/h1` is `h1`.
pub fn one_name<'a>(path: &'a str, root: &str) -> Option<&'a str> {
    let name = path.strip_prefix(root)?.strip_prefix('/')?;
    (!name.contains('/')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart_as_they_are_made() {
        let path = instance(&"web".parse().unwrap(), &"h1:web:80".parse().unwrap());
        assert_eq!(path, "/services/web/h1:web:80");
        assert_eq!(two_names(&path, SERVICES), Some(("web", "h1:web:80")));
        assert_eq!(two_names("/services/web", SERVICES), None);
        assert_eq!(two_names("/services/a/b/c", SERVICES), None);
        assert_eq!(one_name(&node(&"h1".parse().unwrap()), NODES), Some("h1"));
        assert_eq!(one_name("/nodesh1", NODES), None);
    }
}

//! Who else may change what is registered.

use crate::doctor::finding::Finding;
use dockeeper_model::layout;
use dockeeper_zk_client::{Acl, Client, perms};

/// Everything else lies in these, and an access control list is not inherited.
const PLACES: [&str; 5] = [
    "/",
    layout::NODES,
    layout::CONTAINERS,
    layout::SERVICES,
    layout::MAINTENANCE,
];

/// What an entry may allow besides reading, in a person's words.
const CHANGES: [(i32, &str); 4] = [
    (perms::CREATE, "create"),
    (perms::WRITE, "write"),
    (perms::DELETE, "delete"),
    (perms::ADMIN, "set the access control list"),
];

const ADVICE: &str = "\
who can reach ZooKeeper can put anything into the cluster, and take anything out of it; let nobody \
else reach its ports, or give every agent and every command a user and a password with \
DOCKEEPER_ZK_AUTH, and set the access control lists of these znodes (setAcl in zkCli.sh)";

/// Tells whether anybody at all may change what is there; nothing, when nothing can be asked.
pub(super) async fn examine(client: &Client, chroot: &str) -> Option<Finding> {
    let mut known = 0;
    let mut open = Vec::new();
    for place in PLACES {
        let Ok((acl, _)) = client.get_acl(place).await else {
            continue;
        };
        known += 1;
        let path = match (chroot, place) {
            (chroot, "/") => chroot.to_owned(),
            (chroot, place) => format!("{}{place}", chroot.trim_end_matches('/')),
        };
        match anybody_may(&acl).as_slice() {
            [] => {}
            all if all.len() == CHANGES.len() => open.push(path),
            some => open.push(format!("{path} ({})", some.join(", "))),
        }
    }
    match (known, open.as_slice()) {
        (0, _) => None,
        (_, []) => Some(Finding::ok(
            "acl",
            "not everybody may change what is registered",
        )),
        (_, open) => Some(Finding::warn(
            "acl",
            format!("everybody may change {}", open.join(", ")),
            ADVICE,
        )),
    }
}

/// What a list allows to everybody, besides reading.
fn anybody_may(acl: &[Acl]) -> Vec<&'static str> {
    let everybody = acl.iter().filter(|entry| entry.id.scheme == "world");
    let allowed = everybody.fold(0, |allowed, entry| allowed | entry.perms);
    let changes = CHANGES.into_iter();
    changes
        .filter(|(change, _)| allowed & change != 0)
        .map(|(_, word)| word)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_is_no_change() {
        assert!(anybody_may(&Acl::read_only()).is_empty());
        assert!(anybody_may(&[Acl::new(perms::ALL, "digest", "me:x")]).is_empty());
        assert_eq!(anybody_may(&Acl::open()).len(), CHANGES.len());
        let mixed = [
            Acl::new(perms::ALL, "digest", "me:x"),
            Acl::new(perms::READ | perms::CREATE, "world", "anyone"),
        ];
        assert_eq!(anybody_may(&mixed), ["create"]);
    }
}

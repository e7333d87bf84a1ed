//! Access control: who a connection is, what a list allows to it, and which lists are well formed.
//!
//! The rules are those of Apache ZooKeeper 3.8.0: an entry allows what it names, nothing forbids,
//! and an empty list (which only a stored one can be) allows everything to everybody.

mod authenticate;
mod fix_up;
mod name;
mod network;
#[cfg(test)]
mod tests;

pub use self::{
    authenticate::{AuthFailed, ip_id},
    fix_up::InvalidAcl,
};

use authenticate::is_super;
use dockeeper_zk_proto::acl::{Acl, Id, perms};
use network::Network;

/// How the server tells clients apart, beside their addresses and passwords.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schemes {
    /// Whether `x509` is a scheme: it is where connections use TLS.
    pub x509: bool,
    /// Who may do everything: the digest of a `user:password`, as [`digest`] gives it.
    pub super_digest: Option<String>,
}

/// Whether `acl` allows one of `perms` (bits of [`perms`]) to somebody with the identities `ids`.
pub fn check(acl: &[Acl], perms: i32, ids: &[Id]) -> bool {
    acl.is_empty()
        || is_super(ids)
        || acl
            .iter()
            .any(|entry| entry.perms & perms != 0 && includes(&entry.id, ids))
}

/// The list as somebody with the identities `ids` gets to see it: without
/// [`ADMIN`](perms::ADMIN) they see the users of the `digest` scheme, but not the digests.
///
/// Whether they may see the list at all is [`check`]'s matter, with `READ | ADMIN`.
pub fn visible(acl: &[Acl], ids: &[Id]) -> Vec<Acl> {
    let mut visible = acl.to_vec();
    if !check(acl, perms::ADMIN, ids) {
        visible.iter_mut().for_each(mask);
    }
    visible
}

/// What the `digest` scheme makes of a `user:password`: `user:` and the base64 of the SHA-1 of the
/// whole.
pub fn digest(credentials: &str) -> String {
    authenticate::digest(credentials)
}

/// Whether an entry for `named` means somebody with the identities `ids`.
fn includes(named: &Id, ids: &[Id]) -> bool {
    match named.scheme.as_str() {
        "world" => named.id == "anyone",
        "ip" => includes_address(&named.id, ids),
        "digest" | "x509" => ids.contains(named),
        _ => false,
    }
}

fn includes_address(network: &str, ids: &[Id]) -> bool {
    let Some(network) = Network::parse(network) else {
        return false;
    };
    ids.iter()
        .filter(|id| id.scheme == "ip")
        .filter_map(|id| id.id.parse().ok())
        .any(|address| network.contains(address))
}

fn mask(entry: &mut Acl) {
    if entry.id.scheme == "digest"
        && let Some(colon) = entry.id.id.find(':')
    {
        entry.id.id.truncate(colon);
        entry.id.id.push_str(":x");
    }
}

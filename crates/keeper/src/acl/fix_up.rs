//! What becomes of the list in a request before it is stored.

use super::{Schemes, name, network::Network};
use dockeeper_zk_proto::acl::{Acl, Id};

/// A list cannot be stored: the client gets
/// [`InvalidAcl`](dockeeper_zk_proto::ErrorCode::InvalidAcl).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAcl {
    /// It has no entries.
    #[error("the access control list is empty; give at least one entry")]
    Empty,
    /// An entry stands for the caller's identities, and it has none that count.
    #[error("an entry is for the scheme auth, but the session has not authenticated; do so first")]
    NotAuthenticated,
    /// The server has no such scheme.
    #[error("an entry has the scheme {0:?}; use world, auth, digest, ip or, with TLS, x509")]
    Scheme(String),
    /// An id is not in its scheme's notation.
    #[error("an entry of the scheme {} has the id {:?}, which is not in its notation", .0.scheme, .0.id)]
    Id(Id),
}

// === impl Schemes ===

impl Schemes {
    /// The list to store for the list in a request of somebody with the identities `ids`: each
    /// entry once, those for `auth` turned into one for each identity that was proved.
    pub fn fix_up(&self, acl: &[Acl], ids: &[Id]) -> Result<Vec<Acl>, InvalidAcl> {
        if acl.is_empty() {
            return Err(InvalidAcl::Empty);
        }
        let mut fixed = Vec::with_capacity(acl.len());
        for (index, entry) in acl.iter().enumerate() {
            if acl[..index].contains(entry) {
                continue;
            }
            match entry.id.scheme.as_str() {
                "auth" => self.expand(entry.perms, ids, &mut fixed)?,
                _ => {
                    self.validate(&entry.id)?;
                    fixed.push(entry.clone());
                }
            }
        }
        Ok(fixed)
    }

    fn expand(&self, perms: i32, ids: &[Id], fixed: &mut Vec<Acl>) -> Result<(), InvalidAcl> {
        let before = fixed.len();
        let proved = ids.iter().filter(|id| self.is_proved(id));
        fixed.extend(proved.map(|id| Acl {
            perms,
            id: id.clone(),
        }));
        if fixed.len() == before {
            return Err(InvalidAcl::NotAuthenticated);
        }
        Ok(())
    }

    /// An address is not proved: others can have it too.
    fn is_proved(&self, id: &Id) -> bool {
        id.scheme == "digest" || (self.x509 && id.scheme == "x509")
    }

    fn validate(&self, id: &Id) -> Result<(), InvalidAcl> {
        let is_valid = match id.scheme.as_str() {
            "world" => id.id == "anyone",
            "digest" => is_digest(&id.id),
            "ip" => Network::parse(&id.id).is_some(),
            "x509" if self.x509 => name::is_valid(&id.id),
            _ => return Err(InvalidAcl::Scheme(id.scheme.clone())),
        };
        if is_valid {
            Ok(())
        } else {
            Err(InvalidAcl::Id(id.clone()))
        }
    }
}

/// Two parts at a colon, whatever they are; colons at the end do not count.
fn is_digest(id: &str) -> bool {
    let id = id.trim_end_matches(':');
    id.matches(':').count() == 1
}

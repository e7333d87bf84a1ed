//! User namespaces: what the host calls the users of containers.

use super::{Error, Result};

/// By how much the host's numbers are above a container's, where Docker runs with `userns-remap`.
/// The default is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remap {
    /// For users.
    pub uid: u32,
    /// For groups.
    pub gid: u32,
}

/// Who a file belongs to, as the host counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

// === impl Remap ===

impl Remap {
    /// A container's user, as the host counts.
    pub(super) fn owner(self, uid: u32, gid: u32) -> Result<Owner> {
        // The highest number means "no change" to the kernel.
        let add = |offset: u32, id: u32| offset.checked_add(id).filter(|id| *id != u32::MAX);
        match (add(self.uid, uid), add(self.gid, gid)) {
            (Some(uid), Some(gid)) => Ok(Owner { uid, gid }),
            _ => Err(Error::Owner { uid, gid }),
        }
    }

    /// A container's root.
    pub(super) fn root(self) -> Owner {
        Owner {
            uid: self.uid,
            gid: self.gid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_that_the_host_cannot_have_is_refused() {
        let remap = Remap {
            uid: 100_000,
            gid: 200_000,
        };
        let (uid, gid) = (100_101, 200_102);
        assert_eq!(remap.owner(101, 102).unwrap(), Owner { uid, gid });
        remap.owner(u32::MAX, 0).unwrap_err();
        Remap::default().owner(0, u32::MAX).unwrap_err();
    }
}

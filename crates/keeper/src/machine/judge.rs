//! Whether a write may be done: a request becomes a transaction that fits, or an error.
//!
//! The order of the checks is Apache's: it decides which error a request gets that has several.

mod kind;

pub(super) use self::kind::{Named, is_ttl, kind_alone, kind_in_multi};

use super::{
    Machine,
    apply::Change,
    reader::Garbled,
    requests::{Create, SetAcl, SetData, Versioned},
};
use crate::{
    Txn, acl,
    quota::Usage,
    tree::{NodeId, is_undeletable},
};
use dockeeper_zk_proto::{
    ErrorCode,
    acl::{Acl, Id, perms},
    path,
};

/// The version that fits each znode.
const ANY_VERSION: i32 = -1;

// === impl Machine ===

impl Machine {
    pub(super) fn judge_create(
        &self,
        ids: &[Id],
        request: Create<'_>,
        named: Named,
    ) -> Result<Change, ErrorCode> {
        let path = request.path.ok_or(Garbled)?;
        let parent = parent_path(&path)?;
        let acl = self.fix_up(&request.acl, ids)?;
        let parent = self.find(parent)?;
        self.check(parent, perms::CREATE, ids)?;
        let creations = self.tree.node(parent).creations;
        let path = if named.is_sequential {
            format!("{path}{creations:010}")
        } else {
            path.into_owned()
        };
        validate(&path)?;
        let name = path::name(&path);
        if name.is_empty() || self.tree.child(parent, name).is_some() {
            return Err(ErrorCode::NodeExists);
        }
        if self.tree.node(parent).is_ephemeral() {
            return Err(ErrorCode::NoChildrenForEphemerals);
        }
        let data_len = request.data.as_ref().map_or(0, bytes::Bytes::len);
        self.check_quota(&path, Usage::of_node(data_len))?;
        let txn = Txn::Create {
            path,
            data: request.data,
            acl,
            kind: named.kind,
        };
        Ok(Change { txn, at: parent })
    }

    pub(super) fn judge_delete(
        &self,
        ids: &[Id],
        request: Versioned<'_>,
    ) -> Result<Change, ErrorCode> {
        let parent = parent_path(&request.path)?;
        if is_undeletable(&request.path) {
            return Err(ErrorCode::BadArguments);
        }
        let parent = self.find(parent)?;
        self.check(parent, perms::DELETE, ids)?;
        let at = self.find(&request.path)?;
        let node = self.tree.node(at);
        check_version(node.version, request.version)?;
        if node.children > 0 {
            return Err(ErrorCode::NotEmpty);
        }
        let path = request.path.into_owned();
        let txn = Txn::Delete { path };
        Ok(Change { txn, at })
    }

    pub(super) fn judge_set_data(
        &self,
        ids: &[Id],
        request: SetData<'_>,
    ) -> Result<Change, ErrorCode> {
        validate(&request.path)?;
        let at = self.find(&request.path)?;
        self.check(at, perms::WRITE, ids)?;
        let node = self.tree.node(at);
        let data_len = request.data.as_ref().map_or(0, bytes::Bytes::len);
        let change = Usage::of_set(node.data_len(), data_len);
        self.check_quota(&request.path, change)?;
        check_version(node.version, request.version)?;
        let txn = Txn::SetData {
            path: request.path.into_owned(),
            data: request.data,
        };
        Ok(Change { txn, at })
    }

    pub(super) fn judge_set_acl(
        &self,
        ids: &[Id],
        request: SetAcl<'_>,
    ) -> Result<Change, ErrorCode> {
        validate(&request.path)?;
        let acl = self.fix_up(&request.acl, ids)?;
        let at = self.find(&request.path)?;
        self.check(at, perms::ADMIN, ids)?;
        check_version(self.tree.node(at).aversion, request.version)?;
        let path = request.path.into_owned();
        let txn = Txn::SetAcl { path, acl };
        Ok(Change { txn, at })
    }

    /// A check changes nothing: it gives the znode.
    pub(super) fn judge_check(
        &self,
        ids: &[Id],
        request: &Versioned<'_>,
    ) -> Result<NodeId, ErrorCode> {
        validate(&request.path)?;
        let at = self.find(&request.path)?;
        self.check(at, perms::READ, ids)?;
        check_version(self.tree.node(at).version, request.version)?;
        Ok(at)
    }

    /// Whether a znode's access control list allows one of `perms`.
    pub(super) fn check(&self, id: NodeId, perms: i32, ids: &[Id]) -> Result<(), ErrorCode> {
        if acl::check(self.tree.acl(id), perms, ids) {
            Ok(())
        } else {
            Err(ErrorCode::NoAuth)
        }
    }

    fn fix_up(&self, acl: &[Acl], ids: &[Id]) -> Result<Vec<Acl>, ErrorCode> {
        let fixed = self.rules.schemes.fix_up(acl, ids);
        fixed.map_err(|_| ErrorCode::InvalidAcl)
    }

    fn find(&self, path: &str) -> Result<NodeId, ErrorCode> {
        self.tree.find(path).map_err(|_| ErrorCode::NoNode)
    }

    fn check_quota(&self, path: &str, change: Usage) -> Result<(), ErrorCode> {
        if !self.rules.enforces_quotas {
            return Ok(());
        }
        match self.tree.check_quota(path, change) {
            Err(exceeded) if exceeded.is_hard => Err(ErrorCode::QuotaExceeded),
            _ => Ok(()),
        }
    }
}

/// The path before the last slash: empty for a child of `/`. The path itself may still be wrong.
fn parent_path(path: &str) -> Result<&str, ErrorCode> {
    match path.rsplit_once('/') {
        Some((parent, _)) if !path.contains('\0') => Ok(parent),
        _ => Err(ErrorCode::BadArguments),
    }
}

fn validate(path: &str) -> Result<(), ErrorCode> {
    path::validate(path).map_err(|_| ErrorCode::BadArguments)
}

fn check_version(actual: i32, expected: i32) -> Result<(), ErrorCode> {
    if expected == ANY_VERSION || expected == actual {
        Ok(())
    } else {
        Err(ErrorCode::BadVersion)
    }
}

//! Reads.

use super::{
    Effects, Machine,
    answer::{Refusal, Shows},
    connection::Caller,
    reader::Reader,
};
use crate::{
    acl,
    tree::{NodeId, Tree},
    watches::Kind,
};
use bytes::{BufMut, BytesMut};
use dockeeper_zk_proto::{ErrorCode, Record, acl::perms};

// === impl Machine ===

impl Machine {
    /// Whoever asks gets to know, whatever the access control list says: as with Apache.
    pub(super) fn exists(
        &mut self,
        caller: &Caller,
        mut body: Reader<'_>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let (path, watch) = (body.text()?, body.bool()?);
        if path.contains('\0') {
            return Err(ErrorCode::BadArguments.into());
        }
        if watch {
            self.watch(caller.conn, &path, Kind::Data)?;
        }
        let id = self.tree.find(&path).map_err(Refusal::no_node)?;
        self.reply_stat(caller, id, &path, effects);
        Ok(())
    }

    pub(super) fn get_data(
        &mut self,
        caller: &Caller,
        mut body: Reader<'_>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let (path, watch) = (body.text()?, body.bool()?);
        let id = self.readable(&path, perms::READ, caller)?;
        if watch {
            self.watch(caller.conn, &path, Kind::Data)?;
        }
        let after = self.after(Shows::Node(id), &path);
        self.reply(caller, after, effects, |tree, out| {
            put_data(tree, id, out);
            tree.stat(id).encode(out);
        });
        Ok(())
    }

    pub(super) fn get_children(
        &mut self,
        caller: &Caller,
        mut body: Reader<'_>,
        with_stat: bool,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let (path, watch) = (body.text()?, body.bool()?);
        let id = self.readable(&path, perms::READ, caller)?;
        if watch {
            self.watch(caller.conn, &path, Kind::Children)?;
        }
        let after = self.after(Shows::Node(id), &path);
        self.reply(caller, after, effects, |tree, out| {
            put_children(tree, id, out);
            if with_stat {
                tree.stat(id).encode(out);
            }
        });
        Ok(())
    }

    pub(super) fn get_acl(
        &mut self,
        caller: &Caller,
        mut body: Reader<'_>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let path = body.text()?;
        let id = self.readable(&path, perms::READ | perms::ADMIN, caller)?;
        let visible = acl::visible(self.tree.acl(id), &caller.ids);
        let after = self.after(Shows::Node(id), &path);
        self.reply(caller, after, effects, |tree, out| {
            visible.encode(out);
            tree.stat(id).encode(out);
        });
        Ok(())
    }

    pub(super) fn get_all_children_number(
        &mut self,
        caller: &Caller,
        mut body: Reader<'_>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let path = body.text()?;
        let id = self.readable(&path, perms::READ, caller)?;
        let count = match id {
            NodeId::ROOT => self.tree.len() - 1,
            _ => self.tree.count_below(id),
        };
        // Below the empty path there is `/` too.
        let count = count + usize::from(path.is_empty());
        let after = self.after(Shows::All, &path);
        self.reply(caller, after, effects, |_, out| {
            i32::try_from(count).unwrap_or(i32::MAX).encode(out);
        });
        Ok(())
    }

    pub(super) fn get_ephemerals(
        &mut self,
        caller: &Caller,
        mut body: Reader<'_>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let prefix = body.text_or_null()?.unwrap_or_default();
        let trimmed = prefix.trim_matches(|c| c <= ' ');
        let is_any = trimmed.is_empty() || trimmed == "/";
        let ephemerals = self.tree.ephemerals(caller.session);
        let paths: Vec<String> = ephemerals
            .map(|id| self.tree.path(id))
            .filter(|path| is_any || path.starts_with(&*prefix))
            .collect();
        let after = self.after(Shows::All, "");
        self.reply(caller, after, effects, |_, out| paths.encode(out));
        Ok(())
    }

    /// There is nobody to catch up with, but all writes before it are on disk when it is answered.
    pub(super) fn sync(
        &mut self,
        caller: &Caller,
        mut body: Reader<'_>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let path = body.text_or_null()?;
        let after = self.after(Shows::All, "");
        self.reply(caller, after, effects, |_, out| {
            put_buffer(path.as_deref().map(str::as_bytes), out);
        });
        Ok(())
    }

    /// Answers with a znode's metadata.
    pub(super) fn reply_stat(
        &mut self,
        caller: &Caller,
        id: NodeId,
        path: &str,
        effects: &mut Effects,
    ) {
        let after = self.after(Shows::Node(id), path);
        self.reply(caller, after, effects, |tree, out| {
            tree.stat(id).encode(out);
        });
    }

    /// A znode that the caller may read: one of `perms` is enough.
    fn readable(&self, path: &str, perms: i32, caller: &Caller) -> Result<NodeId, Refusal> {
        let id = self.tree.find(path).map_err(Refusal::no_node)?;
        let shows = Shows::Node(id);
        let checked = self.check(id, perms, &caller.ids);
        checked.map_err(|code| Refusal { code, shows })?;
        Ok(id)
    }
}

pub(super) fn put_data(tree: &Tree, id: NodeId, out: &mut BytesMut) {
    put_buffer(tree.node(id).data(), out);
}

pub(super) fn put_children(tree: &Tree, id: NodeId, out: &mut BytesMut) {
    out.put_u32(tree.node(id).children);
    for child in tree.children(id) {
        put_buffer(Some(tree.node(child).name()), out);
    }
}

fn put_buffer(bytes: Option<&[u8]>, out: &mut BytesMut) {
    match bytes {
        Some(bytes) => {
            // It was in a frame, whose length is an `i32`.
            out.put_i32(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
            out.put_slice(bytes);
        }
        None => out.put_i32(-1),
    }
}

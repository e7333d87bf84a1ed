use super::format::{BLOCK_HEAD_LEN, BLOCK_LEN_MAX, BlockHead, FOOT_LEN, HEAD_LEN, Sum, read_head};
use crate::storage::{
    Disk, DiskError,
    log::{Damage, Window},
    names,
    recovery::{Refusal, Replay},
};
use std::path::PathBuf;

/// Why a snapshot cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// It cannot be read.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// It is not what was written.
    #[error("{} is damaged at byte {offset}: {damage}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in it.
        offset: u64,
        /// In what way.
        damage: Damage,
    },
    /// It is what was written, but not a state.
    #[error("{} cannot be loaded, at byte {offset}: {source}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Where in it.
        offset: u64,
        /// What whoever takes the blocks says.
        source: Refusal,
    },
}

/// Reads a snapshot block by block; gives its length. `replay` has an arbitrary part of it when
/// this fails.
///
/// # Errors
/// It cannot be used.
pub(in crate::storage) fn read(
    disk: &dyn Disk,
    zxid: i64,
    replay: &mut dyn Replay,
) -> Result<u64, Unusable> {
    let name = names::snapshot(zxid);
    let path = disk.path(&name);
    let file = disk.open(&name).map_err(DiskError::of("open", &path))?;
    let window = Window::new(file).map_err(DiskError::of("read", &path))?;
    let mut reader = Reader {
        window,
        path,
        offset: 0,
    };
    let sum = reader.head(zxid)?;
    reader.blocks(sum, replay)?;
    let ended = replay.snapshot_end(zxid);
    ended.map_err(|source| reader.refused(source))?;
    Ok(reader.offset)
}

struct Reader {
    window: Window,
    path: PathBuf,
    /// What is being read.
    offset: u64,
}

// === impl Reader ===

impl Reader {
    fn head(&mut self, zxid: i64) -> Result<Sum, Unusable> {
        let bytes = self.get(0, HEAD_LEN)?;
        let (own_zxid, sum) = read_head(&bytes).map_err(|damage| self.damaged(damage))?;
        if own_zxid != zxid {
            return Err(self.damaged(Damage::Unsound));
        }
        self.offset += HEAD_LEN as u64;
        Ok(sum)
    }

    fn blocks(&mut self, mut sum: Sum, replay: &mut dyn Replay) -> Result<(), Unusable> {
        loop {
            let head = BlockHead::read(&self.get(0, BLOCK_HEAD_LEN)?);
            let head = head.ok_or_else(|| self.damaged(Damage::Short))?;
            if head.len == 0 {
                return self.foot(&sum);
            }
            if head.len > BLOCK_LEN_MAX {
                return Err(self.damaged(Damage::Unsound));
            }
            let block = self.get(BLOCK_HEAD_LEN, head.len)?;
            if !sum.check(&head, &block) {
                return Err(self.damaged(Damage::Checksum));
            }
            let taken = replay.block(block);
            taken.map_err(|source| self.refused(source))?;
            self.offset += (BLOCK_HEAD_LEN + head.len) as u64;
        }
    }

    fn foot(&mut self, sum: &Sum) -> Result<(), Unusable> {
        if *self.get(0, FOOT_LEN)? != sum.foot() {
            return Err(self.damaged(Damage::Checksum));
        }
        self.offset += FOOT_LEN as u64;
        if self.offset < self.window.len() {
            return Err(self.damaged(Damage::Long));
        }
        Ok(())
    }

    fn get(&mut self, behind: usize, len: usize) -> Result<bytes::Bytes, Unusable> {
        let read = self.window.get(self.offset + behind as u64, len);
        let read = read.map_err(DiskError::of("read", &self.path))?;
        read.ok_or_else(|| self.damaged(Damage::Short))
    }

    fn damaged(&self, damage: Damage) -> Unusable {
        Unusable::Damaged {
            path: self.path.clone(),
            offset: self.offset,
            damage,
        }
    }

    fn refused(&self, source: Refusal) -> Unusable {
        Unusable::Refused {
            path: self.path.clone(),
            offset: self.offset,
            source,
        }
    }
}

use dockeeper_keeper::storage::{Disk, File};
use parking_lot::Mutex;
use std::{
    collections::BTreeMap,
    io::{self, ErrorKind},
    ops::Range,
    path::PathBuf,
    sync::Arc,
};

type Content = Arc<Mutex<Vec<u8>>>;

/// A directory in memory; a clone is the same one.
#[derive(Clone, Default)]
pub(super) struct Memory(Arc<Mutex<BTreeMap<String, Content>>>);

// === impl Memory ===

impl Memory {
    pub(super) fn with(name: &str, content: Vec<u8>) -> Self {
        let this = Self::default();
        this.put(name, content);
        this
    }

    pub(super) fn put(&self, name: &str, content: Vec<u8>) {
        self.0
            .lock()
            .insert(name.to_owned(), Arc::new(Mutex::new(content)));
    }

    pub(super) fn content(&self, name: &str) -> Vec<u8> {
        let content = self.0.lock().get(name).cloned().unwrap_or_default();
        content.lock().clone()
    }

    fn take(&self, name: &str) -> io::Result<Content> {
        self.0
            .lock()
            .remove(name)
            .ok_or_else(|| ErrorKind::NotFound.into())
    }
}

impl Disk for Memory {
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.0.lock().keys().cloned().collect())
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn File>> {
        self.put(name, Vec::new());
        self.open(name)
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn File>> {
        match self.0.lock().get(name) {
            Some(content) => Ok(Box::new(Open(Arc::clone(content)))),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let content = self.take(from)?;
        self.0.lock().insert(to.to_owned(), content);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.take(name).map(drop)
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn free(&self) -> io::Result<u64> {
        Ok(u64::MAX)
    }

    fn random(&self, bytes: &mut [u8]) -> io::Result<()> {
        // A target has to do the same each time.
        bytes.fill(7);
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        PathBuf::from(name)
    }
}

struct Open(Content);

impl File for Open {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().len() as u64)
    }

    fn mode(&self) -> io::Result<u32> {
        Ok(0o600)
    }

    fn has_name(&self) -> io::Result<bool> {
        Ok(true)
    }

    fn data_from(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
        let len = self.len()?;
        Ok((offset < len).then_some(offset..len))
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let content = self.0.lock();
        let from = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(content.len());
        let len = bytes.len().min(content.len() - from);
        bytes[..len].copy_from_slice(&content[from..from + len]);
        Ok(len)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut content = self.0.lock();
        let from = usize::try_from(offset).map_err(io::Error::other)?;
        let len = content.len().max(from + bytes.len());
        content.resize(len, 0);
        content[from..from + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        let mut content = self.0.lock();
        let len = content
            .len()
            .max(usize::try_from(len).map_err(io::Error::other)?);
        content.resize(len, 0);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

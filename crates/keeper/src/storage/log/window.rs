use crate::storage::File;
use bytes::Bytes;
use std::{io, ops::Range};

/// How much is read at once: enough that the calls do not count.
const WINDOW_LEN: u64 = 1024 * 1024;

/// A file that is read from the beginning to the end, more or less.
pub(in crate::storage) struct Window {
    file: Box<dyn File>,
    len: u64,
    start: u64,
    bytes: Bytes,
}

// === impl Window ===

impl Window {
    /// Looks at a file.
    ///
    /// # Errors
    /// Its length is not to be had.
    pub(in crate::storage) fn new(file: Box<dyn File>) -> io::Result<Self> {
        let len = file.len()?;
        Ok(Self {
            file,
            len,
            start: 0,
            bytes: Bytes::new(),
        })
    }

    /// How long the file was when it was opened.
    pub(in crate::storage) fn len(&self) -> u64 {
        self.len
    }

    /// So many bytes of the file, from `offset` on; `None` if it does not have them. Takes no more
    /// memory than the file is long.
    ///
    /// # Errors
    /// Whatever the system says.
    pub(in crate::storage) fn get(&mut self, offset: u64, len: usize) -> io::Result<Option<Bytes>> {
        let Some(end) = offset
            .checked_add(len as u64)
            .filter(|end| *end <= self.len)
        else {
            return Ok(None);
        };
        if offset < self.start || end > self.start + self.bytes.len() as u64 {
            let wanted = WINDOW_LEN.max(len as u64).min(self.len - offset);
            let mut bytes = vec![0; usize::try_from(wanted).unwrap_or(usize::MAX)];
            let read = self.file.read_at(&mut bytes, offset)?;
            bytes.truncate(read);
            (self.start, self.bytes) = (offset, bytes.into());
        }
        let from = usize::try_from(offset - self.start).unwrap_or(usize::MAX);
        let there = self.bytes.len() >= from + len;
        Ok(there.then(|| self.bytes.slice(from..from + len)))
    }

    /// The next stretch from `offset` on that has to be read: all else is zeros.
    ///
    /// # Errors
    /// Whatever the system says.
    pub(in crate::storage) fn data_from(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
        let found = self.file.data_from(offset)?;
        let found = found.map(|found| found.start..found.end.min(self.len));
        Ok(found.filter(|found| !found.is_empty()))
    }

    /// The file.
    pub(in crate::storage) fn into_file(self) -> Box<dyn File> {
        self.file
    }
}

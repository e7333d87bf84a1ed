use super::{
    batch::{Batch, BatchHead, HEAD_LEN},
    room::SECTOR,
    segment::{Damage, Head},
    window::Window,
};
use crate::storage::File;
use std::io;

const ZERO_SECTOR: [u8; SECTOR as usize] = [0; SECTOR as usize];

/// Reads the batches of a segment.
pub(in crate::storage) struct SegmentReader {
    window: Window,
    head: Head,
    /// Where the next batch should start.
    at: u64,
    /// How many there were.
    batches: u64,
}

/// What is where the next batch should be.
pub(in crate::storage) enum Step {
    /// A batch. Whether its transactions are the next ones is not yet known.
    Batch(Batch),
    /// A whole batch that is not the next one of this segment.
    OutOfPlace,
    /// None: the end, a torn one, a damaged one.
    Nothing,
}

/// What is behind the last batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::storage) enum Tail {
    /// Nothing.
    Empty,
    /// Something was written, and none of it is whole.
    Torn(Remains),
    /// A whole batch, so what is before it was one too.
    Damaged {
        /// Where the whole one is.
        whole_at: u64,
    },
}

/// What is left of batches of which none is whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::storage) struct Remains {
    /// The end of it.
    pub(in crate::storage) end: u64,
    /// How much of it is not zeros, in whole sectors.
    pub(in crate::storage) written: u64,
}

// === impl SegmentReader ===

impl SegmentReader {
    /// Begins with the head.
    ///
    /// # Errors
    /// The outer one is the system's, the inner one says why this is no segment.
    pub(in crate::storage) fn new(file: Box<dyn File>) -> io::Result<Result<Self, Damage>> {
        let mut window = Window::new(file)?;
        let Some(sector) = window.get(0, SECTOR as usize)? else {
            return Ok(Err(Damage::Short));
        };
        Ok(Head::read(&sector).map(|head| Self {
            window,
            head,
            at: SECTOR,
            batches: 0,
        }))
    }

    pub(in crate::storage) fn head(&self) -> Head {
        self.head
    }

    /// Where the next batch should start.
    pub(in crate::storage) fn at(&self) -> u64 {
        self.at
    }

    /// How many batches there were.
    pub(in crate::storage) fn batches(&self) -> u64 {
        self.batches
    }

    /// How long the file is.
    pub(in crate::storage) fn len(&self) -> u64 {
        self.window.len()
    }

    /// The file.
    pub(in crate::storage) fn into_file(self) -> Box<dyn File> {
        self.window.into_file()
    }

    /// Reads the next batch.
    ///
    /// # Errors
    /// Whatever the system says.
    pub(in crate::storage) fn step(&mut self) -> io::Result<Step> {
        let Some(batch) = self.batch_at(self.at)? else {
            return Ok(Step::Nothing);
        };
        if batch.head.number != self.batches {
            return Ok(Step::OutOfPlace);
        }
        self.at += batch.head.cost();
        self.batches += 1;
        Ok(Step::Batch(batch))
    }

    /// Looks at everything behind the last batch, but for the space that was reserved and never
    /// written: it is most of a segment, and the file system knows where it is.
    ///
    /// # Errors
    /// Whatever the system says.
    pub(in crate::storage) fn tail(&mut self) -> io::Result<Tail> {
        let mut remains = Remains::default();
        let mut at = self.at;
        while let Some(data) = self.window.data_from(at)? {
            // Holes end anywhere; batches start with sectors.
            at = at.max(data.start / SECTOR * SECTOR);
            while at < data.end {
                let len = SECTOR.min(self.len() - at);
                if !self.is_zero(at, len)? {
                    if self.batch_at(at)?.is_some() {
                        return Ok(Tail::Damaged { whole_at: at });
                    }
                    remains.end = at + len;
                    remains.written += len;
                }
                at += SECTOR;
            }
        }
        Ok(match remains.written {
            0 => Tail::Empty,
            _ => Tail::Torn(remains),
        })
    }

    /// Whether there are only zeros in a sector, or in what a file that ends in one has of it.
    fn is_zero(&mut self, offset: u64, len: u64) -> io::Result<bool> {
        let sector = self.window.get(offset, usize::try_from(len).unwrap_or(0))?;
        Ok(sector.is_some_and(|sector| ZERO_SECTOR.starts_with(&sector)))
    }

    fn batch_at(&mut self, offset: u64) -> io::Result<Option<Batch>> {
        let Some(bytes) = self.window.get(offset, HEAD_LEN)? else {
            return Ok(None);
        };
        let Some(head) = BatchHead::read(&bytes, self.head.id) else {
            return Ok(None);
        };
        let Some(bytes) = self.window.get(offset, head.len())? else {
            return Ok(None);
        };
        Ok(head.matches(&bytes).then_some(Batch {
            head,
            offset,
            bytes,
        }))
    }
}

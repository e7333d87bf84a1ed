//! Owning a testbed's number, and with it everything on the machine that bears its name.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    thread::sleep,
    time::Duration,
};

use crate::{
    error::{Error, Result},
    inventory::Which,
    layout::{self, Layout, NUMBER_MAX},
    pid::Owner,
    reap::reap,
    record::{DIRECTORY, Record, State},
};

/// The lock is held for milliseconds; who waits a minute for it waits for something broken.
const LOCK_TRIES: u32 = 6000;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// A number that is this process's own. Dropping it removes all that bears its name.
#[derive(Debug)]
pub(crate) struct Claim {
    layout: Layout,
    kept: bool,
}

impl Claim {
    /// Takes the lowest free number, and removes what killed processes have left behind.
    ///
    /// It blocks, for seconds if there is something to remove.
    pub(crate) fn take(hosts: u8, zookeepers: u8) -> Result<Self> {
        let (claim, abandoned) = allocate(hosts, zookeepers)?;
        for claim in abandoned {
            let testbed = claim.layout.name();
            tracing::info!(testbed, "removing what a killed process left");
            drop(claim);
        }
        // There may be traces without a record, if somebody emptied the directory.
        reap(&claim.layout)?;
        // Under the lock, against a removal of the directory around it.
        let _lock = lock()?;
        let directory = claim.layout.directory();
        fs::create_dir_all(&directory).map_err(Error::file("create", directory))?;
        Ok(claim)
    }

    /// Takes over the testbed with this number from whoever had it, if it is one of those wanted.
    ///
    /// # Errors
    ///
    /// The record, in the inner result, if it is not.
    pub(crate) fn take_over(number: u8, which: Which) -> Result<Result<Self, Record>> {
        let _lock = lock()?;
        let record = Record::read(number).unwrap_or_else(|| Record::abandoned(number));
        if !which.has(record.state()) {
            return Ok(Err(record));
        }
        Ok(Ok(Self::own(record.layout)?))
    }

    /// Writes down that the testbed is this process's own; the lock must be held.
    fn own(layout: Layout) -> Result<Self> {
        let owner = Some(Owner::current());
        Record { layout, owner }.write()?;
        Ok(Self {
            layout,
            kept: false,
        })
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Leaves the testbed to nobody: it stays until it is brought down.
    pub(crate) fn keep(mut self) -> Result<()> {
        let _lock = lock()?;
        Record {
            layout: self.layout,
            owner: None,
        }
        .write()?;
        self.kept = true;
        Ok(())
    }

    /// Removes everything and gives the number back.
    pub(crate) fn release(mut self) -> Result<()> {
        self.kept = true;
        self.remove()
    }

    /// The record goes last, and only when nothing is left: whoever finds it tries again.
    fn remove(&self) -> Result<()> {
        reap(&self.layout)?;
        let _lock = lock()?;
        Record::remove(self.layout.number)?;
        // The directory around all testbeds goes with the last of them.
        let _ = fs::remove_dir(layout::DIRECTORY);
        Ok(())
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        if let Err(error) = self.remove() {
            tracing::error!(testbed = self.layout.name(), %error, "could not remove a testbed");
        }
    }
}

/// Takes a number, and takes over all testbeds that are abandoned, so that no other process removes
/// them at the same time.
fn allocate(hosts: u8, zookeepers: u8) -> Result<(Claim, Vec<Claim>)> {
    // Dropped after the lock if something fails, as dropping a claim takes the lock.
    let mut claims = Vec::new();
    let _lock = lock()?;
    let records = Record::all()?;
    let number = free_number(&records).ok_or(Error::Full(NUMBER_MAX))?;
    for record in records {
        if record.state() == State::Abandoned {
            claims.push(Claim::own(record.layout)?);
        }
    }
    let claim = Claim::own(Layout {
        number,
        hosts,
        zookeepers,
    })?;
    Ok((claim, claims))
}

fn free_number(records: &[Record]) -> Option<u8> {
    let taken: BTreeSet<_> = records.iter().map(|record| record.layout.number).collect();
    (1..=NUMBER_MAX).find(|number| !taken.contains(number))
}

/// Serialises changes of the records among processes, until the file is dropped.
fn lock() -> Result<File> {
    fs::create_dir_all(DIRECTORY).map_err(Error::file("create", DIRECTORY))?;
    let path = format!("{DIRECTORY}/lock");
    let file = File::create(&path).map_err(Error::file("create", &path))?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) => sleep(LOCK_PAUSE),
            Err(fs::TryLockError::Error(error)) => return Err(Error::file("lock", path)(error)),
        }
    }
    let limit = LOCK_PAUSE * LOCK_TRIES;
    Err(Error::Timeout {
        what: format!("the lock {path}"),
        limit,
        last: "held".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_free_number_is_taken_until_there_is_none() {
        let mut records = vec![Record::abandoned(1), Record::abandoned(3)];
        assert_eq!(free_number(&records), Some(2));
        assert_eq!(free_number(&[]), Some(1));
        records = (1..=NUMBER_MAX).map(Record::abandoned).collect();
        assert_eq!(free_number(&records), None);
    }
}

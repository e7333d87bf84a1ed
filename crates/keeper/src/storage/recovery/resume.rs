//! Makes the log ready for more.

use super::{
    Report, Shortened, Torn,
    replay::{Newest, Read},
};
use crate::storage::{
    Disk, DiskError, File,
    log::{Current, Log, SECTOR, Sizes, Spare},
};
use std::{io, path::Path, sync::Arc};

/// How much is cleared at once.
const ZEROS_LEN: u64 = 1024 * 1024;

/// Goes on in the newest segment, or begins the first one.
pub(super) fn resume(
    disk: &Arc<dyn Disk>,
    sizes: Sizes,
    read: Read,
    snapshot_len: u64,
    report: &mut Report,
) -> Result<Log, DiskError> {
    let current = match read.newest {
        Some(newest) => {
            let current = reopen(newest, sizes, read.last_zxid, report)?;
            // What was found may have been made by a server that died before its own sync.
            let synced = disk.sync();
            synced.map_err(DiskError::of("sync", &disk.path("")))?;
            current
        }
        None => {
            let spare = Spare::make_in_haste(&**disk, sizes.segment_len)?;
            spare.begin(&**disk, read.last_zxid + 1)?
        }
    };
    let disk = Arc::clone(disk);
    Ok(Log::resume(
        disk,
        sizes,
        current,
        read.last_zxid,
        read.len,
        snapshot_len,
    ))
}

fn reopen(
    newest: Newest,
    sizes: Sizes,
    last_zxid: i64,
    report: &mut Report,
) -> Result<Current, DiskError> {
    let Newest {
        reader,
        path,
        remains,
        last,
    } = newest;
    let (head, end, batches) = (reader.head(), reader.at(), reader.batches());
    let file_len = reader.len();
    let file = reader.into_file();
    if let Some(remains) = remains {
        clear(&*file, end, remains.end).map_err(DiskError::of("write", &path))?;
        report.torn = Some(Torn {
            path: path.clone(),
            offset: end,
            len: remains.end - end,
            written: remains.written,
            last_zxid,
        });
    } else if file_len < sizes.segment_len.min(end + SECTOR) {
        // Zeros behind the last batch would show that there was no other.
        report.shortened = Some(Shortened {
            path: path.clone(),
            len: file_len,
            reserved: sizes.segment_len,
            last_zxid,
        });
    }
    if let Some(batch) = last {
        // If its sync failed, the system may show it and not have it on the disk, and would not
        // write it again by itself.
        let written = file.write_at(&batch.bytes, batch.offset);
        written.map_err(DiskError::of("write", &path))?;
    }
    let len = space(&*file, file_len.max(sizes.segment_len), end, &path, report)?;
    file.sync().map_err(DiskError::of("sync", &path))?;
    Ok(Current {
        file,
        path,
        len,
        id: head.id,
        end,
        batches,
        zeroed: end,
    })
}

/// Otherwise each later start would find what was cut off, and report it again.
fn clear(file: &dyn File, from: u64, to: u64) -> io::Result<()> {
    let zeros = vec![0; usize::try_from(ZEROS_LEN.min(to - from)).unwrap_or(0)];
    let mut at = from;
    while at < to {
        let len = ZEROS_LEN.min(to - at);
        file.write_at(&zeros[..usize::try_from(len).unwrap_or(0)], at)?;
        at += len;
    }
    Ok(())
}

/// Takes the segment's space, for the case that the file is a copy, which may lack some. Gives
/// how long the segment is.
fn space(
    file: &dyn File,
    len: u64,
    end: u64,
    path: &Path,
    report: &mut Report,
) -> Result<u64, DiskError> {
    match file.allocate(len) {
        Ok(()) => Ok(len),
        // The server can start without: it reads, and writes when there is space.
        Err(error) if is_full(&error) => {
            report.is_short = true;
            Ok(end)
        }
        Err(error) => Err(DiskError::of("take space for", path)(error)),
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

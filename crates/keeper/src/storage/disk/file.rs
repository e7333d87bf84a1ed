use super::File;
use rustix::{
    fs::{FallocateFlags, SeekFrom, fallocate, seek},
    io::Errno,
};
use std::{
    fs, io,
    ops::Range,
    os::unix::fs::{FileExt, MetadataExt, PermissionsExt},
};

/// How much is written at once where a file system cannot reserve space.
const ZEROS_LEN: usize = 1024 * 1024;

/// Who may read, write and execute, without the kind of file.
const MODE_MASK: u32 = 0o777;

impl File for fs::File {
    fn len(&self) -> io::Result<u64> {
        self.metadata().map(|metadata| metadata.len())
    }

    fn has_name(&self) -> io::Result<bool> {
        self.metadata().map(|metadata| metadata.nlink() > 0)
    }

    fn mode(&self) -> io::Result<u32> {
        self.metadata()
            .map(|metadata| metadata.permissions().mode() & MODE_MASK)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done = 0;
        while done < bytes.len() {
            match FileExt::read_at(self, &mut bytes[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(len) => done += len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        loop {
            match fallocate(self, FallocateFlags::empty(), 0, len) {
                Ok(()) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(Errno::OPNOTSUPP | Errno::NOSYS) => return fill_with_zeros(self, len),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn data_from(&self, offset: u64) -> io::Result<Option<Range<u64>>> {
        let Some(start) = find(self, SeekFrom::Data(offset))? else {
            return Ok(None);
        };
        // The end of the file counts as a hole, so there is one.
        let end = find(self, SeekFrom::Hole(start))?;
        Ok(end.map(|end| start..end))
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}

/// Where the file system says that data, or a hole, begins. `None`: not before the file's end.
fn find(file: &fs::File, what: SeekFrom) -> io::Result<Option<u64>> {
    match seek(file, what) {
        Ok(at) => Ok(Some(at)),
        Err(Errno::NXIO) => Ok(None),
        Err(Errno::INVAL | Errno::OPNOTSUPP | Errno::NOSYS) => all_is_data(file, what),
        Err(error) => Err(error.into()),
    }
}

/// The answer where a file system does not know its holes.
fn all_is_data(file: &fs::File, what: SeekFrom) -> io::Result<Option<u64>> {
    let len = File::len(file)?;
    Ok(match what {
        SeekFrom::Data(offset) => (offset < len).then_some(offset),
        _ => Some(len),
    })
}

/// Takes space where the file system cannot reserve it: network file systems, mostly.
fn fill_with_zeros(file: &fs::File, len: u64) -> io::Result<()> {
    let zeros = vec![0; ZEROS_LEN];
    let mut offset = File::len(file)?;
    while offset < len {
        let part = zeros
            .len()
            .min((len - offset).try_into().unwrap_or(usize::MAX));
        file.write_all_at(&zeros[..part], offset)?;
        offset += part as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_are_as_good_as_a_reservation() {
        let file = tempfile::tempfile().unwrap();
        File::write_at(&file, b"abc", 0).unwrap();
        fill_with_zeros(&file, 3_000_000).unwrap();
        assert_eq!(File::len(&file).unwrap(), 3_000_000);
        let mut read = [1; 4];
        File::read_at(&file, &mut read, 0).unwrap();
        assert_eq!(&read, b"abc\0");
        fill_with_zeros(&file, 5).unwrap();
        assert_eq!(File::len(&file).unwrap(), 3_000_000);
    }

    #[test]
    fn data_is_found_behind_a_hole_and_nothing_is_skipped() {
        const MIB: u64 = 1024 * 1024;
        let file = tempfile::tempfile().unwrap();
        file.allocate(8 * MIB).unwrap();
        assert_eq!(stretches(&file, 0), []);
        File::write_at(&file, b"abc", 3 * MIB + 700).unwrap();
        for _ in 0..2 {
            let found = stretches(&file, 1);
            assert!(
                found
                    .iter()
                    .all(|found| found.start >= 1 && found.end <= 8 * MIB)
            );
            assert!(found.iter().any(|found| found.contains(&(3 * MIB + 700))));
            let skipped = 8 * MIB
                - found
                    .iter()
                    .map(|found| found.end - found.start)
                    .sum::<u64>();
            assert!(
                skipped > 7 * MIB,
                "the file system here knows its holes: {found:?}"
            );
            // Once as the system has it in memory, once as it is on the disk.
            File::sync(&file).unwrap();
        }
        assert_eq!(stretches(&file, 8 * MIB), []);
        assert_eq!(stretches(&file, 9 * MIB), []);
    }

    fn stretches(file: &dyn File, mut from: u64) -> Vec<Range<u64>> {
        let mut stretches = Vec::new();
        while let Some(stretch) = file.data_from(from).unwrap() {
            from = stretch.end;
            stretches.push(stretch);
        }
        stretches
    }

    #[test]
    fn without_holes_all_is_data() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(100).unwrap();
        assert_eq!(all_is_data(&file, SeekFrom::Data(7)).unwrap(), Some(7));
        assert_eq!(all_is_data(&file, SeekFrom::Data(100)).unwrap(), None);
        assert_eq!(all_is_data(&file, SeekFrom::Hole(7)).unwrap(), Some(100));
    }
}

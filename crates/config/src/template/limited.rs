use std::io;

/// Takes what a template writes, up to a length.
#[derive(Debug)]
pub(super) struct Limited {
    bytes: Vec<u8>,
    len_max: usize,
    is_over: bool,
}

// === impl Limited ===

impl Limited {
    pub(super) fn new(len_max: usize) -> Self {
        Self {
            bytes: Vec::new(),
            len_max,
            is_over: false,
        }
    }

    /// Whether more was written than it takes.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl io::Write for Limited {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        if more.len() > self.len_max - self.bytes.len() {
            self.is_over = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

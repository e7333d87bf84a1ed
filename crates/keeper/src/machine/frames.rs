//! Making frames.

use bytes::{Bytes, BytesMut};
use dockeeper_zk_proto::{Record, frame, header::ReplyHeader};

/// Frames are cut from pieces of memory of this length, so that most cost no allocation. A frame
/// that waits for a slow reader keeps its whole piece, so pieces are small.
const PIECE_LEN: usize = 4 * 1024;

/// Where frames are made.
#[derive(Debug, Default)]
pub(super) struct Frames(BytesMut);

// === impl Frames ===

impl Frames {
    /// A frame whose body `encode` writes; `None` if it is longer than a frame can be.
    pub(super) fn make(&mut self, encode: impl FnOnce(&mut BytesMut)) -> Option<Bytes> {
        if self.0.capacity() < PIECE_LEN / 8 {
            self.0 = BytesMut::with_capacity(PIECE_LEN);
        }
        frame::put(&mut self.0, i32::MAX as usize, encode).ok()?;
        if self.0.len() < PIECE_LEN {
            return Some(self.0.split().freeze());
        }
        // It has grown by doubling, and may be kept for long: only as much memory as it needs.
        let mut frame = Vec::from(std::mem::take(&mut self.0));
        frame.shrink_to_fit();
        Some(frame.into())
    }

    /// A frame with a reply's header.
    pub(super) fn reply(
        &mut self,
        header: ReplyHeader,
        body: impl FnOnce(&mut BytesMut),
    ) -> Option<Bytes> {
        self.make(|out| {
            header.encode(out);
            body(out);
        })
    }
}

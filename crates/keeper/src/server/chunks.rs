//! Bytes that wait to be written.

use bytes::{Buf, Bytes, BytesMut};
use std::{collections::VecDeque, io::IoSlice};

/// A frame below this length is copied to the ones before it: that costs less than a piece of its
/// own in a write.
const COPY_LEN_MAX: usize = 4 << 10;

/// How long a piece of copied frames gets.
const PIECE_LEN: usize = 64 << 10;

/// How much is allocated for the first copied frame: most connections wait for one small reply.
const TAIL_LEN_MIN: usize = 256;

/// Frames one behind the other, few pieces of memory for many small ones.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    queue: VecDeque<Bytes>,
    tail: BytesMut,
    len: usize,
    /// How much of the first piece has been written already: its memory is there until all is.
    written: usize,
}

// === impl Chunks ===

impl Chunks {
    /// How many bytes there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends a frame.
    pub(super) fn push(&mut self, frame: Bytes) {
        self.len += frame.len();
        if frame.len() >= COPY_LEN_MAX {
            self.seal();
            self.queue.push_back(frame);
            return;
        }
        if self.tail.is_empty() {
            self.tail.reserve(TAIL_LEN_MIN.max(frame.len()));
        }
        self.tail.extend_from_slice(&frame);
        if self.tail.len() >= PIECE_LEN {
            self.seal();
        }
    }

    /// Moves the first `len` bytes behind those of `other`, without copying.
    pub(super) fn move_to(&mut self, other: &mut Self, len: usize) {
        let mut left = len.min(self.len);
        self.len -= left;
        other.len += left;
        other.seal();
        while left > 0 {
            let Some(piece) = self.queue.front_mut() else {
                other.queue.push_back(self.tail.split_to(left).freeze());
                break;
            };
            if piece.len() > left {
                other.queue.push_back(piece.split_to(left));
                break;
            }
            left -= piece.len();
            other.queue.extend(self.queue.pop_front());
        }
        self.shrink();
    }

    /// The first pieces, for a vectored write.
    pub(super) fn pieces<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let pieces = self.queue.iter().map(|piece| &piece[..]);
        let pieces = pieces.chain((!self.tail.is_empty()).then_some(&self.tail[..]));
        let mut count = 0;
        for (slice, piece) in slices.iter_mut().zip(pieces) {
            *slice = IoSlice::new(piece);
            count += 1;
        }
        count
    }

    /// Forgets the first `count` bytes: they have been written. How many bytes of memory that gives
    /// back: those of the pieces of which nothing is left.
    pub(super) fn advance(&mut self, count: usize) -> usize {
        let mut left = count.min(self.len);
        let mut freed = 0;
        self.len -= left;
        while left > 0 {
            let Some(piece) = self.queue.front_mut() else {
                self.tail.advance(left);
                freed += left;
                break;
            };
            if piece.len() > left {
                piece.advance(left);
                self.written += left;
                break;
            }
            left -= piece.len();
            freed += piece.len() + std::mem::take(&mut self.written);
            self.queue.pop_front();
        }
        self.shrink();
        freed
    }

    fn seal(&mut self) {
        if !self.tail.is_empty() {
            self.queue.push_back(self.tail.split().freeze());
        }
    }

    /// An idle connection holds no memory.
    fn shrink(&mut self) {
        if self.len == 0 {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn content(chunks: &Chunks) -> Vec<u8> {
        let mut slices = [IoSlice::new(&[]); 1000];
        let count = chunks.pieces(&mut slices);
        slices[..count]
            .iter()
            .flat_map(|s| s.iter().copied())
            .collect()
    }

    #[derive(Clone, Debug)]
    enum Step {
        Push(usize),
        Move(usize),
        Write(usize),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            prop_oneof![1..100usize, 4000..5000usize, 60_000..70_000usize].prop_map(Step::Push),
            (0..100_000usize).prop_map(Step::Move),
            (0..100_000usize).prop_map(Step::Write),
        ];
        prop::collection::vec(step, 1..60)
    }

    proptest! {
        #[test]
        fn behaves_as_plain_bytes(steps in steps()) {
            let (mut from, mut to) = (Chunks::default(), Chunks::default());
            let (mut from_plain, mut to_plain) = (Vec::new(), Vec::new());
            let (mut next, mut moved, mut freed) = (0_u8, 0, 0);
            for step in steps {
                match step {
                    Step::Push(len) => {
                        next = next.wrapping_add(1);
                        from.push(Bytes::from(vec![next; len]));
                        from_plain.extend(std::iter::repeat_n(next, len));
                    }
                    Step::Move(len) => {
                        from.move_to(&mut to, len);
                        let len = len.min(from_plain.len());
                        to_plain.extend(from_plain.drain(..len));
                        moved += len;
                    }
                    Step::Write(len) => {
                        freed += to.advance(len);
                        to_plain.drain(..len.min(to_plain.len()));
                    }
                }
                prop_assert_eq!((from.len(), to.len()), (from_plain.len(), to_plain.len()));
                prop_assert!(content(&from) == from_plain && content(&to) == to_plain);
                prop_assert_eq!(moved - freed, to.len() + to.written);
            }
        }
    }

    #[test]
    fn nothing_left_holds_no_memory() {
        let mut chunks = Chunks::default();
        for _ in 0..100 {
            chunks.push(Bytes::from_static(&[1; 1000]));
        }
        assert_eq!(chunks.advance(100_000), 100_000);
        assert_eq!(chunks.tail.capacity() + chunks.queue.capacity(), 0);
    }

    #[test]
    fn a_piece_is_given_back_as_a_whole() {
        let mut chunks = Chunks::default();
        chunks.push(Bytes::from(vec![1; 1_000_000]));
        chunks.push(Bytes::from(vec![1; 10_000]));
        assert_eq!(chunks.advance(999_999), 0);
        assert_eq!(chunks.advance(2), 1_000_000);
        assert_eq!(chunks.advance(9_999), 10_000);
    }
}

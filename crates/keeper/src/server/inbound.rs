//! What has been read from a connection and not been handed on.

use super::limits::READ_LEN;
use bytes::{Buf, Bytes, BytesMut};
use dockeeper_zk_proto::frame::{BadLength, HEADER_LEN};
use std::{
    io,
    mem::MaybeUninit,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

/// Bytes on their way to becoming frames.
#[derive(Debug, Default)]
pub(super) struct Inbound {
    buffer: BytesMut,
}

/// Whole frames one behind the other, each with its length.
#[derive(Debug)]
pub(super) struct Frames {
    bytes: Bytes,
    count: usize,
}

// === impl Inbound ===

impl Inbound {
    /// Reads what there is; `0` is the end. While nothing is kept from earlier reads, waiting takes
    /// no memory.
    pub(super) fn poll_fill(
        &mut self,
        context: &mut Context<'_>,
        stream: &mut (impl AsyncRead + Unpin),
    ) -> Poll<io::Result<usize>> {
        let missing = self.missing();
        if missing > READ_LEN {
            // Grown with what really arrives: a length on the wire is only a claim.
            self.buffer
                .reserve(missing.min(self.buffer.len().max(READ_LEN)));
            return pin!(stream.read_buf(&mut self.buffer)).poll(context);
        }
        let mut space = [MaybeUninit::uninit(); READ_LEN];
        let mut space = ReadBuf::uninit(&mut space);
        ready!(Pin::new(stream).poll_read(context, &mut space))?;
        self.buffer.extend_from_slice(space.filled());
        Poll::Ready(Ok(space.filled().len()))
    }

    /// The first four bytes.
    pub(super) fn head(&self) -> Option<[u8; HEADER_LEN]> {
        self.buffer.first_chunk::<HEADER_LEN>().copied()
    }

    /// Takes the whole frames that are there: at most `count_max`, and no more once they have
    /// `bytes_max` bytes. A frame longer than `len_max` is an error once it is the first.
    pub(super) fn take(
        &mut self,
        count_max: usize,
        bytes_max: usize,
        len_max: usize,
    ) -> Result<Option<Frames>, BadLength> {
        let (mut end, mut count) = (0, 0);
        while count < count_max && end < bytes_max {
            match whole(&self.buffer[end..], len_max) {
                Ok(Some(len)) => {
                    end += len;
                    count += 1;
                }
                Ok(None) => break,
                Err(bad) if count == 0 => return Err(bad),
                Err(_) => break,
            }
        }
        if count == 0 {
            return Ok(None);
        }
        let bytes = self.buffer.split_to(end).freeze();
        if self.buffer.is_empty() {
            self.buffer = BytesMut::new();
        }
        Ok(Some(Frames { bytes, count }))
    }

    /// How many bytes the first frame still lacks, as far as is known.
    fn missing(&self) -> usize {
        let claimed = self.head().map(i32::from_be_bytes);
        let claimed = claimed.and_then(|length| usize::try_from(length).ok());
        (HEADER_LEN + claimed.unwrap_or(0)).saturating_sub(self.buffer.len())
    }
}

/// The length of the first frame with its header, if all of it is there.
fn whole(bytes: &[u8], len_max: usize) -> Result<Option<usize>, BadLength> {
    let Some(header) = bytes.first_chunk::<HEADER_LEN>() else {
        return Ok(None);
    };
    let length = i32::from_be_bytes(*header);
    match usize::try_from(length) {
        Ok(body) if body <= len_max => {
            let total = HEADER_LEN + body;
            Ok((bytes.len() >= total).then_some(total))
        }
        _ => Err(BadLength {
            length,
            max: len_max,
        }),
    }
}

// === impl Frames ===

impl Frames {
    /// How many are left.
    pub(super) fn left(&self) -> usize {
        self.count
    }

    /// How many bytes they have with their lengths.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }
}

impl Iterator for Frames {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        self.count = self.count.checked_sub(1)?;
        let length = usize::try_from(self.bytes.get_i32()).unwrap_or(0);
        Some(self.bytes.split_to(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    const LEN_MAX: usize = 1 << 20;

    fn frame(body: &[u8]) -> Vec<u8> {
        let length = i32::try_from(body.len()).unwrap().to_be_bytes();
        [&length[..], body].concat()
    }

    async fn fill(inbound: &mut Inbound, mut wire: &[u8]) {
        while !wire.is_empty() {
            poll_fn(|context| inbound.poll_fill(context, &mut wire))
                .await
                .unwrap();
        }
    }

    #[tokio::test]
    async fn frames_come_out_whole_and_in_order() {
        let bodies: [&[u8]; 4] = [b"first", b"", &[7; 300_000], b"last"];
        let wire: Vec<u8> = bodies.iter().flat_map(|body| frame(body)).collect();
        for step in [1, 7, 4096, 100_000, wire.len()] {
            let (mut inbound, mut seen) = (Inbound::default(), Vec::new());
            for part in wire.chunks(step) {
                fill(&mut inbound, part).await;
                while let Some(frames) = inbound.take(2, usize::MAX, LEN_MAX).unwrap() {
                    assert!(frames.left() <= 2);
                    seen.extend(frames);
                }
            }
            assert!(seen.iter().map(|f| &f[..]).eq(bodies), "in steps of {step}");
            assert_eq!(inbound.buffer.capacity(), 0);
        }
    }

    #[tokio::test]
    async fn bytes_bound_what_is_taken_but_one_frame_always_is() {
        let mut inbound = Inbound::default();
        fill(&mut inbound, &[frame(&[1; 100]), frame(&[2; 100])].concat()).await;
        let first = inbound.take(10, 1, LEN_MAX).unwrap().unwrap();
        assert_eq!((first.left(), first.len()), (1, 104));
        assert!(inbound.take(0, 1, LEN_MAX).unwrap().is_none());
        assert!(inbound.take(10, 1, LEN_MAX).unwrap().is_some());
    }

    #[tokio::test]
    async fn what_stands_before_a_bad_length_is_still_taken() {
        for bad in [-1, i32::MIN, i32::MAX, 101] {
            let mut inbound = Inbound::default();
            fill(&mut inbound, &frame(b"good")).await;
            fill(&mut inbound, &bad.to_be_bytes()).await;
            let good = inbound.take(9, usize::MAX, 100).unwrap().unwrap();
            assert!(good.eq([&b"good"[..]]));
            let error = inbound.take(9, usize::MAX, 100).unwrap_err();
            assert_eq!((error.length, error.max), (bad, 100));
        }
    }

    #[tokio::test]
    async fn a_claimed_length_takes_no_memory() {
        let mut inbound = Inbound::default();
        fill(&mut inbound, &i32::MAX.to_be_bytes()).await;
        fill(&mut inbound, b"x").await;
        assert!(inbound.buffer.capacity() <= 2 * READ_LEN);
    }
}

use bytes::{Bytes, BytesMut};
use dockeeper_zk_proto::frame::{BadLength, put, take};

/// What a stream of bytes comes to: its frames, and why it ended early if it did.
type Outcome = (Vec<Bytes>, Option<BadLength>);

/// Takes frames out of a stream that comes in chunks: they are the same as if it had come at once.
///
/// The first byte bounds the frames, the second the chunks.
pub fn frames(data: &[u8]) {
    let [max, chunk, stream @ ..] = data else {
        return;
    };
    let (max, chunk) = (usize::from(*max), usize::from(*chunk) + 1);
    let at_once = take_all(stream, stream.len().max(1), max);
    assert_eq!(take_all(stream, chunk, max), at_once);
    written_again(stream, &at_once.0, max);
}

fn take_all(stream: &[u8], chunk: usize, max: usize) -> Outcome {
    let mut wire = BytesMut::new();
    let mut frames = Vec::new();
    for chunk in stream.chunks(chunk) {
        wire.extend_from_slice(chunk);
        loop {
            match take(&mut wire, max) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => return (frames, Some(error)),
            }
        }
    }
    (frames, None)
}

/// Frames have one encoding, so writing them gives the bytes that they were read from.
fn written_again(stream: &[u8], frames: &[Bytes], max: usize) {
    let mut wire = BytesMut::new();
    for frame in frames {
        put(&mut wire, max, |out| out.extend_from_slice(frame))
            .expect("it was read under the bound");
    }
    assert!(stream.starts_with(&wire));
}

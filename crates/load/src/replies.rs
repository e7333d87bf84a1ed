use crate::request::XID;
use bytes::{Bytes, BytesMut};
use dockeeper_zk_proto::{
    Record, frame,
    header::{ReplyHeader, xid},
};
use std::{io::Read, net::TcpStream};

/// How many bytes are read at once at most.
const CHUNK_LEN: usize = 64 * 1024;

/// What a server sends.
#[derive(Debug)]
pub(crate) struct Replies {
    stream: TcpStream,
    input: BytesMut,
    buffer: Vec<u8>,
}

impl Replies {
    pub(crate) fn new(stream: &TcpStream) -> Self {
        Self {
            stream: stream.try_clone().expect("a descriptor for the replies"),
            input: BytesMut::new(),
            // Of the size of most replies at first: there may be thousands of connections.
            buffer: vec![0; 512],
        }
    }

    pub(crate) fn next(&mut self) -> Bytes {
        loop {
            let frame = frame::take(&mut self.input, usize::MAX).expect("a frame's length");
            if let Some(frame) = frame {
                return frame;
            }
            let read = self.stream.read(&mut self.buffer).expect("a reply");
            assert!(read > 0, "the server hung up");
            self.input.extend_from_slice(&self.buffer[..read]);
            if read == self.buffer.len() {
                self.buffer.resize(CHUNK_LEN.min(2 * read), 0);
            }
        }
    }

    /// Waits for so many replies, each without an error.
    pub(crate) fn expect(&mut self, count: usize) {
        for _ in 0..count {
            let header = self.header();
            assert_eq!((header.xid, header.err), (XID, 0), "a reply");
        }
    }

    /// Waits for a watch event.
    pub(crate) fn expect_event(&mut self) {
        assert_eq!(self.header().xid, xid::EVENT, "an event");
    }

    fn header(&mut self) -> ReplyHeader {
        ReplyHeader::from_bytes(self.next()).expect("a reply's header")
    }
}

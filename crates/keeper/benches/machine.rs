//! What the machine costs without sockets and disks: prints nanoseconds per request, and bytes per
//! znode. Run with `cargo bench -p dockeeper-keeper --bench machine`.

use bytes::{Bytes, BytesMut};
use dockeeper_keeper::{ConnId, Effects, Input, Machine, Now, Output, Peer, Rules};
use dockeeper_zk_proto::{
    OpCode, Record,
    acl::Acl,
    connect::ConnectRequest,
    create::CreateRequest,
    data::{DeleteRequest, ExistsRequest, GetDataRequest, SetDataRequest},
    header::RequestHeader,
    multi::{MultiRequest, Op},
};
use std::{error::Error, fs, net::Ipv4Addr, time::Duration};

/// Znodes in the tree: enough that it does not fit into the processor's caches.
const NODES: usize = 1_000_000;

/// Requests between two looks at the clock. Frames are made before, so that only the machine is
/// measured.
const BATCH: usize = 10_000;

const CONN: ConnId = ConnId(1);

struct Bench {
    machine: Machine,
    effects: Effects,
    now: Now,
    entries: usize,
    reply_bytes: usize,
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self {
            machine: Machine::new(Rules::default(), [7; 32]),
            effects: Effects::default(),
            now: Now {
                wall_ms: 1_700_000_000_000,
                mono: Duration::from_secs(100),
            },
            entries: 0,
            reply_bytes: 0,
        };
        bench.handle(Input::Connect {
            conn: CONN,
            peer: Peer {
                ip: Ipv4Addr::LOCALHOST.into(),
                x509: None,
            },
            request: ConnectRequest::new_session(10_000),
        });
        bench
    }

    fn handle(&mut self, input: Input) {
        self.machine.handle(input, self.now, &mut self.effects);
        self.entries += self.effects.entries.drain(..).count();
        for outgoing in self.effects.out.drain(..) {
            match outgoing.what {
                Output::Frame(frame) => self.reply_bytes += frame.len(),
                Output::Close => panic!("the connection was closed"),
            }
        }
    }

    /// Sends `count` requests; gives nanoseconds per request.
    fn run(&mut self, count: usize, request: impl Fn(usize) -> Bytes) -> f64 {
        let mut spent = Duration::ZERO;
        for start in (0..count).step_by(BATCH) {
            let frames: Vec<_> = (start..(start + BATCH).min(count)).map(&request).collect();
            let begin = now();
            for frame in frames {
                self.handle(Input::Frame { conn: CONN, frame });
            }
            spent += now() - begin;
            self.machine.durable(self.machine.last_zxid());
        }
        spent.as_nanos() as f64 / count as f64
    }
}

/// Processor time of this thread, so that the computer's other work does not count.
fn now() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.cast_unsigned(), time.tv_nsec as u32)
}

fn frame(opcode: OpCode, body: &impl Record) -> Bytes {
    let mut out = BytesMut::new();
    let header = RequestHeader {
        xid: 1,
        opcode: opcode.to_wire(),
    };
    header.encode(&mut out);
    body.encode(&mut out);
    out.freeze()
}

/// Ten bytes of name.
fn path(index: usize) -> String {
    format!("/bench/node{index:06}")
}

fn create(path: String, data: Option<Bytes>, flags: i32) -> CreateRequest {
    CreateRequest {
        path,
        data,
        acl: Acl::open(),
        flags,
    }
}

fn set_data(index: usize) -> SetDataRequest {
    SetDataRequest {
        path: path(index),
        data: Some(Bytes::from_static(&[b'x'; 200])),
        version: -1,
    }
}

/// An index that visits the tree in no order.
fn scattered(index: usize) -> usize {
    index.wrapping_mul(0x9e37_79b1) % NODES
}

/// Memory in use, in bytes.
fn resident() -> Result<usize, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/statm")?;
    let pages: usize = status.split(' ').nth(1).unwrap_or_default().parse()?;
    Ok(pages * rustix::param::page_size())
}

fn fill(bench: &mut Bench) -> Result<(), Box<dyn Error>> {
    bench.run(1, |_| {
        let path = "/bench".to_owned();
        frame(OpCode::Create, &create(path, None, 0))
    });
    let before = resident()?;
    let create = |index| frame(OpCode::Create, &create(path(index), None, 0));
    let ns = bench.run(NODES, create);
    println!("create                  {ns:7.0} ns");
    let bytes = (resident()? - before) / NODES;
    println!("a znode with ten bytes of name and no data: {bytes} bytes");
    Ok(())
}

fn read_and_write(bench: &mut Bench) {
    let exists = |index| {
        let path = path(scattered(index));
        frame(OpCode::Exists, &ExistsRequest { path, watch: false })
    };
    println!(
        "exists                  {:7.0} ns",
        bench.run(NODES, exists)
    );
    let set = |index| frame(OpCode::SetData, &set_data(scattered(index)));
    println!("set 200 bytes           {:7.0} ns", bench.run(NODES, set));
    let get = |index| {
        let path = path(scattered(index));
        frame(OpCode::GetData, &GetDataRequest { path, watch: false })
    };
    println!("get 200 bytes           {:7.0} ns", bench.run(NODES, get));
    let get = |_| {
        let path = path(0);
        frame(OpCode::GetData, &GetDataRequest { path, watch: false })
    };
    println!("get the same one        {:7.0} ns", bench.run(NODES, get));
    let ephemeral = |index| {
        let path = format!("/bench/e{}", index / 2);
        match index % 2 {
            0 => frame(OpCode::Create, &create(path, None, 1)),
            _ => frame(OpCode::Delete, &DeleteRequest { path, version: -1 }),
        }
    };
    let ns = bench.run(NODES, ephemeral) * 2.0;
    println!("ephemeral create, delete{ns:7.0} ns");
    let multi = |index| {
        let ops = (0..100).map(|part| Op::SetData(set_data(scattered(index * 100 + part))));
        frame(OpCode::Multi, &MultiRequest { ops: ops.collect() })
    };
    let ns = bench.run(NODES / 200, multi) / 100.0;
    println!("set in a multi of 100   {ns:7.0} ns");
}

fn snapshot_and_restore(bench: &mut Bench) -> Result<(), Box<dyn Error>> {
    let begin = now();
    let zxid = bench.machine.snapshot_begin();
    let mut blocks = Vec::new();
    while let Some(block) = bench.machine.snapshot_block(1000) {
        blocks.push(block);
    }
    let ns = (now() - begin).as_nanos() / NODES as u128;
    println!("snapshot of a znode     {ns:7} ns");
    let begin = now();
    let mut restorer = Machine::restore(Rules::default(), [7; 32]);
    for block in blocks {
        restorer.block(block)?;
    }
    let restored = restorer.finish(zxid)?;
    let ns = (now() - begin).as_nanos() / NODES as u128;
    println!("restoring a znode       {ns:7} ns");
    assert_eq!(restored.node_count(), bench.machine.node_count());
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut bench = Bench::new();
    fill(&mut bench)?;
    read_and_write(&mut bench);
    snapshot_and_restore(&mut bench)?;
    println!(
        "{} entries, {} bytes of replies",
        bench.entries, bench.reply_bytes
    );
    Ok(())
}

//! The expected texts are what Apache ZooKeeper 3.8.0 answered, with its own version replaced.

use super::*;
use crate::{
    sessions::TimeoutRange,
    traffic::{Latency, Traffic},
};
use dockeeper_zk_proto::OpCode;
use std::{net::SocketAddr, time::Duration};

fn latency(ms: &[u64]) -> Latency {
    let mut latency = Latency::default();
    ms.iter()
        .for_each(|ms| latency.add(Duration::from_millis(*ms)));
    latency
}

fn summary() -> Summary {
    Summary {
        traffic: Traffic {
            received: 10,
            sent: 9,
            outstanding: 0,
            latency: latency(&[0, 9, 1, 2, 1, 1, 3, 2]),
        },
        connections: 3,
        zxid: 0x1a,
        mode: Mode::Standalone,
        nodes: 7,
    }
}

fn connections() -> [Connection; 2] {
    let traffic = Traffic {
        received: 6,
        sent: 6,
        outstanding: 0,
        latency: latency(&[0, 9, 2]),
    };
    let asking = Connection {
        remote: "[::1]:52748".parse().unwrap(),
        is_reading: false,
        is_writing: false,
        traffic: Traffic {
            received: 1,
            ..Traffic::default()
        },
        session: None,
    };
    let session = OnConnection {
        id: 0x0100_00ae_9b96_0000,
        timeout_ms: 8000,
        established_ms: 1_795_379_375_990,
        last: Some(OpCode::GetChildren2),
        last_xid: Some(5),
        last_zxid: 3,
        last_reply_ms: 11_451_107,
        last_latency_ms: 1,
    };
    let client = Connection {
        remote: "127.0.0.1:49970".parse().unwrap(),
        is_reading: true,
        is_writing: false,
        traffic,
        session: Some(session),
    };
    [asking, client]
}

#[test]
fn knows_every_word() {
    for word in Word::SERVED {
        let bytes: [u8; 4] = word.name().as_bytes().try_into().unwrap();
        assert_eq!(Word::from_bytes(bytes), Some(*word));
    }
    assert_eq!(Word::from_bytes(*b"srst"), Some(Word::Unserved("srst")));
    for bytes in [*b"Ruok", *b"ruo\0", 44_u32.to_be_bytes(), *b"GET "] {
        assert_eq!(Word::from_bytes(bytes), None);
    }
    assert_eq!(
        Word::Mntr.refusal(),
        "mntr is not executed because it is not in the whitelist.\n"
    );
}

#[test]
fn srvr_is_apaches() {
    let version = version();
    assert_eq!(
        srvr(&summary()),
        format!(
            "Zookeeper version: {version}\nLatency min/avg/max: 0/2.375/9\nReceived: 10\nSent: 9\n\
             Connections: 3\nOutstanding: 0\nZxid: 0x1a\nMode: standalone\nNode count: 7\n"
        )
    );
    assert!(version.starts_with("3.8.0-"), "{version}");
    let fresh = Summary {
        traffic: Traffic::default(),
        mode: Mode::ReadOnly,
        ..summary()
    };
    let text = srvr(&fresh);
    assert!(text.contains("\nLatency min/avg/max: 0/0.0/0\n"), "{text}");
    assert!(
        text.contains("\nREAD-ONLY mode; serving only read-only clients\n"),
        "{text}"
    );
    assert!(text.contains("\nMode: read-only\n"), "{text}");
    assert_eq!((isro(Mode::Standalone), isro(Mode::ReadOnly)), ("rw", "ro"));
}

#[test]
fn a_mean_has_at_most_four_digits() {
    assert_eq!(summary::mean(&latency(&[1, 1, 0])), "0.6667");
    assert_eq!(summary::mean(&latency(&[1, 1])), "1.0");
    assert_eq!(summary::mean(&latency(&[30_000_000])), "30000000.0");
}

#[test]
fn stat_has_the_connections_in_short() {
    let text = stat(&summary(), &connections(), 2);
    let clients = "Clients:\n /[::1]:52748[0](queued=0,recved=1,sent=0)\n \
                   /127.0.0.1:49970[1](queued=0,recved=6,sent=6)\n\nLatency min/avg/max: ";
    assert!(text.contains(clients), "{text}");
    assert_eq!(text.lines().count(), srvr(&summary()).lines().count() + 4);
}

#[test]
fn cons_has_them_in_full() {
    let mut connections = connections();
    let expected = " /[::1]:52748[0](queued=0,recved=1,sent=0)\n \
        /127.0.0.1:49970[1](queued=0,recved=6,sent=6,sid=0x10000ae9b960000,lop=GETC,\
        est=1795379375990,to=8000,lcxid=0x5,lzxid=0x3,lresp=11451107,llat=1,minlat=0,avglat=3,\
        maxlat=9)\n\n";
    assert_eq!(cons(&connections, 2), expected);
    let text = cons(&connections[..1], 2);
    assert!(
        text.ends_with(")\n1 of 2 connections are left out\n\n"),
        "{text}"
    );
    let session = connections[1].session.as_mut().unwrap();
    (session.last, session.last_xid) = (None, None);
    connections[1].is_writing = true;
    let text = cons(&connections, 2);
    assert!(text.contains("49970[5]"), "{text}");
    assert!(text.contains(",lop=NA,"), "{text}");
    assert!(text.contains(",to=8000,lzxid="), "{text}");
}

#[test]
fn dump_is_apaches() {
    let end_ms = 1_795_379_384_000;
    let remote: SocketAddr = "127.0.0.1:49970".parse().unwrap();
    let session = 0x0100_00ae_9b96_0000;
    let sessions = [
        Bucket {
            end_ms,
            members: vec![session],
        },
        Bucket {
            end_ms: end_ms + 12_000,
            members: vec![session + 1, session + 2],
        },
    ];
    let connections = [Bucket {
        end_ms,
        members: vec![(remote, session), (remote, 0)],
    }];
    let expected = "SessionTracker dump:\nSession Sets (2)/(3):\n\
        1 expire at Sun Nov 22 20:29:44 UTC 2026:\n\t0x10000ae9b960000\n\
        2 expire at Sun Nov 22 20:29:56 UTC 2026:\n\t0x10000ae9b960001\n\t0x10000ae9b960002\n\
        ephemeral nodes dump:\nSessions with Ephemerals (1):\n0x10000ae9b960000:\n\t/e\n\t/e2\n\
        Connections dump:\nConnections Sets (1)/(2):\n\
        2 expire at Sun Nov 22 20:29:44 UTC 2026:\n\
        \tip: /127.0.0.1:49970 sessionId: 0x10000ae9b960000\n\
        \tip: /127.0.0.1:49970 sessionId: 0x0\n";
    assert_eq!(
        dump(&sessions, [(session, ["/e", "/e2"])], 2, &connections),
        expected
    );
}

#[test]
fn watches_are_apaches() {
    assert_eq!(
        wchs(2, 2, 3),
        "2 connections watching 2 paths\nTotal watches:3\n"
    );
    let session = 0x0100_00ae_9b96_0000;
    assert_eq!(
        wchc(
            [(session, vec!["/e", "/nope"]), (session + 1, vec!["/e"])],
            3
        ),
        "0x10000ae9b960000\n\t/e\n\t/nope\n0x10000ae9b960001\n\t/e\n\n"
    );
    assert_eq!(
        wchp([("/e", vec![session, session + 1]), ("/nope", vec![-1])], 3),
        "/e\n\t0x10000ae9b960000\n\t0x10000ae9b960001\n/nope\n\t0xffffffffffffffff\n\n"
    );
    assert_eq!(
        wchp([("/e", [session])], 9),
        "/e\n\t0x10000ae9b960000\n8 of 9 watches are left out\n\n"
    );
}

#[test]
fn conf_is_apaches() {
    let text = conf(&Conf {
        listen: Some("127.0.0.1:23817".parse().unwrap()),
        listen_tls: None,
        data_dir: "/var/lib/keeper".into(),
        snapshots_len: 473,
        log_len: 67_108_864,
        tick_ms: 2000,
        connections_per_address: 60,
        timeouts: TimeoutRange::of_ticks(2000),
    });
    assert_eq!(
        text,
        "clientPort=23817\nsecureClientPort=-1\ndataDir=/var/lib/keeper\ndataDirSize=473\n\
         dataLogDir=/var/lib/keeper\ndataLogSize=67108864\ntickTime=2000\nmaxClientCnxns=60\n\
         minSessionTimeout=4000\nmaxSessionTimeout=40000\nclientPortListenBacklog=-1\nserverId=0\n"
    );
}

#[test]
fn envi_has_a_version_that_clients_can_read() {
    let text = envi(&Environment {
        host_name: "localhost".to_owned(),
        arch: "x86_64".to_owned(),
        kernel: "6.18.44".to_owned(),
        user: "root".to_owned(),
        home: "/root".into(),
        dir: "/".into(),
        memory_free: 248 << 20,
        memory_total: (256 << 20) + 1000,
    });
    let expected = format!(
        "Environment:\nzookeeper.version={}\nhost.name=localhost\n",
        version()
    );
    assert!(text.starts_with(&expected), "{text}");
    let end = "user.dir=/\nos.memory.free=248MB\nos.memory.max=256MB\nos.memory.total=256MB\n";
    assert!(text.ends_with(end), "{text}");
}

#[test]
fn mntr_has_apaches_names() {
    let text = mntr(&Monitor {
        summary: summary(),
        uptime_ms: 8079,
        watches: 4,
        sessions: 2,
        ephemerals: 2,
        data_size: 51,
        files_open: 45,
        files_max: 20_000,
        bytes_received: 301,
        bytes_sent: 283,
        handshakes: 2,
        connections_rejected: 0,
        frames_rejected: 0,
        auth_failed: 0,
        sessions_expired: 0,
        reads: latency(&[0, 1, 1, 1]),
        writes: latency(&[4, 4, 9, 0]),
        fsyncs: Latency::default(),
        snapshots: latency(&[3]),
    });
    // As Apache answered in the same order, less what this server does not have.
    let expected = "zk_server_state\tstandalone\nzk_ephemerals_count\t2\n\
        zk_num_alive_connections\t3\nzk_avg_latency\t2.375\nzk_outstanding_requests\t0\n\
        zk_znode_count\t7\nzk_global_sessions\t2\nzk_packets_sent\t9\nzk_packets_received\t10\n\
        zk_connection_drop_probability\t0.0\nzk_watch_count\t4\nzk_auth_failed_count\t0\n\
        zk_min_latency\t0\nzk_max_file_descriptor_count\t20000\nzk_approximate_data_size\t51\n\
        zk_open_file_descriptor_count\t45\nzk_local_sessions\t0\nzk_uptime\t8079\n\
        zk_max_latency\t9\nzk_large_requests_rejected\t0\nzk_connection_rejected\t0\n\
        zk_bytes_received_count\t301\nzk_connection_request_count\t2\nzk_response_bytes\t283\n\
        zk_stale_sessions_expired\t0\nzk_avg_fsynctime\t0.0\n\
        zk_min_fsynctime\t0\nzk_max_fsynctime\t0\nzk_cnt_fsynctime\t0\nzk_sum_fsynctime\t0\n\
        zk_avg_snapshottime\t3.0\nzk_min_snapshottime\t3\nzk_max_snapshottime\t3\n\
        zk_cnt_snapshottime\t1\nzk_sum_snapshottime\t3\nzk_avg_readlatency\t0.75\n\
        zk_min_readlatency\t0\nzk_max_readlatency\t1\nzk_cnt_readlatency\t4\n\
        zk_sum_readlatency\t3\nzk_avg_updatelatency\t4.25\nzk_min_updatelatency\t0\n\
        zk_max_updatelatency\t9\nzk_cnt_updatelatency\t4\nzk_sum_updatelatency\t17\n";
    assert_eq!(text, format!("zk_version\t{}\n{expected}", version()));
}

#[test]
fn operations_have_apaches_names() {
    for (opcode, name) in [
        (OpCode::CreateTtl, "CREA"),
        (OpCode::SetWatches, "SETW"),
        (OpCode::SetWatches2, "STW2"),
        (OpCode::GetChildren, "GETC"),
        (OpCode::GetAllChildrenNumber, "GETACN"),
        (OpCode::WhoAmI, "HOMI"),
        (OpCode::Auth, "NA"),
    ] {
        assert_eq!(operation(opcode), name);
    }
}

//! What only strange clients do: each answer was Apache's 3.8.0 to the same bytes, unless it says
//! otherwise.

use super::rig::Rig;
use bytes::{Bytes, BytesMut};
use dockeeper_zk_proto::{
    ErrorCode::{self, *},
    OpCode, Record, Stat,
    data::{CheckVersionRequest, GetAllChildrenNumberRequest},
};

const NULL: i32 = -1;

/// Each piece's encoding, one behind the other.
fn body(pieces: &[&dyn Fn(&mut BytesMut)]) -> BytesMut {
    let mut out = BytesMut::new();
    pieces.iter().for_each(|piece| piece(&mut out));
    out
}

#[test]
fn unreadable_requests_are_answered() {
    let mut rig = Rig::new();
    let client = rig.client();
    let null = body(&[&|out| NULL.encode(out), &|out| 0i64.encode(out)]);
    let no_lists = body(&[
        &|out| 0i64.encode(out),
        &|out| NULL.encode(out),
        &|out| NULL.encode(out),
        &|out| NULL.encode(out),
    ]);
    let bad_mode = body(&[&|out| "/a".to_owned().encode(out), &|out| 7.encode(out)]);
    let no_path = |flags: i32| {
        body(&[
            &|out| NULL.encode(out),
            &|out| NULL.encode(out),
            &|out| NULL.encode(out),
            &|out| flags.encode(out),
        ])
    };
    // The flags are looked at first.
    let reply = rig.raw(client, OpCode::Create.to_wire(), &no_path(-1));
    assert_eq!(reply, Some(Err(BadArguments)));
    for (opcode, body) in [
        (OpCode::Create, &no_path(0)[..]),
        (OpCode::Exists, &null[..]),
        (OpCode::Exists, b"\0\0"),
        (OpCode::GetData, b""),
        (OpCode::GetChildren2, b"\0\0\0\x09/a"),
        (OpCode::Create, b"\0\0"),
        (OpCode::Delete, b""),
        (OpCode::SetAcl, b"\0\0\0\x01/\x7f\xff\xff\xff"),
        (OpCode::SetWatches, &no_lists),
        (OpCode::AddWatch, &bad_mode),
        (OpCode::RemoveWatches, &bad_mode),
        (OpCode::CheckWatches, b""),
        (OpCode::Reconfig, b""),
        (OpCode::MultiRead, b"\0"),
    ] {
        let reply = rig.raw(client, opcode.to_wire(), body);
        assert_eq!(reply, Some(Err(MarshallingError)), "{opcode:?}");
    }
    assert_eq!(
        rig.raw(client, OpCode::DeleteContainer.to_wire(), b"/a"),
        Some(Err(BadArguments))
    );
    assert!(!rig.closed.contains(&client));
}

#[test]
fn null_has_a_meaning_here_and_there() {
    let mut rig = Rig::new();
    let client = rig.client();
    let null = NULL.to_bytes();
    let mut call = |opcode: OpCode| rig.raw(client, opcode.to_wire(), &null).unwrap();
    assert_eq!(call(OpCode::Sync), Ok(null.clone()));
    assert_eq!(call(OpCode::GetEphemerals), Ok(0.to_bytes()));
    let any = 3;
    let no_path = body(&[&|out| NULL.encode(out), &|out| any.encode(out)]);
    let reply = rig.raw(client, OpCode::RemoveWatches.to_wire(), &no_path);
    assert_eq!(reply, Some(Err(NoWatcher)));
    let reconfig = body(&[
        &|out| NULL.encode(out),
        &|out| NULL.encode(out),
        &|out| NULL.encode(out),
        &|out| (-1i64).encode(out),
    ]);
    let reply = rig.raw(client, OpCode::Reconfig.to_wire(), &reconfig);
    assert_eq!(reply, Some(Err(ReconfigDisabled)));
}

#[test]
fn a_null_path_may_be_as_bad_as_an_empty_one() {
    let mut rig = Rig::new();
    let client = rig.client();
    let nulls = [0xff; 12];
    for (opcode, len) in [
        (OpCode::SetData, 12),
        (OpCode::SetAcl, 12),
        (OpCode::Check, 8),
    ] {
        let opcode = opcode.to_wire();
        let reply = rig.raw(client, opcode, &nulls[..len]);
        assert_eq!(reply, Some(Err(BadArguments)), "{opcode}");
        let multi = body(&[
            &|out| opcode.encode(out),
            &|out| false.encode(out),
            &|out| NULL.encode(out),
            &|out| out.extend_from_slice(&nulls[..len]),
            &|out| NULL.encode(out),
            &|out| true.encode(out),
            &|out| NULL.encode(out),
        ]);
        let reply = rig.raw(client, OpCode::Multi.to_wire(), &multi);
        assert_eq!(reply, Some(Err(MarshallingError)), "{opcode} in a multi");
    }
}

#[test]
fn what_is_no_operation_closes() {
    let mut rig = Rig::new();
    // Apache answers a client's own createSession with a second handshake.
    for opcode in [77, 0, -1, 10, OpCode::CreateSession.to_wire(), i32::MIN] {
        let client = rig.client();
        assert_eq!(rig.raw(client, opcode, b"abc"), Some(Err(Unimplemented)));
        assert!(rig.closed.contains(&client));
    }
}

#[test]
fn sasl_is_not_there_and_does_no_harm() {
    let mut rig = Rig::new();
    let client = rig.client();
    let reply = rig.raw(client, OpCode::Sasl.to_wire(), &0.to_bytes());
    assert_eq!(reply, Some(Ok(NULL.to_bytes())));
    assert_eq!(rig.header.unwrap().zxid, 0);
    assert!(rig.exists(client, "/").is_ok());
}

#[test]
fn text_that_is_none() {
    let mut rig = Rig::new();
    let client = rig.client();
    let watch = false;
    let path = Bytes::from_static(b"/\xff\xfe");
    let path_of = |out: &mut BytesMut| Some(path.clone()).encode(out);
    let exists = body(&[&path_of, &|out| watch.encode(out)]);
    assert_eq!(
        rig.raw(client, OpCode::Exists.to_wire(), &exists),
        Some(Err(NoNode))
    );
    let set = body(&[
        &|out| Some(path.clone()).encode(out),
        &|out| NULL.encode(out),
        &|out| NULL.encode(out),
    ]);
    assert_eq!(
        rig.raw(client, OpCode::SetData.to_wire(), &set),
        Some(Err(BadArguments))
    );
    assert_eq!(rig.exists(client, "/a\0"), Err(BadArguments));
    assert_eq!(rig.exists(client, "a/b"), Err(NoNode));
}

#[test]
fn a_check_by_itself() {
    let mut rig = Rig::new();
    let client = rig.client();
    rig.make(client, "/a");
    let mut check = |version| -> Result<Stat, ErrorCode> {
        let path = "/a".to_owned();
        rig.call_as(
            client,
            OpCode::Check,
            &CheckVersionRequest { path, version },
        )
    };
    assert_eq!(check(1), Err(BadVersion));
    // Apache's server never answers this one.
    assert_eq!(check(0).unwrap().czxid, 2);
}

#[test]
fn counting_everything() {
    let mut rig = Rig::new();
    let client = rig.client();
    rig.make(client, "/a");
    rig.make(client, "/a/b");
    rig.make(client, "/ab");
    let mut count = |path: &str| {
        let path = path.to_owned();
        rig.call(client, &GetAllChildrenNumberRequest { path })
            .map(|reply| reply.total)
    };
    assert_eq!(count("/"), Ok(6));
    assert_eq!(count(""), Ok(7));
    assert_eq!(count("/a"), Ok(1));
    assert_eq!(count("/a/b"), Ok(0));
    assert_eq!(count("/no"), Err(NoNode));
}

#[test]
fn frames_that_are_none_or_too_long_close() {
    let mut rig = Rig::new();
    let client = rig.client();
    let long = vec![0; 0xf_ffff];
    assert_eq!(rig.raw(client, OpCode::Ping.to_wire(), &long), None);
    assert!(rig.closed.contains(&client));
}

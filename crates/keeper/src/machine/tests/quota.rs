use super::rig::{Client, Rig};
use crate::Rules;
use bytes::Bytes;
use dockeeper_zk_proto::{
    ErrorCode::QuotaExceeded,
    OpCode, Stat,
    acl::Acl,
    create::{CreateMode, CreateRequest},
};

const LIMITS: &str = "/zookeeper/quota/a/zookeeper_limits";
const STATS: &str = "/zookeeper/quota/a/zookeeper_stats";

fn with_quota(rules: Rules, limits: &str) -> (Rig, Client) {
    let mut rig = Rig::with_rules(rules);
    let client = rig.client();
    for path in ["/a", "/a/b", "/zookeeper/quota/a", LIMITS, STATS] {
        rig.make(client, path);
    }
    rig.set(client, LIMITS, limits).unwrap();
    (rig, client)
}

#[test]
fn what_there_is_is_counted() {
    let (mut rig, client) = with_quota(Rules::default(), "count=1,bytes=1=;byteHardLimit=1");
    assert_eq!(rig.text(client, STATS), "count=2,bytes=8");
    rig.make(client, "/a/c");
    rig.set(client, "/a/b", "longer").unwrap();
    rig.make(client, "/other");
    assert_eq!(rig.text(client, STATS), "count=3,bytes=14");
    rig.delete(client, "/a/c").unwrap();
    assert_eq!(rig.text(client, STATS), "count=2,bytes=10");
    let stat = rig.exists(client, STATS).unwrap();
    assert_eq!(
        (stat.version, stat.czxid),
        (0, stat.mzxid),
        "counting is no change"
    );
    rig.delete(client, LIMITS).unwrap();
    rig.make(client, "/a/d");
    assert_eq!(
        rig.text(client, STATS),
        "count=2,bytes=10",
        "no limits, no count"
    );
    assert_eq!(rig.replayed().dump(), rig.machine.dump());
}

#[test]
fn counts_are_no_part_of_a_creation() {
    let (mut rig, client) = with_quota(Rules::default(), "count=1,bytes=1");
    rig.delete(client, STATS).unwrap();
    let request = CreateRequest {
        path: STATS.to_owned(),
        data: Some(Bytes::from_static(b"mine")),
        acl: Acl::open(),
        flags: CreateMode::Persistent.to_wire(),
    };
    let created = rig.create2(client, OpCode::Create2, &request).unwrap();
    assert_eq!(created.stat.data_len, 4);
    let counted = rig.exists(client, STATS).unwrap();
    let data_len = "count=2,bytes=8".len() as i32;
    assert_eq!(
        counted,
        Stat {
            data_len,
            ..created.stat
        }
    );
}

#[test]
fn what_is_no_count_begins_anew() {
    let (mut rig, client) = with_quota(Rules::default(), "what");
    rig.set(client, STATS, "ever").unwrap();
    rig.make(client, "/a/c");
    assert_eq!(rig.text(client, STATS), "count=0,bytes=3");
    rig.delete(client, STATS).unwrap();
    rig.make(client, "/a/d");
}

#[test]
fn hard_limits_are_enforced_by_a_setting() {
    let rules = Rules {
        enforces_quotas: true,
        ..Rules::default()
    };
    let limits = "count=1,bytes=-1=;byteHardLimit=14;countHardLimit=3";
    let (mut rig, client) = with_quota(rules, limits);
    rig.make(client, "/a/c");
    let mode = CreateMode::Persistent;
    assert_eq!(rig.create(client, "/a/d", mode), Err(QuotaExceeded));
    assert_eq!(rig.set(client, "/a/b", "1234567"), Err(QuotaExceeded));
    rig.set(client, "/a/b", "123456").unwrap();
    rig.make(client, "/other");
}

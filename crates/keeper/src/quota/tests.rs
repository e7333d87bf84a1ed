use super::*;
use proptest::{option, prelude::*};

#[test]
fn reads_what_apache_writes() {
    let limits = Limits::parse(b"count=5,bytes=-1=;byteHardLimit=-1;countHardLimit=7").unwrap();
    assert_eq!(
        limits,
        Limits {
            count: Some(5),
            bytes: None,
            count_hard: Some(7),
            bytes_hard: None,
        }
    );
    assert_eq!(
        limits.to_string(),
        "count=5,bytes=-1=;byteHardLimit=-1;countHardLimit=7"
    );
    let old = Limits::parse(b"count=-1,bytes=100").unwrap();
    assert_eq!(old.to_string(), "count=-1,bytes=100");
    let usage = Usage::parse(b"count=3,bytes=12").unwrap();
    assert_eq!(
        usage,
        Usage {
            count: 3,
            bytes: 12
        }
    );
    assert_eq!(usage.to_string(), "count=3,bytes=12");
}

#[test]
fn is_as_lenient_as_apache() {
    let unset = Usage {
        count: -1,
        bytes: -1,
    };
    assert_eq!(Usage::parse(b""), Ok(unset));
    assert_eq!(Usage::parse(b";,new=3,"), Ok(unset));
    assert_eq!(
        Usage::parse(b"count==3,bytes=2=3"),
        Ok(Usage {
            count: -1,
            bytes: 2
        })
    );
    assert_eq!(Usage::parse(b"count=1;count=2").unwrap().count, 2);
    assert_eq!(Limits::parse(b"count=-5"), Ok(Limits::default()));
    for data in [
        "count",
        "count=",
        "count==",
        "count=x",
        "count=1 ",
        "count=1.5",
    ] {
        let error = Usage::parse(data.as_bytes()).unwrap_err();
        assert_eq!(error, Malformed::Part(data.to_owned()));
    }
    assert_eq!(Usage::parse(b"\xff"), Err(Malformed::NotUtf8));
}

#[test]
fn finds_the_tree_of_a_quota() {
    assert_eq!(
        QuotaNode::of("/zookeeper/quota/a/b/zookeeper_limits"),
        Some((QuotaNode::Limits, "/a/b"))
    );
    assert_eq!(
        QuotaNode::of("/zookeeper/quota/a/zookeeper_stats"),
        Some((QuotaNode::Stats, "/a"))
    );
    for path in [
        "/",
        "/zookeeper_limits",
        "/a/zookeeper_limits",
        "/zookeeper/quota",
        "/zookeeper/quota/zookeeper_limits",
        "/zookeeper/quotas/a/zookeeper_limits",
        "/zookeeper/quota/a/other",
    ] {
        assert_eq!(QuotaNode::of(path), None, "{path}");
    }
    for kind in [QuotaNode::Limits, QuotaNode::Stats] {
        assert_eq!(QuotaNode::of(&kind.path("/a/b")), Some((kind, "/a/b")));
    }
}

#[test]
fn the_nearest_quota_governs() {
    let mut governed = Governed::default();
    assert_eq!(governed.tree("/a"), None);
    governed.add("/a");
    governed.add("/a/b/c");
    for (path, tree) in [
        ("/", None),
        ("/ab", None),
        ("/a", Some("/a")),
        ("/a/b", Some("/a")),
        ("/a/b/c", Some("/a/b/c")),
        ("/a/b/c/d", Some("/a/b/c")),
        ("/a/b/cd", Some("/a")),
    ] {
        assert_eq!(governed.tree(path), tree, "{path}");
    }
    governed.remove("/a/b/c");
    assert_eq!(governed.tree("/a/b/c/d"), Some("/a"));
}

#[test]
fn a_hard_limit_comes_before_a_soft_one() {
    let limits = Limits {
        count: Some(1),
        bytes: Some(10),
        count_hard: None,
        bytes_hard: Some(20),
    };
    let usage = Usage {
        count: 1,
        bytes: 15,
    };
    assert_eq!(limits.check(usage, Usage::of_set(5, 10)), Ok(()));
    let soft = limits.check(usage, Usage::of_node(5)).unwrap_err();
    assert_eq!(
        (soft.what, soft.value, soft.limit, soft.is_hard),
        ("znodes", 2, 1, false)
    );
    let hard = limits.check(usage, Usage::of_node(6)).unwrap_err();
    assert_eq!(
        (hard.what, hard.value, hard.limit, hard.is_hard),
        ("bytes", 21, 20, true)
    );
    assert_eq!(
        hard.to_string(),
        "the tree would have 21 bytes, and its hard limit is 20; delete some or raise the limit"
    );
    let over = Usage {
        count: 9,
        bytes: 99,
    };
    assert_eq!(
        limits.check(over, Usage::default()),
        Ok(()),
        "nothing changes"
    );
    assert!(
        limits.check(over, Usage::of_set(10, 5)).is_err(),
        "less, and still too much"
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        count in option::of(0..i64::MAX), bytes in option::of(0..i64::MAX),
        count_hard in option::of(0..i64::MAX), bytes_hard in option::of(0..i64::MAX),
        usage in any::<(i64, i64)>(), garbage in "[a-z=,;0-9-]{0,30}",
    ) {
        let limits = Limits { count, bytes, count_hard, bytes_hard };
        prop_assert_eq!(Limits::parse(limits.to_string().as_bytes()), Ok(limits));
        let usage = Usage { count: usage.0, bytes: usage.1 };
        prop_assert_eq!(Usage::parse(usage.to_string().as_bytes()), Ok(usage));
        drop(Limits::parse(garbage.as_bytes()));
    }
}

use super::*;

fn drain(ledger: &mut Ledger) -> Vec<Write> {
    std::iter::from_fn(|| ledger.next_write(true)).collect()
}

fn content(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

#[test]
fn a_change_during_a_write_is_written_behind_it() {
    let mut ledger = Ledger::new("/c");
    ledger.want("/a".into(), Some(content("1")));
    assert_eq!(
        drain(&mut ledger),
        [Write::Create("/a".into(), content("1"))]
    );
    ledger.want("/a".into(), Some(content("2")));
    assert_eq!(drain(&mut ledger), []);
    ledger.done("/a", Outcome::Holds(content("1")));
    assert_eq!(drain(&mut ledger), [Write::Set("/a".into(), content("2"))]);
    ledger.done("/a", Outcome::Holds(content("2")));
    assert_eq!(drain(&mut ledger), []);
}

#[test]
fn nothing_is_deleted_before_everything_is_known() {
    let mut ledger = Ledger::new("/");
    ledger.found(["/old".into(), "/same".into()]);
    let reads = drain(&mut ledger);
    assert_eq!(
        reads,
        [Write::Read("/old".into()), Write::Read("/same".into())]
    );
    ledger.done("/old", Outcome::Holds(content("x")));
    ledger.done("/same", Outcome::Holds(content("y")));
    ledger.want("/same".into(), Some(content("y")));
    assert_eq!(drain(&mut ledger), []);
    ledger.complete();
    assert_eq!(drain(&mut ledger), [Write::Delete("/old".into())]);
}

#[test]
fn an_unknown_outcome_is_looked_at_first() {
    let mut ledger = Ledger::new("/");
    ledger.want("/a".into(), Some(content("1")));
    drain(&mut ledger);
    ledger.done("/a", Outcome::Unknown);
    assert_eq!(drain(&mut ledger), [Write::Read("/a".into())]);
    ledger.done("/a", Outcome::Absent);
    assert_eq!(
        drain(&mut ledger),
        [Write::Create("/a".into(), content("1"))]
    );
    ledger.done("/a", Outcome::Failed(String::new()));
    assert_eq!(drain(&mut ledger), []);
    ledger.retry();
    assert_eq!(
        drain(&mut ledger),
        [Write::Create("/a".into(), content("1"))]
    );
}

#[test]
fn what_somebody_else_holds_waits_until_it_is_free() {
    let mut ledger = Ledger::new("/");
    let create = Write::Create("/a".into(), content("1"));
    let taken = || {
        Outcome::Taken(Holder {
            session: 7,
            node: None,
        })
    };
    ledger.want("/a".into(), Some(content("1")));
    assert_eq!(drain(&mut ledger), std::slice::from_ref(&create));
    ledger.done("/a", taken());
    ledger.look_again("/other");
    assert_eq!(drain(&mut ledger), []);
    ledger.look_again("/a");
    assert_eq!(drain(&mut ledger), std::slice::from_ref(&create));
    ledger.done("/a", taken());
    ledger.retry();
    assert_eq!(drain(&mut ledger), [create]);
}

#[test]
fn a_session_holds_only_so_many_paths() {
    let mut ledger = Ledger::new("/chroot");
    let path = |number: usize| format!("/{number:0>1016}");
    let fits = PATHS_LEN_MAX / 1024;
    for number in 0..fits + 2 {
        ledger.want(path(number), Some(content("")));
    }
    let writes = drain(&mut ledger);
    assert_eq!(writes.len(), fits);
    assert_eq!(ledger.over_limit().len(), 2);
    for number in 0..fits {
        ledger.done(&path(number), Outcome::Holds(content("")));
    }
    ledger.complete();
    ledger.want(path(0), None);
    assert_eq!(drain(&mut ledger), [Write::Delete(path(0))]);
    ledger.done(&path(0), Outcome::Absent);
    let writes = drain(&mut ledger);
    assert_eq!(writes.len(), 1, "the room is used at once");
    assert_eq!(ledger.over_limit().len(), 1);
    // What cannot be written takes no room, and gives it to the next.
    let refused = writes.into_iter().next().unwrap().into_path();
    ledger.done(&refused, Outcome::Failed(String::new()));
    assert_eq!(drain(&mut ledger).len(), 1);
    assert_eq!(ledger.over_limit().len(), 0);
}

#[test]
fn what_others_change_is_found_and_repaired() {
    let mut ledger = Ledger::new("/");
    for path in ["/a", "/b"] {
        ledger.want(path.into(), Some(content("1")));
        drain(&mut ledger);
        ledger.done(path, Outcome::Holds(content("1")));
    }
    let found = || ["/a".to_owned(), "/b".to_owned()];
    ledger.found(found());
    assert_eq!(ledger.next_write(false), None, "looking is not urgent");
    ledger.want("/b".into(), Some(content("2")));
    let set = Write::Set("/b".into(), content("2"));
    assert_eq!(drain(&mut ledger), [set, Write::Read("/a".into())]);
    ledger.done("/a", Outcome::Holds(content("hacked")));
    ledger.done("/b", Outcome::Holds(content("2")));
    assert_eq!(drain(&mut ledger), [Write::Set("/a".into(), content("1"))]);
    ledger.done("/a", Outcome::Holds(content("1")));
    assert_eq!(drain(&mut ledger), []);
}

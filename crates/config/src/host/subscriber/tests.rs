use super::*;

const NEVER: &str = "no such host";

fn digest(byte: u8) -> Digest {
    Digest::new([byte; Digest::LEN])
}

fn seen(release: u64, byte: u8) -> Option<Seen> {
    let digest = digest(byte);
    Some(Seen { release, digest })
}

/// A container that runs release 1, well, and is told to run 2.
fn on_its_way() -> Subscriber {
    let mut subscriber = Subscriber::new("web-1".to_owned(), seen(1, 1), false, 0);
    let inputs = [
        (Input::Wanted(1), Some(Effect::Prepare(1))),
        (Input::Prepared(Ok(digest(1))), Some(Effect::Judge)),
        (Input::Judged(Ok(())), None),
        (Input::Wanted(2), Some(Effect::Prepare(2))),
    ];
    for (input, effect) in inputs {
        assert_eq!(subscriber.handle(0, input.clone()), effect, "{input:?}");
    }
    subscriber
}

fn step(subscriber: &Subscriber) -> (Option<u64>, Step, String) {
    let ack = subscriber.ack().unwrap();
    (ack.running, ack.step, ack.reason)
}

#[test]
fn each_step_is_said_when_it_is_done() {
    let mut subscriber = on_its_way();
    for (at, (input, effect, said)) in [
        (Input::Fetched, None, (Some(1), Step::Fetched)),
        (
            Input::Prepared(Ok(digest(2))),
            Some(Effect::Check),
            (Some(1), Step::Rendered),
        ),
        (
            Input::Checked(Ok(())),
            Some(Effect::Swap),
            (Some(1), Step::Checked),
        ),
        (
            Input::Swapped(Ok(())),
            Some(Effect::Act),
            (Some(2), Step::Swapped),
        ),
        (
            Input::Acted(Ok(())),
            Some(Effect::Judge),
            (Some(2), Step::Acted),
        ),
        (Input::Judged(Ok(())), None, (Some(2), Step::Healthy)),
    ]
    .into_iter()
    .enumerate()
    {
        let now_ms = i64::try_from(at).unwrap();
        assert_eq!(
            subscriber.handle(now_ms, input.clone()),
            effect,
            "{input:?}"
        );
        let ack = subscriber.ack().unwrap();
        assert_eq!((ack.running, ack.step), said, "{input:?}");
        assert_eq!((ack.target, ack.since_ms), (2, now_ms));
    }
}

#[test]
fn what_fails_its_check_is_never_seen() {
    let mut subscriber = on_its_way();
    subscriber.handle(0, Input::Prepared(Ok(digest(2))));
    let refused = Input::Checked(Err("unknown directive".to_owned()));
    assert_eq!(subscriber.handle(0, refused), None);
    let said = (Some(1), Step::Failed, "unknown directive".to_owned());
    assert_eq!(step(&subscriber), said);
    assert_eq!(subscriber.handle(9, Input::Tick), None);
    // The way back: what the container sees is what it is to see.
    assert_eq!(
        subscriber.handle(9, Input::Wanted(3)),
        Some(Effect::Prepare(3))
    );
    let same = Input::Prepared(Ok(digest(1)));
    assert_eq!(subscriber.handle(9, same), Some(Effect::Judge));
    subscriber.handle(9, Input::Judged(Ok(())));
    assert_eq!(step(&subscriber), (Some(3), Step::Healthy, String::new()));
}

#[test]
fn a_container_that_was_not_told_is_told_of_the_last() {
    let mut subscriber = on_its_way();
    subscriber.handle(0, Input::Prepared(Ok(digest(2))));
    subscriber.handle(0, Input::Checked(Ok(())));
    subscriber.handle(0, Input::Wanted(3));
    // The container sees 2 by now; 3 has the same content.
    assert_eq!(
        subscriber.handle(0, Input::Swapped(Ok(()))),
        Some(Effect::Prepare(3))
    );
    let same = Input::Prepared(Ok(digest(2)));
    assert_eq!(subscriber.handle(0, same), Some(Effect::Act));
    let failed = Input::Acted(Err("exited with 1".to_owned()));
    assert_eq!(subscriber.handle(0, failed), None);
    assert!(subscriber.owes());
    assert_eq!(
        subscriber.handle(0, Input::Wanted(4)),
        Some(Effect::Prepare(4))
    );
    let same = Input::Prepared(Ok(digest(2)));
    assert_eq!(subscriber.handle(0, same), Some(Effect::Act));
}

#[test]
fn a_trouble_that_passes_is_waited_for() {
    let mut subscriber = on_its_way();
    let pause_ms = i64::try_from(PAUSE_MIN.as_millis()).unwrap();
    for pause_ms in [pause_ms, 2 * pause_ms, 4 * pause_ms] {
        let trouble = Trouble::Passing("no connection".to_owned());
        assert_eq!(subscriber.handle(0, Input::Prepared(Err(trouble))), None);
        assert_eq!(step(&subscriber).1, Step::Waiting);
        assert_eq!(subscriber.deadline_ms(), Some(pause_ms));
        assert_eq!(subscriber.handle(pause_ms - 1, Input::Tick), None);
        let again = subscriber.handle(pause_ms, Input::Tick);
        assert_eq!(again, Some(Effect::Prepare(2)));
    }
    let trouble = Trouble::Lasting(NEVER.to_owned());
    assert_eq!(subscriber.handle(0, Input::Prepared(Err(trouble))), None);
    assert_eq!(step(&subscriber), (Some(1), Step::Failed, NEVER.to_owned()));
    assert_eq!(subscriber.deadline_ms(), None);
}

#[test]
fn a_judgement_is_given_up_for_a_newer_release() {
    let mut subscriber = on_its_way();
    subscriber.handle(0, Input::Prepared(Ok(digest(2))));
    subscriber.handle(0, Input::Checked(Ok(())));
    subscriber.handle(0, Input::Swapped(Ok(())));
    assert_eq!(
        subscriber.handle(0, Input::Acted(Ok(()))),
        Some(Effect::Judge)
    );
    assert_eq!(subscriber.handle(0, Input::Wanted(2)), None);
    assert_eq!(
        subscriber.handle(0, Input::Wanted(3)),
        Some(Effect::Prepare(3))
    );
    let said = (Some(2), Step::Waiting, String::new());
    assert_eq!(step(&subscriber), said);
}

#[test]
fn what_is_rendered_again_to_the_same_disturbs_nobody() {
    let mut subscriber = on_its_way();
    subscriber.handle(0, Input::Wanted(1));
    let late = subscriber.handle(0, Input::Prepared(Ok(digest(2))));
    assert_eq!(late, Some(Effect::Prepare(1)));
    subscriber.handle(0, Input::Prepared(Ok(digest(1))));
    subscriber.handle(0, Input::Judged(Ok(())));
    assert_eq!(
        subscriber.handle(5, Input::Outdated),
        Some(Effect::Prepare(1))
    );
    assert_eq!(subscriber.handle(5, Input::Prepared(Ok(digest(1)))), None);
    assert_eq!(step(&subscriber), (Some(1), Step::Healthy, String::new()));
    assert_eq!(subscriber.ack().unwrap().since_ms, 0);
    // Other services: the way is the whole way.
    assert_eq!(
        subscriber.handle(6, Input::Outdated),
        Some(Effect::Prepare(1))
    );
    let other = Input::Prepared(Ok(digest(3)));
    assert_eq!(subscriber.handle(6, other), Some(Effect::Check));
    assert_eq!(
        subscriber.handle(6, Input::Checked(Ok(()))),
        Some(Effect::Swap)
    );
    assert_eq!(
        subscriber.handle(6, Input::Swapped(Ok(()))),
        Some(Effect::Act)
    );
    assert_eq!(step(&subscriber).1, Step::Swapped);
}

#[test]
fn illness_comes_and_goes() {
    let mut subscriber = on_its_way();
    subscriber.handle(0, Input::Prepared(Ok(digest(2))));
    subscriber.handle(0, Input::Checked(Ok(())));
    subscriber.handle(0, Input::Swapped(Ok(())));
    // Not judged yet: what it was like before says nothing.
    subscriber.handle(0, Input::Health(Err("old news".to_owned())));
    subscriber.handle(0, Input::Acted(Ok(())));
    let ill = Err("connection refused".to_owned());
    subscriber.handle(0, Input::Judged(ill.clone()));
    assert_eq!(
        step(&subscriber),
        (Some(2), Step::Failed, "connection refused".to_owned())
    );
    subscriber.handle(0, Input::Health(Ok(())));
    assert_eq!(step(&subscriber), (Some(2), Step::Healthy, String::new()));
    subscriber.handle(0, Input::Health(ill));
    assert_eq!(step(&subscriber).1, Step::Failed);
}

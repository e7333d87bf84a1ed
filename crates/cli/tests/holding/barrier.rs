use crate::keeper::Keeper;

#[test]
fn many_wait_until_one_opens_the_barrier() {
    let keeper = Keeper::start();
    assert_eq!(keeper.run(&["barrier", "wait", "b"]).code, Some(0));
    assert_eq!(keeper.run(&["barrier", "close", "b"]).code, Some(0));
    for wait in ["0", "100ms"] {
        let ended = keeper.run(&["barrier", "wait", "b", "--wait", wait]);
        assert_eq!(ended.code, Some(124), "{}", ended.stderr);
    }
    let waiting = keeper.hold(&["barrier", "wait", "b"]);
    assert_eq!(keeper.run(&["barrier", "open", "b"]).code, Some(0));
    assert_eq!(waiting.end().0, Some(0));
    let again = keeper.run(&["barrier", "open", "b"]);
    assert!(again.stderr.contains("was open"), "{}", again.stderr);
}

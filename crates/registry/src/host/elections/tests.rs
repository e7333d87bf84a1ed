use super::*;
use dockeeper_engine::fake::Fake;
use dockeeper_zk_client::clock::TokioClock;
use tokio::time::timeout;

#[tokio::test]
async fn it_ends_when_nobody_is_left_to_say_anything() {
    let folder = tempfile::tempdir().unwrap();
    for has_begun in [false, true] {
        let config = Config {
            node: "h1".parse().unwrap(),
            hostname: "h1".to_owned(),
            chroot: String::new(),
            journal: folder.path().join("elections"),
            now_ms: || 0,
            clock: Arc::new(TokioClock::default()),
        };
        let link = Link::default();
        let (mut elections, handle) = Elections::new(config, Arc::new(Fake::new(1)), &link);
        if has_begun {
            link.contenders.send_replace(Some(Contenders::default()));
        }
        let watched = elections.contenders.clone();
        elections.contenders.mark_unchanged();
        // As an agent does that fails at its start.
        drop((link, handle));
        assert!(watched.has_changed().is_err());
        let ended = timeout(END_LIMIT, elections.run()).await;
        ended.expect("it waits for somebody who is not there");
    }
}

use crate::{
    raw::{create_as, get},
    world::World,
};

#[tokio::test]
async fn each_word_is_answered() {
    let world = World::start().await;
    let mut raw = world.session().await;
    raw.call(&create_as("/e", b"12345", 1)).await.unwrap();
    raw.call(&get("/e", true)).await.unwrap();
    for (word, part) in [
        ("ruok", "imok"),
        ("isro", "rw"),
        ("srvr", "\nMode: standalone\nNode count: "),
        ("stat", "\nClients:\n /127.0.0.1:"),
        ("mntr", "zk_ephemerals_count\t1\n"),
        ("mntr", "zk_watch_count\t1\n"),
        ("mntr", "zk_global_sessions\t1\n"),
        ("mntr", "zk_cnt_updatelatency\t1\n"),
        ("cons", ",lop=GETD,"),
        ("dump", "\t/e\n"),
        ("envi", "zookeeper.version=3.8.0"),
        ("conf", "tickTime=100\n"),
        ("wchs", "1 connections watching 1 paths\n"),
        ("wchc", "\t/e\n"),
        ("wchp", "/e\n\t0x"),
    ] {
        let answer = world.ask(word).await;
        assert!(answer.contains(part), "{word}: {answer}");
    }
}

#[tokio::test]
async fn a_word_may_have_a_line_end_behind_it() {
    let world = World::start().await;
    for _ in 0..50 {
        assert_eq!(world.ask("ruok\r\n").await, "imok");
    }
}

#[tokio::test]
async fn only_words_of_the_whitelist_are_answered() {
    let world = World::start_with(|config| config.words = "ruok".parse().unwrap()).await;
    assert_eq!(world.ask("ruok").await, "imok");
    assert!(world.ask("srvr").await.contains("Mode:"));
    let refused = "mntr is not executed because it is not in the whitelist.\n";
    assert_eq!(world.ask("mntr").await, refused);
}

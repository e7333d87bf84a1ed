use crate::{
    raw::{create_as, exists, get},
    world::{LIMIT, World},
};
use dockeeper_keeper::words::ENTRIES_MAX;
use tokio::time::timeout;

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
async fn a_list_without_an_end_is_cut_and_says_so() {
    const MORE: usize = 5;
    let world = World::start().await;
    let mut raw = world.session().await;
    for number in 0..ENTRIES_MAX + MORE {
        raw.call(&exists(&format!("/{number}"), true))
            .await
            .unwrap_err();
    }
    let all = ENTRIES_MAX + MORE;
    for word in ["wchc", "wchp"] {
        let answer = world.ask(word).await;
        let end = format!("\n{MORE} of {all} watches are left out\n\n");
        assert!(answer.ends_with(&end), "{word}");
    }
    assert!(world.ask("wchs").await.contains(&format!("{all} paths")));
    // What is left of a connection that is gone is cleared away.
    drop(raw);
    let cleared = timeout(LIMIT, async {
        let none = "0 connections watching 0 paths\n";
        while !world.ask("wchs").await.starts_with(none) {}
    });
    cleared.await.expect("nothing stays of what is gone");
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

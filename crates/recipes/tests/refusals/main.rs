//! The recipes against a server that refuses what no real one can be made to refuse at
//! the right moment.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod server;

use dockeeper_recipes::{Error, Options, Tree, mutex, tree::Stopped};
use dockeeper_zk_client::{Client, ErrorCode};
use dockeeper_zk_proto::OpCode;
use server::Server;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// More than any pause, on the paused clock.
const LIMIT: Duration = Duration::from_secs(60);

fn mirrored(tree: &Tree) -> Vec<String> {
    tree.read(|nodes| nodes.keys().cloned().collect())
}

async fn becomes_current(tree: &Tree, client: &Client) {
    tokio::select! {
        current = timeout(LIMIT, tree.current()) => current.unwrap(),
        stopped = tree.run(client) => panic!("{stopped:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_for_a_moment_is_asked_for_again() {
    const TRIES: usize = 3;
    for code in [ErrorCode::Throttled, ErrorCode::SessionMoved] {
        for opcode in [OpCode::AddWatch, OpCode::GetData, OpCode::GetChildren2] {
            let server = Server::new(&["/r", "/r/a"]);
            server.refuse(opcode, "/r", code, TRIES);
            let client = Client::connect(server.config());
            let tree = Tree::new("/r");
            becomes_current(&tree, &client).await;
            assert_eq!(mirrored(&tree), ["/r", "/r/a"], "{opcode:?} {code}");
            assert_eq!(server.refused(), TRIES, "{opcode:?} {code}");
            assert_eq!(tree.hidden(), [""; 0]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_throttles_for_long_is_not_asked_without_a_pause() {
    let server = Server::new(&["/r"]);
    server.refuse(OpCode::GetData, "/r", ErrorCode::Throttled, 100);
    let client = Client::connect(server.config());
    let tree = Tree::new("/r");
    let began = Instant::now();
    let followed = timeout(Duration::from_secs(20), tree.run(&client)).await;
    assert!(followed.is_err(), "{followed:?}");
    assert!(began.elapsed() >= Duration::from_secs(20));
    assert!(!tree.changes().borrow().is_current);
    // Six short pauses, and then one of half a second to one each time.
    assert!(
        (20..=50).contains(&server.refused()),
        "{}",
        server.refused()
    );
    // It goes on where it is.
    server.refuse(OpCode::GetData, "/r", ErrorCode::Throttled, 0);
    becomes_current(&tree, &client).await;
}

#[tokio::test(start_paused = true)]
async fn any_other_refusal_ends_the_following() {
    let server = Server::new(&["/r"]);
    server.refuse(OpCode::GetData, "/r", ErrorCode::MarshallingError, 1);
    let client = Client::connect(server.config());
    let stopped = timeout(LIMIT, Tree::new("/r").run(&client)).await.unwrap();
    let Stopped::Refused(error) = stopped else {
        panic!("{stopped:?}");
    };
    assert!(error.is(ErrorCode::MarshallingError), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_read_is_named_and_the_rest_is_mirrored() {
    let server = Server::new(&["/r", "/r/a", "/r/b", "/r/b/c"]);
    server.refuse(OpCode::GetData, "/r/a", ErrorCode::NoAuth, usize::MAX);
    server.refuse(OpCode::GetChildren2, "/r/b", ErrorCode::NoAuth, 1);
    let client = Client::connect(server.config());
    let tree = Tree::new("/r");
    becomes_current(&tree, &client).await;
    assert_eq!(mirrored(&tree), ["/r"]);
    assert_eq!(tree.hidden(), ["/r/a", "/r/b"]);
    let changes = tree.changes().borrow().changes;
    // Followed anew, it finds what may be read now.
    becomes_current(&tree, &client).await;
    assert_eq!(mirrored(&tree), ["/r", "/r/b", "/r/b/c"]);
    assert_eq!(tree.hidden(), ["/r/a"]);
    assert!(tree.changes().borrow().changes > changes);
}

/// A session that is about to end may leave a znode with the contender's own identifier.
#[tokio::test(start_paused = true)]
async fn a_znode_of_another_session_is_not_taken_for_ones_own() {
    let server = Server::new(&["/l"]);
    server.steal_creation();
    let client = Client::connect(server.config());
    let options = Options {
        wait: false,
        ..Options::default()
    };
    let acquiring = mutex::acquire(&client, "/l", &options);
    let refused = timeout(LIMIT, acquiring).await.unwrap();
    let Err(Error::Taken { by, .. }) = refused else {
        panic!("{refused:?}");
    };
    // What is left is not this session's to delete.
    let cleared = async {
        while server.children("/l").len() > 1 {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(LIMIT, cleared).await.unwrap();
    assert_eq!(server.children("/l"), [by]);
}

#[tokio::test(start_paused = true)]
async fn a_lock_whose_counter_is_at_its_end_is_refused() {
    let server = Server::new(&["/l"]);
    server.count_from(i32::MAX);
    let client = Client::connect(server.config());
    let options = Options::default();
    let acquiring = mutex::acquire(&client, "/l", &options);
    let refused = timeout(LIMIT, acquiring).await.unwrap().unwrap_err();
    let path = "/l".to_owned();
    assert_eq!(refused, Error::Exhausted { path });
}

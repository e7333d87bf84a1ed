//! Leadership goes from one candidate to the next.

use crate::{
    clients::{SHORT, config},
    world::{World, lost, named, outcome},
};
use dockeeper_recipes::{Error, Held, Lost, Naming, Options, election};
use dockeeper_testbed::wait::soon;
use dockeeper_zk_client::{Client, Ended, path};
use tokio::task::JoinHandle;

const ELECTION: &str = "/elections/chief";

fn stand(client: &Client, id: &str, naming: Naming) -> JoinHandle<Result<Held, Error>> {
    let options = Options {
        data: id.to_owned().into(),
        ..named(naming)
    };
    let client = client.clone();
    tokio::spawn(async move { election::campaign(&client, ELECTION, &options).await })
}

#[tokio::test(flavor = "multi_thread")]
async fn leadership_is_handed_over_in_order() {
    let world = World::start().await;
    for naming in [Naming::Curator, Naming::Kazoo] {
        let mut candidates = Vec::new();
        for (place, id) in ["a", "b", "c"].into_iter().enumerate() {
            candidates.push((id, stand(&world.client().await, id, naming)));
            world.has_children(ELECTION, place + 1).await;
        }
        for (id, candidate) in candidates {
            let leader = outcome("the leadership", candidate).await.unwrap();
            let (data, _) = world.observer.get(leader.node()).await.unwrap();
            assert_eq!(data, id);
            leader.release().await.unwrap();
        }
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_is_cut_off_knows_before_the_next_one_leads() {
    let world = World::start().await;
    let (proxy, cut_off) = world.proxied(SHORT).await;
    let leader = stand(&cut_off, "a", Naming::Curator);
    let leader = outcome("the leadership", leader).await.unwrap();
    let next = stand(&world.client().await, "b", Naming::Curator);
    world.has_children(ELECTION, 2).await;

    proxy.block();
    let why = lost(&leader).await;
    assert_eq!((why, next.is_finished()), (Lost::LeaseOver, false));
    let next = outcome("the next leader", next).await.unwrap();
    assert!(next.token() > leader.token());
    proxy.unblock();
    assert_eq!(lost(&leader).await, Lost::LeaseOver);
    let ended = soon("the release", leader.release()).await;
    let expired = Err(Error::SessionOver {
        path: ELECTION.to_owned(),
        ended: Ended::Expired,
    });
    assert_eq!(ended, expired);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_is_left_to_its_session_and_gone_on_with() {
    let world = World::start().await;
    let naming = Naming::Curator;
    let first = world.client().await;
    let leader = stand(&first, "a", naming);
    let leader = outcome("the leadership", leader).await.unwrap();
    let next = stand(&world.client().await, "b", naming);
    world.has_children(ELECTION, 2).await;
    let (name, token) = (path::name(leader.node()).to_owned(), leader.token());
    leader.leave();
    let session = first.session().unwrap();
    first.detach().await;

    let servers = world.testbed.zookeeper().connect_string();
    let again = Client::resume(config(&servers), session);
    let leader = election::resume(&again, ELECTION, &name, naming);
    let leader = soon("the leadership", leader).await.unwrap();
    assert_eq!((leader.token(), next.is_finished()), (token, false));
    // Who gives up before it is known what there is gives it up all the same.
    let name = path::name(leader.node()).to_owned();
    leader.leave();
    drop(election::resume(&again, ELECTION, &name, naming));
    let next = outcome("the next leader", next).await.unwrap();
    assert!(next.token() > token);

    // What is another session's is left alone.
    let others = path::name(next.node()).to_owned();
    let error = election::resume(&again, ELECTION, &others, naming).await;
    assert!(matches!(error, Err(Error::Removed { .. })));
    world.has_children(ELECTION, 1).await;
    world.stop().await;
}

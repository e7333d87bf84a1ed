//! Leadership goes from one candidate to the next.

use crate::world::{SHORT, World, lost, named, outcome, soon};
use dockeeper_recipes::{Error, Held, Lost, Naming, Options, election};
use dockeeper_zk_client::{Client, Ended};
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

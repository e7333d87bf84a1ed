//! What is done together with any other program.

use crate::peer::World;
use dockeeper_recipes::{
    Barrier, Counter, DoubleBarrier, Queue,
    counter::{Error, Format},
    queue::Layout,
};
use dockeeper_testbed::wait::soon;
use std::{collections::BTreeSet, num::NonZeroUsize, time::Duration};
use tokio::time::timeout;

/// Long enough for what must not happen to happen.
const MOMENT: Duration = Duration::from_millis(300);

/// Each closes it for the other.
pub(crate) async fn barrier(world: &mut World) {
    let World { client, peer, .. } = world;
    let barrier = Barrier::new(client, "/barrier");
    assert_eq!(peer.ask("barrier close").await, "ok");
    assert!(timeout(MOMENT, barrier.opened()).await.is_err());
    assert_eq!(peer.ask("barrier open").await, "ok");
    soon("an open barrier", barrier.opened()).await.unwrap();

    barrier.close("").await.unwrap();
    peer.tell("barrier wait").await;
    assert!(timeout(MOMENT, peer.answer("")).await.is_err());
    barrier.open().await.unwrap();
    assert_eq!(peer.answer("barrier wait").await, "ok");
}

/// Two of ours and the other enter and leave together, whoever comes and goes last.
pub(crate) async fn double_barrier(world: &mut World) {
    let World { client, peer, .. } = world;
    let members = NonZeroUsize::new(3).unwrap();
    for round in 0..6 {
        let path = format!("/double/{round}");
        let ours = DoubleBarrier::new(client, &path, members);
        let both = || async { tokio::try_join!(ours.enter(""), ours.enter("")) };
        let enter = format!("double enter {round}");
        let is_first = round % 2 == 0;
        let (one, another) = if is_first {
            peer.tell(&enter).await;
            assert!(timeout(MOMENT, peer.answer(&enter)).await.is_err());
            soon("our entering", both()).await.unwrap()
        } else {
            let entering = both();
            tokio::pin!(entering);
            assert!(timeout(MOMENT, &mut entering).await.is_err());
            peer.tell(&enter).await;
            soon("our entering", entering).await.unwrap()
        };
        assert_eq!(peer.answer(&enter).await, "ok");
        let leave = format!("double leave {round}");
        let leaving = async { tokio::try_join!(one.leave(), another.leave()) };
        tokio::pin!(leaving);
        if is_first {
            peer.tell(&leave).await;
            assert!(timeout(MOMENT, peer.answer(&leave)).await.is_err());
        } else {
            assert!(timeout(MOMENT, &mut leaving).await.is_err());
            peer.tell(&leave).await;
        }
        soon("our leaving", leaving).await.unwrap();
        assert_eq!(peer.answer(&leave).await, "ok");
        let left = client.list(&path).await.map(|(names, _)| names);
        assert_eq!(left, Ok(Vec::new()));
    }
}

/// Both add to one counter at the same time.
pub(crate) async fn counter(world: &mut World, kind: &str, format: Format) {
    const ADDITIONS: i64 = 50;
    let World { client, peer, .. } = world;
    let counter = Counter::new(client, &format!("/count-{kind}"), format);
    assert_eq!(peer.ask(&format!("count {kind} get")).await, "0");
    counter.set(-1000).await.unwrap();
    assert_eq!(peer.ask(&format!("count {kind} get")).await, "-1000");
    let add = format!("count {kind} add {ADDITIONS}");
    peer.tell(&add).await;
    for _ in 0..ADDITIONS {
        while let Err(error) = counter.add(1).await {
            assert!(matches!(error, Error::Contended { .. }), "{error}");
        }
    }
    assert_eq!(peer.answer(&add).await, "ok");
    let count = counter.get().await.unwrap();
    assert_eq!(count.value, 2 * ADDITIONS - 1000);
}

/// Both put and both take at the same time.
pub(crate) async fn queue(world: &mut World, kind: &str, layout: Layout) {
    const ELEMENTS: usize = 60;
    let World { client, peer, .. } = world;
    let queue = Queue::new(client, &format!("/queue-{kind}"), layout);
    // In the order in which they were put, whoever did.
    queue.put("a").await.unwrap();
    assert_eq!(peer.ask(&format!("queue {kind} put b")).await, "ok");
    assert_eq!(peer.ask(&format!("queue {kind} take 1")).await, "a");
    let claim = soon("an element", queue.take()).await.unwrap();
    assert_eq!(claim.data(), "b");
    // What is claimed is nobody else's until it is given back.
    queue.put("c").await.unwrap();
    assert_eq!(peer.ask(&format!("queue {kind} take 1")).await, "c");
    claim.give_back().await.unwrap();
    assert_eq!(peer.ask(&format!("queue {kind} take 1")).await, "b");

    let mut theirs = Vec::new();
    for element in 0..ELEMENTS {
        queue.put(format!("ours-{element}")).await.unwrap();
        theirs.push(format!("theirs-{element}"));
    }
    let put = format!("queue {kind} put {}", theirs.join(" "));
    assert_eq!(peer.ask(&put).await, "ok");
    let take = format!("queue {kind} take {ELEMENTS}");
    peer.tell(&take).await;
    let mut taken = Vec::new();
    for _ in 0..ELEMENTS {
        let claim = soon("an element", queue.take()).await.unwrap();
        taken.push(String::from_utf8(claim.data().to_vec()).unwrap());
        claim.finish().await.unwrap();
    }
    let answer = peer.answer(&take).await;
    taken.extend(answer.split(' ').map(str::to_owned));
    let different: BTreeSet<_> = taken.iter().collect();
    assert_eq!((taken.len(), different.len()), (2 * ELEMENTS, 2 * ELEMENTS));
    assert!(queue.try_take().await.unwrap().is_none());
}

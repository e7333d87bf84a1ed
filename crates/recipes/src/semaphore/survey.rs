use super::{
    curator::{self, LEASES, LOCKS},
    kazoo::GUARD,
};
use crate::{
    Contender, Error, Naming, Survey, contenders,
    line::Line,
    naming::{Role, Seat},
};
use dockeeper_zk_client::{Client, path};

/// Who has a permit of the semaphore at a path, and who waits for one, in their order, whether they
/// have Curator's names or kazoo's. Needs a server of version 3.6.
///
/// # Errors
///
/// [`Error::SessionOver`], and [`Error::Refused`] for everything else.
pub async fn survey(client: &Client, path: &str) -> Result<Survey, Error> {
    let guard = format!("{path}{GUARD}");
    let (locks, leases) = (path::join(path, LOCKS), path::join(path, LEASES));
    let [mutex, kazoos_mutex] =
        [Naming::Curator, Naming::Kazoo].map(|naming| [Line::mutex(naming)]);
    let permits = [Line::leases()];
    let (children, waiting, leases, kazoos) = tokio::try_join!(
        contenders::children(client, path),
        contenders::survey(client, &locks, &mutex),
        contenders::survey(client, &leases, &permits),
        contenders::survey(client, &guard, &kazoos_mutex),
    )?;
    let of_kazoo = kazoos_leases(client, path, &children).await?;
    // What ends like the mutex of another semaphore may be one, or one of Curator's with that name.
    let is_mutex =
        |name: &str| path.ends_with(GUARD) && Naming::Kazoo.parse(name, &[Role::Lock]).is_some();
    let is_foreign = |name: &&String| match curator::is_own(name) {
        true => !of_kazoo.is_empty(),
        false => !Naming::is_lease(name) && !is_mutex(name),
    };
    let foreign = children.iter().filter(is_foreign);
    let mut foreign: Vec<_> = foreign.map(|name| path::join(path, name)).collect();
    foreign.extend(waiting.foreign);
    foreign.extend(leases.foreign);
    let is_mutexs = |node: &String| !curator::is_own(path::name(node));
    foreign.extend(kazoos.foreign.into_iter().filter(is_mutexs));
    let naming = match of_kazoo.is_empty() && kazoos.contenders.is_empty() {
        true => Naming::Curator,
        false => Naming::Kazoo,
    };
    let mut contenders = granted(leases.contenders, waiting.contenders.first());
    let of_kazoos_waiting = still_waiting(kazoos.contenders, &of_kazoo);
    contenders.extend(of_kazoo);
    let waiting = waiting.contenders.into_iter().chain(of_kazoos_waiting);
    contenders.extend(waiting.map(|waits| Contender {
        is_holder: false,
        ..waits
    }));
    Ok(Survey {
        contenders,
        foreign,
        naming,
    })
}

/// kazoo's leases, in the order in which they were granted.
async fn kazoos_leases(
    client: &Client,
    path: &str,
    children: &[String],
) -> Result<Vec<Contender>, Error> {
    let leases = children.iter().filter(|name| Naming::is_lease(name));
    let seats: Vec<_> = leases
        .map(|name| Seat {
            name,
            role: Role::Lease,
            identifier: Some(name),
            sequence: 0,
        })
        .collect();
    let mut found = contenders::read(client, path, &seats, seats.len()).await?;
    found.sort_unstable_by_key(|lease| lease.stat.czxid);
    Ok(found)
}

/// Of Curator's leases all but that of the one who looks for a permit, the first of those who wait:
/// the last that its session has made since it waits.
fn granted(mut leases: Vec<Contender>, first: Option<&Contender>) -> Vec<Contender> {
    let last = leases
        .iter()
        .rposition(|lease| first.is_some_and(|first| is_of(lease, first)));
    if let Some(last) = last {
        leases.remove(last);
    }
    leases
}

/// Of kazoo's contenders all but the first when it has got its lease, and leaves the line just now.
fn still_waiting(mut waiting: Vec<Contender>, leases: &[Contender]) -> Vec<Contender> {
    let has_lease = |first: &Contender| leases.iter().any(|lease| is_of(lease, first));
    if waiting.first().is_some_and(has_lease) {
        waiting.remove(0);
    }
    waiting
}

/// Whether a lease may be that of one who waits, or has waited: it came later, from the same session.
fn is_of(lease: &Contender, waiting: &Contender) -> bool {
    let (lease, waiting) = (&lease.stat, &waiting.stat);
    lease.ephemeral_owner == waiting.ephemeral_owner && lease.czxid > waiting.czxid
}

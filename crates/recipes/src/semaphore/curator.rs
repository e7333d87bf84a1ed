use super::check;
use crate::{
    Error, Held, Naming, Options, contest,
    line::{Line, Permit},
    naming::Role,
    patience,
    ticket::{Kind, Ticket},
};
use dockeeper_zk_client::{Client, ErrorCode, path};
use std::pin::pin;

/// Below the semaphore: the mutex of those who wait for a permit. Only its holder looks at the
/// leases, so that one that is returned wakes one contender.
pub const LOCKS: &str = "locks";

/// Below the semaphore: a child for each permit that is taken, and one for who waits for the next.
pub const LEASES: &str = "leases";

/// Whether a child of the semaphore is one of its two.
pub(super) fn is_own(name: &str) -> bool {
    [LOCKS, LEASES].contains(&name)
}

/// Acquires as Curator's `InterProcessSemaphoreV2` does.
pub(super) async fn acquire(
    client: &Client,
    path: &str,
    permits: u32,
    options: &Options,
) -> Result<Held, Error> {
    // Before anything is made: kazoo's programs would count that as permits.
    check(client, path, Naming::Curator).await?;
    let locks = path::join(path, LOCKS);
    let mut guard = Ticket::take(client, &locks, Kind::Numbered(Role::Lock), options).await?;
    let line = Line::mutex(options.naming);
    contest::turn(&mut guard, line, options.wait).await?;
    let leases = path::join(path, LEASES);
    let lease = Ticket::take(client, &leases, Kind::Numbered(Role::Lease), options).await?;
    permit(path, &guard, &lease, permits, options.wait).await?;
    // The next one may look, while this one is on its way.
    drop(guard);
    Held::new(lease, path).await
}

/// Waits until there are no more leases than permits.
async fn permit(
    path: &str,
    guard: &Ticket,
    lease: &Ticket,
    permits: u32,
    wait: bool,
) -> Result<(), Error> {
    let client = lease.client();
    let line = Line::leases();
    // Without the mutex another one waits as well, and each would count the other's lease.
    let mut robbed = pin!(contest::gone(guard));
    loop {
        let list = patience::repeat(|| client.list_and_watch(lease.parent()));
        // Who came with other names since the first look sees this lease, or is seen here.
        let (listed, checked) = tokio::join!(list, check(client, path, Naming::Curator));
        checked?;
        let (children, _, changed) = match listed {
            Ok(listed) => listed,
            Err(error) if error.is(ErrorCode::NoNode) => return Err(contest::removed(lease)),
            Err(error) => return Err(lease.error(error)),
        };
        match line.permit(&children, lease.name(), permits) {
            Permit::Granted => return Ok(()),
            Permit::Waiting => {}
            Permit::Gone => return Err(contest::removed(lease)),
            Permit::Foreign(name) => return Err(contest::foreign(lease, line, name)),
        }
        if !wait {
            return Err(Error::Taken {
                path: lease.parent().to_owned(),
                by: format!("{} others", children.len() - 1),
            });
        }
        tokio::select! {
            biased;
            robbed = &mut robbed => match robbed? {},
            changed = changed.fired() => changed.map_err(|_| lease.session_over())?,
        };
    }
}

use super::{check, check_children};
use crate::{
    Error, Held, Naming, Options, contest,
    line::Line,
    naming::Role,
    patience,
    ticket::{Kind, Ticket},
};
use dockeeper_zk_client::{Client, CreateMode, ErrorCode};
use std::pin::pin;

/// What stands behind the semaphore's path in that of the mutex of those who wait for a permit.
pub const GUARD: &str = "-__lock__";

/// Acquires as kazoo's `Semaphore` does: under a mutex, a child of the semaphore is created as soon
/// as there are fewer than permits.
pub(super) async fn acquire(
    client: &Client,
    path: &str,
    permits: u32,
    options: &Options,
) -> Result<Held, Error> {
    // Before anything is made or written there.
    check(client, path, Naming::Kazoo).await?;
    let guard = format!("{path}{GUARD}");
    let mut guard = Ticket::take(client, &guard, Kind::Numbered(Role::Lock), options).await?;
    contest::turn(&mut guard, Line::mutex(options.naming), options.wait).await?;
    agree(&guard, path, permits).await?;
    room(&guard, path, permits, options.wait).await?;
    // Who has lost the mutex has not been counted by the one who looks now.
    let own = guard.path();
    let lease = Ticket::take(client, path, Kind::Lease { guard: &own }, options).await?;
    // Who came between that look and the lease looks again as well.
    check(client, path, Naming::Kazoo).await?;
    drop(guard);
    Held::new(lease, path).await
}

/// Makes sure that the znode says the same number of permits, or has it say so when it is new.
async fn agree(guard: &Ticket, path: &str, permits: u32) -> Result<(), Error> {
    let client = guard.client();
    loop {
        let asked = match patience::repeat(|| client.get(path)).await {
            Err(error) if error.is(ErrorCode::NoNode) => {
                let mode = CreateMode::Persistent;
                patience::repeat(|| client.create_all(path, mode)).await
            }
            Err(error) => Err(error),
            Ok((data, stat)) => match number(&data) {
                Some(found) if found != i64::from(permits) => {
                    return Err(Error::Permits {
                        path: path.to_owned(),
                        wanted: permits,
                        found,
                    });
                }
                // kazoo takes no notice of what is no number.
                None if stat.version == 0 => {
                    let set = || client.set(path, permits.to_string(), Some(stat.version));
                    patience::repeat(set).await.map(drop)
                }
                Some(_) | None => return Ok(()),
            },
        };
        match asked {
            // Somebody was faster, or it was done at the first try.
            Err(error) if error.is(ErrorCode::BadVersion) => {}
            asked => asked.map_err(|error| guard.error(error))?,
        }
    }
}

fn number(data: &[u8]) -> Option<i64> {
    str::from_utf8(data).ok()?.trim().parse().ok()
}

/// Waits until there are fewer leases than permits.
async fn room(guard: &Ticket, path: &str, permits: u32, wait: bool) -> Result<(), Error> {
    let client = guard.client();
    let mut robbed = pin!(contest::gone(guard));
    loop {
        let listed = patience::repeat(|| client.list_and_watch(path)).await;
        let (children, _, changed) = listed.map_err(|error| guard.error(error))?;
        check_children(&children, path, Naming::Kazoo)?;
        if u32::try_from(children.len()).is_ok_and(|count| count < permits) {
            return Ok(());
        }
        if !wait {
            return Err(Error::Taken {
                path: path.to_owned(),
                by: format!("{} others", children.len()),
            });
        }
        tokio::select! {
            biased;
            robbed = &mut robbed => match robbed? {},
            changed = changed.fired() => changed.map_err(|_| guard.session_over())?,
        };
    }
}

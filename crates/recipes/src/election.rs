//! The election of a leader. Curator's `LeaderLatch`, kazoo's `Election`.

use crate::{Error, Held, Naming, Options, contest, line::Line, naming::Role, ticket::Ticket};
use dockeeper_zk_client::Client;

/// Stands for election and waits until it leads, without a limit of its own. May be cancelled at any
/// time. What it yields is the leadership: releasing it is resigning.
///
/// The candidate's data is its id for Curator's `LeaderLatch`. To contend with Curator's
/// `LeaderSelector` instead, acquire a [`mutex`](crate::mutex).
///
/// ```no_run
/// # use dockeeper_recipes::{Options, election};
/// # use dockeeper_zk_client::Client;
/// # async fn lead() {}
/// # async fn example(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
/// let options = Options { data: "h1".into(), ..Options::default() };
/// let leadership = election::campaign(client, "/elections/scheduler", &options).await?;
/// tokio::select! {
///     () = lead() => leadership.release().await?,
///     lost = leadership.lost() => eprintln!("leads no longer: {lost}"),
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// See [`Error`].
pub async fn campaign(client: &Client, path: &str, options: &Options) -> Result<Held, Error> {
    let line = Line::election(options.naming);
    contest::acquire(client, path, Role::Latch, line, options).await
}

/// Goes on with a candidate's znode that an earlier process made under `path` in this very session,
/// from its place in the line. As with [`campaign`], the znode goes when this is dropped, also
/// before it was first polled.
///
/// # Errors
///
/// [`Error::Removed`] when the znode is not there any more, or is another session's; else see
/// [`Error`].
pub fn resume(
    client: &Client,
    path: &str,
    name: &str,
    naming: Naming,
) -> impl Future<Output = Result<Held, Error>> + Send + use<> {
    let ticket = Ticket::adopt(client, path, name, naming);
    let path = path.to_owned();
    async move {
        let mut ticket = ticket.recognise().await?;
        contest::turn(&mut ticket, Line::election(naming), true).await?;
        Held::new(ticket, &path).await
    }
}

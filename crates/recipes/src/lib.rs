//! What ZooKeeper is used for, over its client.
//!
//! [`mutex`], [`rwlock`], [`semaphore`] and [`election`] are contended for, also with programs that
//! use Curator or kazoo: [`Naming`] says whose names are used. Whatever was acquired is a [`Held`],
//! with a fencing token and a [`Standing`] that tells when the holder can no longer be sure.
//!
//! [`barrier`] and [`double_barrier`] hold programs up until all may go on, [`counter`] counts,
//! [`queue`] hands work over, and [`membership`] tells who is there: where Curator's and kazoo's
//! recipes look, so that programs of all three meet.
//!
//! Each call survives lost connections, may be cancelled at any time and leaves nothing behind, and
//! waits for as long as its caller does.
//!
//! [`tree`] mirrors a subtree.
//!
//! ```no_run
//! use dockeeper_recipes::{Options, mutex};
//! use dockeeper_zk_client::{Client, Config};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::connect(Config::new("zk1,zk2,zk3/app".parse()?));
//! let held = mutex::acquire(&client, "/locks/backup", &Options::default()).await?;
//! println!("fencing token: {}", held.token());
//! held.release().await?;
//! # Ok(())
//! # }
//! ```

mod background;
pub mod barrier;
mod baton;
mod contenders;
mod contest;
pub mod counter;
mod create;
pub mod double_barrier;
pub mod election;
mod error;
pub mod held;
pub mod line;
pub mod membership;
pub mod mutex;
pub mod naming;
mod once;
mod options;
mod patience;
mod pause;
pub mod queue;
pub mod rwlock;
pub mod semaphore;
mod ticket;
pub mod tree;
mod uuid;

pub use self::{
    barrier::Barrier,
    contenders::{Contender, Survey, contenders, survey},
    counter::Counter,
    double_barrier::DoubleBarrier,
    error::Error,
    held::{Held, Lost, Standing},
    membership::Group,
    naming::Naming,
    options::Options,
    queue::Queue,
    tree::Tree,
};

//! A number that many change.

mod format;

pub use self::format::{Format, Unreadable};

use crate::{
    create::create,
    once::exactly_once,
    patience::{pause, repeat},
    pause::Pauses,
};
use bytes::Bytes;
use dockeeper_zk_client::{Client, CreateMode, Error as ZooKeeper, ErrorCode};

/// How often an addition is tried whose counter others change in between. With pauses of up to a
/// second between them, it takes a crowd that only a lock can order.
const TRIES_MAX: u32 = 32;

/// A number in a znode's data, as Curator or kazoo keep it.
///
/// A counter that is not there begins at 0. A change takes effect exactly once: it comes with an
/// ephemeral child of the counter's znode, the receipt, which tells after a lost connection whether
/// it had taken effect, and is gone soon after. Only when the session is over does nobody know.
///
/// Everything is safe to cancel, survives lost connections and has no limit of its own.
///
/// ```no_run
/// # use dockeeper_recipes::{Counter, counter::{Error, Format}};
/// # use dockeeper_zk_client::Client;
/// # async fn example(client: &Client) -> Result<(), Error> {
/// let counter = Counter::new(client, "/counters/builds", Format::AtomicLong);
/// let build = counter.add(1).await?;
/// let current = counter.get().await?;
/// if counter.compare_and_set(current, build + 100).await? {
///     println!("{build}, and on with {}", build + 100);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Counter {
    client: Client,
    path: String,
    format: Format,
}

/// What a counter was at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The number.
    pub value: i64,
    /// The version of the znode's data, which goes up with each change.
    pub version: i32,
}

/// Why a counter could not be read or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The znode holds something else.
    #[error("{path} is not a counter in the format {format}: {why}")]
    Foreign {
        /// The znode.
        path: String,
        /// The format in which it was to be read.
        format: Format,
        /// What is wrong with it.
        why: Unreadable,
    },
    /// The number does not fit.
    #[error("{path} cannot become {value}: the format {format} has no such number")]
    OutOfRange {
        /// The counter.
        path: String,
        /// The format.
        format: Format,
        /// The number, which may be beyond 64 bits.
        value: i128,
    },
    /// Others changed it each time before this one could.
    #[error("{path} was changed by others {TRIES_MAX} times in between: try again, or take a lock")]
    Contended {
        /// The counter.
        path: String,
    },
    /// ZooKeeper refused, or the session is over.
    #[error("the counter cannot be used: {0}")]
    ZooKeeper(#[from] ZooKeeper),
}

// === impl Counter ===

impl Counter {
    /// The counter at a path.
    pub fn new(client: &Client, path: &str, format: Format) -> Self {
        Self {
            client: client.clone(),
            path: path.to_owned(),
            format,
        }
    }

    /// What it is now. One that is not there is created.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn get(&self) -> Result<Count, Error> {
        loop {
            match repeat(|| self.client.get(&self.path)).await {
                Ok((data, stat)) => {
                    let value = self.format.decode(&data).map_err(|why| Error::Foreign {
                        path: self.path.clone(),
                        format: self.format,
                        why,
                    })?;
                    let version = stat.version;
                    return Ok(Count { value, version });
                }
                Err(error) if error.is(ErrorCode::NoNode) => self.begin().await?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Sets it, whatever it was.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn set(&self, value: i64) -> Result<(), Error> {
        for _ in 0..TRIES_MAX {
            // What is not a counter stays as it is.
            self.get().await?;
            if self.write(value, None).await? {
                return Ok(());
            }
        }
        Err(self.contended())
    }

    /// Sets it if nobody has changed it since it was `current`; whether it did.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn compare_and_set(&self, current: Count, value: i64) -> Result<bool, Error> {
        self.write(value, Some(current.version)).await
    }

    /// Adds to it, and returns the sum.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn add(&self, amount: i64) -> Result<i64, Error> {
        let mut pauses = Pauses::default();
        for _ in 0..TRIES_MAX {
            let current = self.get().await?;
            let Some(sum) = current.value.checked_add(amount) else {
                return Err(self.out_of_range(i128::from(current.value) + i128::from(amount)));
            };
            if self.compare_and_set(current, sum).await? {
                return Ok(sum);
            }
            pause(&mut pauses).await;
        }
        Err(self.contended())
    }

    async fn begin(&self) -> Result<(), Error> {
        let zero = self.encode(0)?;
        let mode = CreateMode::Persistent;
        match repeat(|| create(&self.client, &self.path, &zero, mode)).await {
            Err(error) if !error.is(ErrorCode::NodeExists) => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Whether it could: not if the counter has another version, or is gone.
    async fn write(&self, value: i64, version: Option<i32>) -> Result<bool, Error> {
        let data = self.encode(value)?;
        let set = exactly_once(&self.client, &self.path, |multi| {
            multi.set(&self.path, data, version)
        });
        match set.await {
            Ok(()) => Ok(true),
            Err(error) => match error.code() {
                Some(ErrorCode::BadVersion | ErrorCode::NoNode) => Ok(false),
                _ => Err(error.into()),
            },
        }
    }

    fn encode(&self, value: i64) -> Result<Bytes, Error> {
        let out_of_range = || self.out_of_range(value.into());
        self.format.encode(value).ok_or_else(out_of_range)
    }

    fn contended(&self) -> Error {
        let path = self.path.clone();
        Error::Contended { path }
    }

    fn out_of_range(&self, value: i128) -> Error {
        Error::OutOfRange {
            path: self.path.clone(),
            format: self.format,
            value,
        }
    }
}

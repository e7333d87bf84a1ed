use super::Client;
use crate::error::{Error, NotSent};
use bytes::Bytes;
use dockeeper_zk_proto::{
    ErrorCode, Stat,
    acl::Acl,
    create::{CreateMode, CreateRequest, CreateTtlRequest, TTL_MS_MAX},
    path,
};
use std::time::Duration;

/// How often a path is gone through from its end to its beginning and back.
const CREATE_ALL_ROUNDS: usize = 4;

/// A znode that was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Its path, with the digits that the server appended.
    pub path: String,
    /// Its metadata.
    pub stat: Stat,
}

/// What a new znode is like besides its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateOptions {
    /// What becomes of it.
    pub mode: CreateMode,
    /// How long it stays without a child and without a change; for the modes with a time to live,
    /// and only for them. Counted in milliseconds, at least one.
    pub ttl: Option<Duration>,
    /// Its access control list; `None` for that of the client's configuration.
    pub acl: Option<Vec<Acl>>,
}

// === impl CreateOptions ===

impl CreateOptions {
    /// A znode of this mode, with the access control list of the client's configuration.
    pub fn new(mode: CreateMode) -> Self {
        Self {
            mode,
            ttl: None,
            acl: None,
        }
    }

    /// A znode that ends when it has had no child and no change for `ttl`. The server must have
    /// `extendedTypesEnabled`.
    pub fn with_ttl(ttl: Duration) -> Self {
        Self {
            ttl: Some(ttl),
            ..Self::new(CreateMode::PersistentWithTtl)
        }
    }

    /// The same with an access control list of its own.
    #[must_use]
    pub fn with_acl(self, acl: Vec<Acl>) -> Self {
        Self {
            acl: Some(acl),
            ..self
        }
    }

    /// The time to live as it stands on the wire; `None` for a mode that has none.
    pub(crate) fn ttl_ms(&self) -> Result<Option<i64>, NotSent> {
        match (self.mode.has_ttl(), self.ttl) {
            (false, None) => Ok(None),
            (true, Some(ttl)) => i64::try_from(ttl.as_millis())
                .ok()
                .filter(|ms| (1..=TTL_MS_MAX).contains(ms))
                .map(Some)
                .ok_or(NotSent::TtlRange),
            (true, None) | (false, Some(_)) => Err(NotSent::Ttl),
        }
    }

    /// Checks the path of a new znode.
    pub(crate) fn validate(&self, path: &str) -> Result<(), path::Invalid> {
        if self.mode.is_sequential() {
            path::validate_sequential(path)
        } else {
            path::validate(path)
        }
    }
}

impl Client {
    /// Creates a znode with the access control list of the client's configuration.
    pub async fn create(
        &self,
        path: &str,
        data: impl Into<Bytes>,
        mode: CreateMode,
    ) -> Result<Created, Error> {
        self.create_with(path, data, CreateOptions::new(mode)).await
    }

    /// Creates a znode with an access control list of its own.
    pub async fn create_with_acl(
        &self,
        path: &str,
        data: impl Into<Bytes>,
        mode: CreateMode,
        acl: Vec<Acl>,
    ) -> Result<Created, Error> {
        let options = CreateOptions::new(mode).with_acl(acl);
        self.create_with(path, data, options).await
    }

    /// Creates a znode.
    ///
    /// ```no_run
    /// # use dockeeper_zk_client::{Client, CreateOptions, Error};
    /// # use std::time::Duration;
    /// # async fn example(client: &Client) -> Result<(), Error> {
    /// let options = CreateOptions::with_ttl(Duration::from_secs(3600));
    /// client.create_with("/cache", "stale in an hour", options).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_with(
        &self,
        path: &str,
        data: impl Into<Bytes>,
        options: CreateOptions,
    ) -> Result<Created, Error> {
        let fail = |why: NotSent| Error::new("create", path, why);
        let ttl_ms = options.ttl_ms().map_err(fail)?;
        options.validate(path).map_err(|why| fail(why.into()))?;
        let server_path = self.requests.chroot().to_server(path);
        let data = Some(data.into());
        let acl = options.acl.unwrap_or_else(|| self.requests.acl());
        let flags = options.mode.to_wire();
        let reply = match ttl_ms {
            None => {
                let request = CreateRequest {
                    path: server_path,
                    data,
                    acl,
                    flags,
                };
                self.requests.write(path, &request).await?
            }
            Some(ttl_ms) => {
                let request = CreateTtlRequest {
                    path: server_path,
                    data,
                    acl,
                    flags,
                    ttl_ms,
                };
                self.requests.write(path, &request).await?
            }
        };
        Ok(Created {
            path: self.client_path(reply.path),
            stat: reply.stat,
        })
    }

    /// Creates a path's missing znodes, without data, from the root down. Those that are there
    /// stay as they are.
    pub async fn create_all(&self, path: &str, mode: CreateMode) -> Result<(), Error> {
        let chain: Vec<_> = path::ancestors(path).filter(|p| *p != "/").collect();
        // Most of the time the parent is there: begin at the end, and go up only where needed.
        // The bound is for a parent that somebody else deletes again and again.
        let mut depth = 0;
        for _ in 0..=chain.len() * CREATE_ALL_ROUNDS {
            let Some(next) = chain.get(depth) else {
                return Ok(());
            };
            match self.create(next, "", mode).await {
                Err(error) if error.is(ErrorCode::NoNode) && depth + 1 < chain.len() => depth += 1,
                Err(error) if !error.is(ErrorCode::NodeExists) => return Err(error),
                _ if depth == 0 => return Ok(()),
                _ => depth -= 1,
            }
        }
        Err(Error::new("create", path, ErrorCode::NoNode))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_to_live_belongs_to_its_modes_and_has_bounds() {
        let with = |ttl| CreateOptions::with_ttl(ttl).ttl_ms();
        assert_eq!(with(Duration::from_secs(2)), Ok(Some(2000)));
        assert_eq!(with(Duration::from_micros(999)), Err(NotSent::TtlRange));
        let longest = Duration::from_millis(TTL_MS_MAX.cast_unsigned());
        assert_eq!(with(longest), Ok(Some(TTL_MS_MAX)));
        let longer = with(longest + Duration::from_millis(1));
        assert_eq!(longer, Err(NotSent::TtlRange));
        for mode in CreateMode::ALL {
            let without = CreateOptions::new(mode);
            assert_eq!(without.ttl_ms().is_err(), mode.has_ttl());
            let ttl = Some(Duration::from_secs(1));
            let given = CreateOptions { ttl, ..without };
            assert_eq!(given.ttl_ms().is_ok(), mode.has_ttl());
        }
    }
}

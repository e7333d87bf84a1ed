//! Writes that take effect only while something else holds.

use super::{Error, Store, retry::patiently};
use dockeeper_zk_client::{self as zk, ErrorCode, Multi, MultiResult, Stat};

// === impl Store ===

impl Store {
    /// The same store, which changes something only while a znode has this version, and what it was
    /// put behind before: otherwise it is [`Error::Fenced`]. Blobs are stored all the same: whoever
    /// writes one, its content is what its address says.
    #[must_use]
    pub fn behind(mut self, path: &str, version: i32) -> Self {
        self.fences.push((path.to_owned(), version));
        self
    }

    /// Writes all of it, or nothing. Once only: nobody knows whether it took effect when the
    /// connection breaks.
    pub(super) async fn write_all(&self, writes: Multi) -> Result<Vec<MultiResult>, Error> {
        let written = self.client.multi(self.guard(writes)).await;
        written.map_err(|error| self.judge(error))
    }

    /// Writes all of it, or nothing, where it is the same when it is done twice.
    pub(super) async fn write_all_patiently(
        &self,
        writes: Multi,
    ) -> Result<Vec<MultiResult>, Error> {
        let writes = self.guard(writes);
        let written = patiently(|| self.client.multi(writes.clone())).await;
        written.map_err(|error| self.judge(error))
    }

    /// Writes nothing to a znode, and learns the server's time.
    pub(super) async fn touch(&self, path: &str) -> Result<Stat, Error> {
        let written = self.write_all_patiently(Multi::new().set(path, "", None));
        let set = written.await?.into_iter().find_map(|result| match result {
            MultiResult::Set(stat) => Some(stat),
            _ => None,
        });
        Ok(set.expect("a multi that succeeds tells what became of each of its writes"))
    }

    fn guard(&self, writes: Multi) -> Multi {
        let checks = self.fences.iter();
        let checks = checks.fold(Multi::new(), |multi, (path, version)| {
            multi.check(path, Some(*version))
        });
        checks.append(writes)
    }

    fn judge(&self, error: zk::Error) -> Error {
        let is_moved = error.is(ErrorCode::BadVersion) || error.is(ErrorCode::NoNode);
        let mut fences = self.fences.iter();
        match fences.find(|(path, _)| *path == error.path()) {
            Some((path, _)) if is_moved => Error::Fenced { path: path.clone() },
            _ => Error::ZooKeeper(error),
        }
    }
}

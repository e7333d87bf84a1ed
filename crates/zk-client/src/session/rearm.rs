use dockeeper_zk_proto::watch::SetWatches2Request;

/// How many bytes of paths go into one request. Apache's own client uses the same bound; a server
/// closes the connection on a request above `jute.maxbuffer`.
const CHUNK_LEN_MAX: usize = 128 * 1024;

/// The length before each path on the wire.
const LENGTH_LEN: usize = 4;

/// The watches to arm again after a reconnect.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Armed {
    pub(crate) data: Vec<String>,
    pub(crate) exist: Vec<String>,
    pub(crate) child: Vec<String>,
    pub(crate) persistent: Vec<String>,
    pub(crate) persistent_recursive: Vec<String>,
}

// === impl Armed ===

impl Armed {
    /// The requests that arm the watches, none for none.
    ///
    /// One-shot watches come first: before 3.9 a server keeps one mode for each session and path,
    /// the last one, and a persistent watch serves the one-shot watches too.
    pub(crate) fn into_requests(self, relative_zxid: i64) -> Vec<SetWatches2Request> {
        let mut chunks = Chunks {
            relative_zxid,
            done: Vec::new(),
            len: 0,
        };
        chunks.add(self.data, |request| &mut request.data);
        chunks.add(self.exist, |request| &mut request.exist);
        chunks.add(self.child, |request| &mut request.child);
        chunks.add(self.persistent, |request| &mut request.persistent);
        chunks.add(self.persistent_recursive, |request| {
            &mut request.persistent_recursive
        });
        chunks.done
    }
}

struct Chunks {
    relative_zxid: i64,
    done: Vec<SetWatches2Request>,
    len: usize,
}

// === impl Chunks ===

impl Chunks {
    fn add(
        &mut self,
        paths: Vec<String>,
        list: impl Fn(&mut SetWatches2Request) -> &mut Vec<String>,
    ) {
        for path in paths {
            let len = path.len() + LENGTH_LEN;
            if self.done.is_empty() || self.len + len > CHUNK_LEN_MAX {
                self.done.push(SetWatches2Request {
                    relative_zxid: self.relative_zxid,
                    data: Vec::new(),
                    exist: Vec::new(),
                    child: Vec::new(),
                    persistent: Vec::new(),
                    persistent_recursive: Vec::new(),
                });
                self.len = 0;
            }
            self.len += len;
            if let Some(request) = self.done.last_mut() {
                list(request).push(path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockeeper_zk_proto::Record;

    fn paths(prefix: &str, count: usize) -> Vec<String> {
        (0..count)
            .map(|number| format!("/{prefix}/{number:08}"))
            .collect()
    }

    #[test]
    fn nothing_needs_no_request() {
        assert_eq!(Armed::default().into_requests(1), []);
    }

    #[test]
    fn chunks_hold_every_path_once_and_persistent_ones_last() {
        let armed = Armed {
            data: paths("data", 9000),
            exist: paths("exist", 3),
            child: paths("child", 9000),
            persistent: paths("persistent", 9000),
            persistent_recursive: paths("recursive", 1),
        };
        let requests = armed.into_requests(42);
        assert!(requests.len() > 3);
        let mut data = Vec::new();
        let mut persistent = Vec::new();
        for request in &requests {
            assert_eq!(request.relative_zxid, 42);
            assert!(request.to_bytes().len() <= CHUNK_LEN_MAX + 64);
            if !request.child.is_empty() || !request.data.is_empty() {
                assert!(
                    persistent.is_empty(),
                    "a one-shot watch behind a persistent one"
                );
            }
            data.extend(request.data.clone());
            persistent.extend(request.persistent.clone());
        }
        assert_eq!(data, paths("data", 9000));
        assert_eq!(persistent, paths("persistent", 9000));
    }
}

//! Random changes to a subtree.

use dockeeper_zk_client::{Client, CreateMode, ErrorCode, Multi};
use fastrand::Rng;

pub(crate) struct Writer {
    client: Client,
    root: String,
    rng: Rng,
    count: u64,
}

impl Writer {
    pub(crate) fn new(client: Client, root: &str, seed: u64) -> Self {
        Self {
            client,
            root: root.to_owned(),
            rng: Rng::with_seed(seed),
            count: 0,
        }
    }

    pub(crate) async fn write(&mut self, count: u64) {
        for _ in 0..count {
            self.count += 1;
            let path = self.path();
            let data = self.count.to_string();
            let client = self.client.clone();
            let mode = CreateMode::Persistent;
            let written = match self.rng.u8(0..10) {
                0..4 => client.create(&path, data, mode).await.map(drop),
                4..7 => client.set(&path, data, None).await.map(drop),
                // At once gone and there again, with a version like a new one's.
                7 => {
                    let multi = Multi::new().delete(&path, None).create(&path, data, mode);
                    client.multi(multi).await.map(drop)
                }
                _ => client.delete(&path, None).await,
            };
            if let Err(error) = written {
                let code = error.code().unwrap_or_else(|| panic!("{error}"));
                let expected = [
                    ErrorCode::NoNode,
                    ErrorCode::NodeExists,
                    ErrorCode::NotEmpty,
                ];
                assert!(expected.contains(&code), "{error}");
            }
        }
    }

    /// The root itself now and then; mostly something up to three levels below it.
    fn path(&mut self) -> String {
        let mut path = self.root.clone();
        for _ in 0..self.rng.u8(0..4) {
            let name = self.rng.u8(0..8);
            path.push_str(&format!("/{name}"));
        }
        path
    }
}

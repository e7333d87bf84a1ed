use dockeeper_zk_client::{Client, CreateMode, Error, ErrorKind, Multi};
use futures_util::future::{join, join_all, join3};
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
};

pub(crate) const EPHEMERALS: &str = "/ephemerals";

/// How many writes of one number follow each other without waiting.
const PIPELINED: u64 = 16;

/// Data of this length lets the log grow, so that there are snapshots too.
const FILLER_LEN: usize = 16 << 10;

/// A client, and what it knows about what it has written.
pub(crate) struct Writer {
    client: Client,
    session: i64,
    root: String,
    number: usize,
    counter: Numbers,
    pair: Numbers,
    /// Those that were acknowledged.
    created: BTreeSet<String>,
    /// Those of which it was not said whether they are deleted.
    doubtful: BTreeSet<String>,
    deleted: Vec<String>,
    ephemerals: Vec<String>,
}

/// Numbers that are written one after another.
#[derive(Debug, Default)]
struct Numbers {
    sent: u64,
    acknowledged: u64,
}

impl Numbers {
    /// That `found` is not older than what was acknowledged, nor made up.
    fn check(&self, what: &str, found: u64) {
        assert!(
            self.acknowledged <= found,
            "{what}: {found} found, {self:?}: lost"
        );
        assert!(
            found <= self.sent,
            "{what}: {found} found, {self:?}: never sent"
        );
    }

    fn note<T>(&mut self, number: u64, result: &Result<T, Error>) -> bool {
        if result.is_ok() {
            self.acknowledged = self.acknowledged.max(number);
        }
        result.is_ok()
    }
}

impl Writer {
    pub(crate) async fn new(client: Client, number: usize) -> Self {
        let root = format!("/writer-{number}");
        let mode = CreateMode::Persistent;
        client.create(&root, "", mode).await.unwrap();
        for name in ["counter", "a", "b"] {
            client
                .create(&format!("{root}/{name}"), "0", mode)
                .await
                .unwrap();
        }
        client
            .create(&format!("{root}/filler"), "", mode)
            .await
            .unwrap();
        Self {
            session: client.session().unwrap().id,
            client,
            root,
            number,
            counter: Numbers::default(),
            pair: Numbers::default(),
            created: BTreeSet::new(),
            doubtful: BTreeSet::new(),
            deleted: Vec::new(),
            ephemerals: Vec::new(),
        }
    }

    pub(crate) fn acknowledged(&self) -> u64 {
        self.counter.acknowledged + self.pair.acknowledged
    }

    /// Whether an ephemeral znode of this name may be this writer's.
    pub(crate) fn may_own(&self, name: &str) -> bool {
        name.starts_with(&format!("{}-", self.number))
    }

    /// Writes until the server is gone. Who happens to wait for nothing at that moment may not
    /// notice, as the client connects again by itself: so it is told.
    pub(crate) async fn write_until(&mut self, stop: &AtomicBool) {
        while self.write().await && !stop.load(Ordering::Relaxed) {}
    }

    async fn write(&mut self) -> bool {
        let (client, root) = (&self.client, &self.root);
        let path = |name: &str| format!("{root}/{name}");
        let numbers = self.counter.sent + 1..=self.counter.sent + PIPELINED;
        self.counter.sent += PIPELINED;
        let counter = path("counter");
        let sets = numbers
            .clone()
            .map(|number| client.set(&counter, number.to_string(), None));
        self.pair.sent += 1;
        let pair = self.pair.sent;
        let multi = Multi::new().set(&path("a"), pair.to_string(), None).set(
            &path("b"),
            pair.to_string(),
            None,
        );
        let oldest = self
            .created
            .first()
            .filter(|_| self.created.len() > 50)
            .cloned();
        let (sequential, filler) = (path("n-"), path("filler"));
        let ephemeral = format!("{EPHEMERALS}/{}-{pair}", self.number);
        let delete = async {
            match &oldest {
                Some(path) => Some(client.delete(path, None).await),
                None => None,
            }
        };
        let ((sets, multi, created), (filled, ephemeral, deleted)) = join(
            join3(
                join_all(sets),
                client.multi(multi),
                client.create(&sequential, "", CreateMode::PersistentSequential),
            ),
            join3(
                client.set(&filler, vec![7; FILLER_LEN], None),
                client.create(&ephemeral, "", CreateMode::Ephemeral),
                delete,
            ),
        )
        .await;
        let mut is_well = filled.is_ok() & self.pair.note(pair, &multi);
        for (number, set) in numbers.zip(&sets) {
            is_well &= self.counter.note(number, set);
        }
        is_well &= created.is_ok() && ephemeral.is_ok();
        self.created
            .extend(created.ok().map(|created| created.path));
        self.ephemerals
            .extend(ephemeral.ok().map(|created| created.path));
        if let (Some(path), Some(result)) = (oldest, deleted) {
            is_well &= result.is_ok();
            self.created.remove(&path);
            match result.map_err(|error| error.kind().clone()) {
                Ok(()) => self.deleted.push(path),
                Err(ErrorKind::Unknown(_)) => drop(self.doubtful.insert(path)),
                Err(_) => drop(self.created.insert(path)),
            }
        }
        is_well
    }

    /// That all is there that was acknowledged, and nothing is there in part.
    pub(crate) async fn check(&mut self) {
        let (client, root) = (&self.client, &self.root);
        self.counter.check("counter", self.read("counter").await);
        let (a, b) = (self.read("a").await, self.read("b").await);
        assert_eq!(a, b, "half a multi");
        self.pair.check("pair", a);
        let (children, _) = client.list(root).await.unwrap();
        let children: BTreeSet<_> = children
            .iter()
            .map(|name| format!("{root}/{name}"))
            .collect();
        let lost: Vec<_> = self.created.difference(&children).collect();
        assert!(lost.is_empty(), "created and not there: {lost:?}");
        for path in &self.deleted {
            assert!(!children.contains(path), "deleted and there: {path}");
        }
        // The session's own: so each has the right owner.
        let found: BTreeSet<_> = client
            .ephemerals(EPHEMERALS)
            .await
            .unwrap()
            .into_iter()
            .collect();
        let lost: Vec<_> = self
            .ephemerals
            .iter()
            .filter(|path| !found.contains(*path))
            .collect();
        assert!(lost.is_empty(), "ephemeral and lost: {lost:?}");
        assert_eq!(client.session().unwrap().id, self.session);
    }

    /// The number in a znode. The first try may still be on the connection that was cut off.
    async fn read(&self, name: &str) -> u64 {
        let path = format!("{}/{name}", self.root);
        let (data, _) = loop {
            match self.client.get(&path).await {
                Ok(found) => break found,
                Err(error) if matches!(error.kind(), ErrorKind::Unknown(_)) => {}
                Err(error) => panic!("{path}: {error}"),
            }
        };
        std::str::from_utf8(&data).unwrap().parse().unwrap()
    }
}

//! A small plugin, in a process of its own on the testbed's host: its mounts have to be made there.

use crate::place::{release, web};
use dockeeper_config::host::{
    owner,
    plugin::{Options, Refusal, Table, Volume, Volumes, serve},
    volume::{Mount, MountId, Remap, Root, VolumeName},
};
use dockeeper_testbed::{Host, Process, wait::until};
use parking_lot::Mutex;
use std::{collections::BTreeMap, fs, path::PathBuf, sync::Arc};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
};

use crate::docker::LIMIT;

/// Where Docker looks for the plugin.
const SOCKET: &str = "/run/docker/plugins/dockeeper.sock";

/// The run directory, in the host's own `/run`.
pub(crate) const RUN: &str = "/run/dockeeper";

/// The environment variable that names the folder for what outlives the process.
const STATE: &str = "DOCKEEPER_TEST_STATE";

/// The process, as the test has it.
pub(crate) struct Helper {
    process: Process,
    control: PathBuf,
}

/// A plugin with one app, whose files `a` and `b` have the number of the release in them.
struct Plugin {
    root: Root,
    table: Table,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    release: u64,
    mounts: BTreeMap<MountId, Mount>,
}

// === impl Helper ===

impl Helper {
    pub(crate) async fn start(host: &Host) -> Self {
        let folder = host.node().directory();
        let control = folder.join("control.sock");
        let _ = fs::remove_file(&control);
        let program = std::env::current_exe().unwrap();
        let arguments = [
            "helper::plugin_process",
            "--exact",
            "--ignored",
            "--nocapture",
        ];
        let state = folder.to_str().unwrap();
        let process = host.spawn(program, &arguments, &[(STATE, state)]).unwrap();
        let helper = Self { process, control };
        until("the plugin", LIMIT, async || {
            let asked = UnixStream::connect(&helper.control).await;
            asked.map(drop).map_err(|error| error.to_string())
        })
        .await
        .unwrap();
        helper
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    pub(crate) async fn kill(self) {
        self.process.kill().await.unwrap();
    }

    /// Lays a release down in every mount and swaps it in.
    pub(crate) async fn release(&self, release: u64) {
        let mut control = UnixStream::connect(&self.control).await.unwrap();
        control
            .write_all(format!("{release}\n").as_bytes())
            .await
            .unwrap();
        let mut answer = String::new();
        control.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer, "done\n");
    }

    /// The mounts that there are, as the test's own process sees them.
    pub(crate) fn mounts(&self) -> Vec<PathBuf> {
        let folder = format!("/proc/{}/root{RUN}/volumes/web", self.pid());
        let Ok(entries) = fs::read_dir(folder) else {
            return Vec::new();
        };
        let paths = entries.map(|entry| entry.unwrap().path());
        paths.filter(|path| path.is_dir()).collect()
    }
}

// === impl Plugin ===

impl Plugin {
    fn new(state_dir: &str) -> Self {
        fs::create_dir_all(RUN).unwrap();
        let root = Root::open(RUN.as_ref(), Remap::default()).unwrap();
        let mut state = State {
            release: 1,
            ..State::default()
        };
        for (volume, id) in root.mounts().unwrap() {
            let mount = root.create(&volume, &id).unwrap();
            state.release = mount.current().unwrap().release;
            state.mounts.insert(id, mount);
        }
        let path = PathBuf::from(state_dir).join("volumes");
        Self {
            root,
            table: Table::load(&path).unwrap(),
            state: Mutex::new(state),
        }
    }

    fn release(&self, number: u64) {
        let mut state = self.state.lock();
        state.release = number;
        state
            .mounts
            .values_mut()
            .for_each(|mount| lay_down(mount, number));
    }
}

fn lay_down(mount: &mut Mount, number: u64) {
    let text = number.to_string();
    release(mount, number, &[("a", &text), ("b", &text)], 0);
    mount.prune(0).unwrap();
}

impl Volumes for Plugin {
    async fn create(&self, volume: VolumeName, options: Options) -> Result<(), Refusal> {
        Ok(self.table.create(volume, options)?)
    }

    async fn get(&self, volume: &VolumeName) -> Result<Option<Volume>, Refusal> {
        Ok(self.table.get(volume))
    }

    async fn list(&self) -> Result<Vec<Volume>, Refusal> {
        Ok(self.table.list())
    }

    async fn mount(&self, volume: &VolumeName, id: &MountId) -> Result<PathBuf, Refusal> {
        assert_eq!(*volume, web());
        let mut state = self.state.lock();
        if !state.mounts.contains_key(id) {
            let mut mount = self.root.create(volume, id)?;
            lay_down(&mut mount, state.release);
            state.mounts.insert(id.clone(), mount);
        }
        Ok(state.mounts[id].path().to_owned())
    }

    async fn unmount(&self, volume: &VolumeName, id: &MountId) -> Result<(), Refusal> {
        let mut state = self.state.lock();
        let Some(mount) = state.mounts.get(id) else {
            return Ok(());
        };
        let device = mount.device()?;
        if owner::holders(device, mount.path())?.is_empty() {
            state.mounts.remove(id);
            self.root.remove(volume, id)?;
        }
        Ok(())
    }

    async fn remove(&self, volume: &VolumeName) -> Result<(), Refusal> {
        Ok(self.table.remove(volume)?)
    }
}

#[tokio::test]
#[ignore = "a process that the other tests start on their host"]
async fn plugin_process() {
    let Ok(state_dir) = std::env::var(STATE) else {
        return;
    };
    let plugin = Arc::new(Plugin::new(&state_dir));
    // Nobody else is there to have it.
    let _ = fs::remove_file(SOCKET);
    let listener = UnixListener::bind(SOCKET).unwrap();
    tokio::spawn(serve(listener, Arc::clone(&plugin)));
    let control = UnixListener::bind(PathBuf::from(state_dir).join("control.sock")).unwrap();
    loop {
        let (stream, _) = control.accept().await.unwrap();
        let (reader, mut writer) = stream.into_split();
        let line = BufReader::new(reader).lines().next_line().await.unwrap();
        if let Some(number) = line {
            plugin.release(number.parse().unwrap());
            writer.write_all(b"done\n").await.unwrap();
        }
    }
}

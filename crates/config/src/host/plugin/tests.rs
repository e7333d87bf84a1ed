//! What Docker would send, and what it gets.

use super::*;
use crate::host::volume::{MountId, VolumeName};
use parking_lot::Mutex;
use std::{path::PathBuf, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
};

/// Keeps its volumes in a table, and notes what it was asked.
struct Noting {
    table: Table,
    asked: Mutex<Vec<String>>,
    /// The name of the volume that is never mounted.
    stuck: &'static str,
}

// === impl Noting ===

impl Noting {
    fn note(&self, what: &str, volume: &VolumeName, id: &MountId) {
        self.asked.lock().push(format!("{what} {volume} {id}"));
    }
}

impl Volumes for Noting {
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
        if volume.as_str() == self.stuck {
            std::future::pending::<()>().await;
        }
        self.note("mount", volume, id);
        Ok(format!("/run/volumes/{volume}/{id}").into())
    }

    async fn unmount(&self, volume: &VolumeName, id: &MountId) -> Result<(), Refusal> {
        self.note("unmount", volume, id);
        Ok(())
    }

    async fn remove(&self, volume: &VolumeName) -> Result<(), Refusal> {
        Ok(self.table.remove(volume)?)
    }
}

struct World {
    folder: tempfile::TempDir,
    volumes: Arc<Noting>,
    serving: tokio::task::JoinHandle<()>,
}

// === impl World ===

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let volumes = Arc::new(Noting {
            table: Table::load(&folder.path().join("volumes")).unwrap(),
            asked: Mutex::default(),
            stuck: "stuck",
        });
        let listener = UnixListener::bind(folder.path().join("dockeeper.sock")).unwrap();
        let serving = tokio::spawn(serve(listener, Arc::clone(&volumes)));
        Self {
            folder,
            volumes,
            serving,
        }
    }

    /// Asks as Docker does, and returns the answer's head and body.
    async fn ask(&self, path: &str, body: &str) -> (String, String) {
        let path_of_socket = self.folder.path().join("dockeeper.sock");
        let mut stream = UnixStream::connect(path_of_socket).await.unwrap();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: \r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: {}\r\n\
             Accept: application/vnd.docker.plugins.v1.2+json\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }

    async fn answer(&self, method: &str, body: &str) -> serde_json::Value {
        let (head, body) = self.ask(&format!("/{method}"), body).await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        serde_json::from_str(&body).unwrap()
    }

    async fn error(&self, method: &str, body: &str) -> String {
        self.answer(method, body).await["Err"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

#[tokio::test]
async fn docker_gets_to_know_the_plugin() {
    let world = World::new();
    let (head, body) = world.ask("/Plugin.Activate", "").await;
    assert!(
        head.contains("application/vnd.docker.plugins.v1.2+json"),
        "{head}"
    );
    assert_eq!(body, r#"{"Implements":["VolumeDriver"]}"#);
    let capabilities = world.answer("VolumeDriver.Capabilities", "{}\n").await;
    assert_eq!(capabilities["Capabilities"]["Scope"], "local");
    let (head, _) = world.ask("/NetworkDriver.Join", "{}").await;
    assert!(head.starts_with("HTTP/1.1 404"), "{head}");
}

#[tokio::test]
async fn a_volume_lives_as_long_as_docker_wants() {
    let world = World::new();
    let name = r#"{"Name":"web"}"#;
    let missing = world.error("VolumeDriver.Get", name).await;
    assert_eq!(missing, "there is no volume web");
    let create = r#"{"Name":"web","Opts":{"config":"shop"}}"#;
    for _ in 0..2 {
        assert_eq!(world.error("VolumeDriver.Create", create).await, "");
    }
    let again = world
        .error("VolumeDriver.Create", r#"{"Name":"web","Opts":null}"#)
        .await;
    assert!(
        again.contains("exists with config=shop, not web"),
        "{again}"
    );
    let got = world.answer("VolumeDriver.Get", name).await;
    assert_eq!(got["Volume"]["Name"], "web");
    assert_eq!(got["Volume"]["Status"]["config"], "shop");
    let list = world.answer("VolumeDriver.List", "{}\n").await;
    assert_eq!(list["Volumes"][0]["Name"], "web");
    let path = world.answer("VolumeDriver.Path", name).await;
    assert_eq!(
        (&path["Mountpoint"], &path["Err"]),
        (&"".into(), &"".into())
    );

    let mount = r#"{"Name":"web","ID":"0750ecdd"}"#;
    let mounted = world.answer("VolumeDriver.Mount", mount).await;
    assert_eq!(mounted["Mountpoint"], "/run/volumes/web/0750ecdd");
    assert_eq!(world.error("VolumeDriver.Unmount", mount).await, "");
    assert_eq!(
        *world.volumes.asked.lock(),
        ["mount web 0750ecdd", "unmount web 0750ecdd"]
    );
    assert_eq!(world.error("VolumeDriver.Remove", name).await, "");
    assert!(world.volumes.table.list().is_empty());
}

#[tokio::test]
async fn bad_input_is_refused_and_reaches_nobody() {
    let world = World::new();
    for (method, body, says) in [
        (
            "VolumeDriver.Create",
            r#"{"Name":"../../etc"}"#,
            "cannot be the name of a volume",
        ),
        (
            "VolumeDriver.Create",
            r#"{"Name":"web","Opts":{"size":"1"}}"#,
            "no option \"size\"",
        ),
        (
            "VolumeDriver.Mount",
            r#"{"Name":"web","ID":"../x"}"#,
            "cannot be the name of a mount",
        ),
        (
            "VolumeDriver.Unmount",
            r#"{"Name":"..","ID":"x"}"#,
            "cannot be the name of a volume",
        ),
        ("VolumeDriver.Remove", "", "cannot be the name of a volume"),
        (
            "VolumeDriver.Get",
            "{",
            "cannot understand Docker's request",
        ),
        ("VolumeDriver.Get", "[]", "cannot be the name of a volume"),
    ] {
        let error = world.error(method, body).await;
        assert!(error.contains(says), "{method} {body}: {error}");
    }
    let long = format!(r#"{{"Name":"{}"}}"#, "x".repeat(100_000));
    let (head, _) = world.ask("/VolumeDriver.Get", &long).await;
    assert!(head.starts_with("HTTP/1.1 400"), "{head}");
    assert!(world.volumes.asked.lock().is_empty());
}

#[tokio::test]
async fn a_mount_that_hangs_is_given_up_and_holds_up_nobody() {
    let world = World::new();
    tokio::time::pause();
    let stuck = world.error("VolumeDriver.Mount", r#"{"Name":"stuck","ID":"1"}"#);
    let other = async {
        let mounted = world
            .answer("VolumeDriver.Mount", r#"{"Name":"web","ID":"2"}"#)
            .await;
        assert_eq!(mounted["Err"], "");
        *world.volumes.asked.lock() == ["mount web 2"]
    };
    let (stuck, went_on) = tokio::join!(stuck, other);
    assert!(stuck.contains("could not be mounted within 30s"), "{stuck}");
    assert!(went_on);
}

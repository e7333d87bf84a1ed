//! What a real Docker Engine and its containers do with the plugin.

use crate::helper::Helper;
use dockeeper_config::host::owner::{self, Holder};
use dockeeper_engine::{ContainerId, Docker, Engine, docker};
use dockeeper_testbed::{Host, IMAGE, Testbed};
use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long anything may take on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

const PLUGIN: [&str; 4] = ["--network", "none", "--volume-driver", "dockeeper"];

async fn start(live_restore: bool) -> (Testbed, Helper) {
    let builder = Testbed::builder().hosts(1).zookeepers(0);
    let builder = builder.docker_option("live-restore", live_restore);
    let testbed = builder.start().await.unwrap();
    let helper = Helper::start(testbed.host(0)).await;
    (testbed, helper)
}

/// Runs a container that sleeps.
async fn run(host: &Host, name: &str, volume: &str) -> ContainerId {
    let begin = [
        "run", "--detach", "--init", "--name", name, "--volume", volume,
    ];
    let arguments = [&begin[..], &PLUGIN, &[IMAGE, "sleep", "9999"]].concat();
    host.docker(&arguments).await.unwrap().parse().unwrap()
}

async fn shell(host: &Host, container: &str, script: &str) -> String {
    host.docker(&["exec", container, "sh", "-c", script])
        .await
        .unwrap()
}

/// Has Docker mount and unmount what a running container has.
async fn copy(host: &Host, container: &str) {
    let target = host.node().directory().join("copy");
    let source = format!("{container}:/etc/web/a");
    host.docker(&["cp", &source, target.to_str().unwrap()])
        .await
        .unwrap();
}

/// Who has a mount, by what the kernel says.
fn holders(helper: &Helper, mount: &Path) -> Vec<Holder> {
    let device = fs::metadata(mount).unwrap().dev();
    let root = format!("/proc/{}/root", helper.pid());
    let path = Path::new("/").join(mount.strip_prefix(root).unwrap());
    owner::holders(device, &path).unwrap()
}

/// The mount that a container has.
fn mount_of(helper: &Helper, container: ContainerId) -> PathBuf {
    let is_its = |mount: &PathBuf| {
        let holders = holders(helper, mount);
        let is_there = |holder: &Holder| holder.mount_point == Path::new("/etc/web");
        assert!(holders.iter().all(is_there), "{holders:?}");
        holders.iter().any(|holder| holder.is_of(&container))
    };
    helper.mounts().into_iter().find(is_its).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn containers_see_each_release_and_nobody_elses_mount() {
    let (testbed, mut helper) = start(false).await;
    let host = testbed.host(0);
    let once = ["run", "--rm", "--read-only", "--volume", "web:/etc/web:ro"];
    let once = [&once[..], &PLUGIN, &[IMAGE, "cat", "/etc/web/a"]].concat();
    assert_eq!(host.docker(&once).await.unwrap(), "1");
    assert_eq!(helper.mounts(), Vec::<PathBuf>::new());

    let first = run(host, "first", "web:/etc/web:ro").await;
    let second = run(host, "second", "web:/etc/web").await;
    assert_ne!(mount_of(&helper, first), mount_of(&helper, second));
    helper.release(2).await;
    for container in ["first", "second"] {
        assert_eq!(
            shell(host, container, "cat /etc/web/a /etc/web/..data/b").await,
            "22"
        );
    }
    // A copy mounts and unmounts what the container has.
    copy(host, "first").await;
    assert_eq!(shell(host, "first", "cat /etc/web/a").await, "2");

    host.docker(&["restart", "--time", "0", "first"])
        .await
        .unwrap();
    assert_eq!(helper.mounts().len(), 2);
    assert_eq!(shell(host, "first", "cat /etc/web/a").await, "2");
    // The next agent takes over what it finds.
    helper.kill().await;
    helper = Helper::start(host).await;
    assert_eq!(shell(host, "first", "cat /etc/web/a").await, "2");
    helper.release(3).await;
    assert_eq!(shell(host, "first", "cat /etc/web/a").await, "3");
    host.docker(&["rm", "--force", "first", "second"])
        .await
        .unwrap();
    assert_eq!(helper.mounts(), Vec::<PathBuf>::new());
    host.docker(&["volume", "rm", "web"]).await.unwrap();
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_replaces_its_files_harms_nothing() {
    let (testbed, helper) = start(false).await;
    let host = testbed.host(0);
    run(host, "vandal", "web:/etc/web").await;
    let id = run(host, "victim", "web:/etc/web:ro").await;
    let script = "cd /etc/web && rm -rf a ..data && ln -s / ..data && ln -s /etc/passwd a && ln -s / ..r2-1 \
                  && cat a";
    shell(host, "vandal", script).await;
    let passwd = fs::read("/etc/passwd").unwrap();
    helper.release(2).await;
    assert_eq!(
        shell(host, "vandal", "cat /etc/web/a /etc/web/b").await,
        "22"
    );
    assert_eq!(shell(host, "victim", "cat /etc/web/a").await, "2");
    assert_eq!(fs::read("/etc/passwd").unwrap(), passwd);
    let mount = mount_of(&helper, id);
    assert_eq!(fs::read_to_string(mount.join("a")).unwrap(), "2");
    host.docker(&["rm", "--force", "vandal"]).await.unwrap();
    assert_eq!(helper.mounts(), [mount]);
    testbed.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_docker_takes_nothing_from_running_containers() {
    let (testbed, helper) = start(true).await;
    let host = testbed.host(0);
    let id = run(host, "web", "web:/etc/web:ro").await;
    let mount = mount_of(&helper, id);
    host.restart_docker().await.unwrap();
    assert_eq!(mount_of(&helper, id), mount);
    helper.release(2).await;
    assert_eq!(shell(host, "web", "cat /etc/web/a").await, "2");
    // Docker has lost count of its mounts; what it unmounts for a copy is still needed.
    copy(host, "web").await;
    assert_eq!(shell(host, "web", "cat /etc/web/a").await, "2");

    let engine = Docker::new(&docker::Config {
        host: Some(format!("unix://{}", host.docker_socket().display())),
        ..docker::Config::default()
    })
    .unwrap();
    let summaries = engine.summaries().await.unwrap();
    assert_eq!(summaries[0].volumes[0].driver, "dockeeper");
    assert!(owner::candidates(&summaries, "web", "dockeeper").is_empty());
    let pid = engine.inspect(&id).await.unwrap().unwrap().pid;
    engine.restart(&id, Duration::ZERO).await.unwrap();
    assert_ne!(engine.inspect(&id).await.unwrap().unwrap().pid, pid);
    assert_ne!(mount_of(&helper, id), mount);
    host.docker(&["rm", "--force", "web"]).await.unwrap();
    // Of the mount before its restart, Docker no longer knew the identifier: it is nobody's now.
    for mount in helper.mounts() {
        assert_eq!(holders(&helper, &mount), []);
    }
    testbed.shutdown().await.unwrap();
}

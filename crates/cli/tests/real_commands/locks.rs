use crate::{
    holder::{Holder, gone},
    program,
    world::World,
};
use rustix::process::{Signal, kill_process};
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// A command under a lock named `x`, whose session is as short as the server allows.
fn script(world: &World, script: &str) -> Command {
    let options = ["lock", "run", "x", "--session-timeout", "4s"];
    let mut command = program::dockeeper(&options);
    command.args(["--", "sh", "-c", script]);
    command.env("DOCKEEPER_ZK", &world.address);
    command.env("PATH", std::env::var_os("PATH").unwrap());
    command
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_that_freezes_has_lost_before_the_next_one_begins() {
    let world = World::start().await;
    let command = script(&world, "sleep 1000 & echo $!; wait; echo acted");
    let (mut frozen, background) = blocking(|| {
        let mut holder = Holder::start(command);
        let background = holder.pid();
        (holder, background)
    })
    .await;
    frozen.signal(Signal::STOP);
    let next = script(&world, &format!("kill -0 {background}"));
    let (code, _) = blocking(|| Holder::start(next).end()).await;
    assert_eq!(
        code,
        Some(1),
        "the first command runs while the next one does"
    );
    assert!(!frozen.has_ended());
    frozen.signal(Signal::CONT);
    let (code, said) = blocking(|| frozen.end()).await;
    assert_eq!(code, Some(125), "{said}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_costs_the_lock() {
    let world = World::start().await;
    let command = script(&world, "echo $$; exec sleep 1000");
    let (holder, pid) = blocking(|| {
        let mut holder = Holder::start(command);
        let pid = holder.pid();
        (holder, pid)
    })
    .await;
    world.testbed.zookeeper().server(0).kill().await.unwrap();
    let (code, said) = blocking(|| holder.end()).await;
    assert_eq!(code, Some(125), "{said}");
    gone(pid);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_is_listed_and_what_others_use_is_refused() {
    let world = World::start().await;
    let ended = world
        .run(&["lock", "run", "x", "--", "sh", "-c", "exit 9"])
        .await;
    assert_eq!(ended.code, Some(9), "{}", ended.stderr);
    world.put("/locks/y/somebody-elses", "").await;
    let refused = world.run(&["lock", "run", "y", "--", "true"]).await;
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("somebody-elses"),
        "{}",
        refused.stderr
    );
    let listed = world.run(&["lock", "ls"]).await;
    let foreign = "/dockeeper/locks/y/somebody-elses";
    assert!(listed.stderr.contains(foreign), "{}", listed.stderr);
    world.end().await;
}

/// Copies a program to where everybody finds it.
fn copy(folder: &TempDir, program: &str, mode: u32) -> PathBuf {
    let to = folder.path().join(Path::new(program).file_name().unwrap());
    fs::copy(program, &to).unwrap();
    fs::set_permissions(&to, Permissions::from_mode(mode)).unwrap();
    to
}

/// As `sudo` does it.
#[tokio::test(flavor = "multi_thread")]
async fn what_has_become_another_user_is_named_as_left() {
    const SETUID: u32 = 0o4755;
    let world = World::start().await;
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let dockeeper = copy(&folder, env!("CARGO_BIN_EXE_dockeeper"), 0o755);
    let become_root = copy(&folder, "/usr/bin/setpriv", SETUID);
    // Without the standard error, of which the test waits for the end.
    let script = format!(
        "{} --reuid 0 sh -c 'echo $$; exec sleep 1000 2>&-'",
        become_root.display()
    );
    let mut command = Command::new("/usr/bin/setpriv");
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]);
    command
        .arg(dockeeper)
        .args(["lock", "run", "x", "--kill-after", "100ms", "--"]);
    command.args(["sh", "-c", &script]);
    command.env_clear().env("DOCKEEPER_ZK", &world.address);
    command.env("PATH", std::env::var_os("PATH").unwrap());
    let (holder, left) = blocking(|| {
        let mut holder = Holder::start(command);
        let left = holder.pid();
        (holder, left)
    })
    .await;
    let broken = world.run(&["lock", "break", "x"]).await;
    assert_eq!(broken.code, Some(0), "{}", broken.stderr);
    let (code, said) = blocking(|| holder.end()).await;
    kill_process(left, Signal::KILL).unwrap();
    assert_eq!(code, Some(125), "{said}");
    assert!(said.contains(&format!("process {left} (sleep)")), "{said}");
    world.end().await;
}

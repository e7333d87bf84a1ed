//! Hosts, their daemons and their programs end, stop and come back.

use dockeeper_testbed::{Host, IMAGE, Result, Testbed, wait::until};
use tokio::{net::UnixStream, time::timeout};

use crate::{
    LIMIT, SILENCE,
    containers::{greeting, serve},
    traces,
};

#[tokio::test(flavor = "multi_thread")]
async fn hosts_die_and_come_back() {
    let testbed = Testbed::builder()
        .hosts(2)
        .zookeepers(0)
        .start()
        .await
        .unwrap();
    let host = testbed.host(0);
    programs_run_on_their_host(host).await.unwrap();
    docker_restarts(host).await.unwrap();
    host_is_revived(host).await.unwrap();
    frozen_host_is_silent(testbed.host(1)).await.unwrap();

    let layout = *testbed.layout();
    drop(testbed);
    assert_eq!(traces::of(&layout), Vec::<String>::new());
}

async fn programs_run_on_their_host(host: &Host) -> Result<()> {
    let script =
        "hostname; echo $GREETING; docker version > /dev/null && echo docker; exec sleep 60";
    let program = host.spawn("sh", &["-c", script], &[("GREETING", "hello")])?;
    until("the output", LIMIT, async || match program.log() {
        Ok(log) if log == "h1\nhello\ndocker\n" => Ok(()),
        log => Err(format!("{log:?}")),
    })
    .await?;
    let name = format!("/proc/{}/comm", program.pid());
    until("the exec", LIMIT, async || {
        match std::fs::read_to_string(&name) {
            Ok(name) if name == "sleep\n" => Ok(()),
            name => Err(format!("{name:?}")),
        }
    })
    .await?;
    program.freeze().await?;
    program.terminate()?;
    assert!(
        program.wait(SILENCE).await.is_err(),
        "a frozen process does not end"
    );
    program.thaw()?;
    assert!(!program.wait(LIMIT).await?.success());
    Ok(())
}

async fn docker_restarts(host: &Host) -> Result<()> {
    let daemon = host.docker_pid().await;
    host.restart_docker().await?;
    assert_ne!(host.docker_pid().await, daemon);
    host.kill_docker().await?;
    assert!(UnixStream::connect(host.docker_socket()).await.is_err());
    host.start_docker().await
}

async fn host_is_revived(host: &Host) -> Result<()> {
    serve(host, "web").await?;
    // A paused container does not die of a mere signal.
    host.docker(&["run", "--detach", "--name", "paused", IMAGE, "sleep", "600"])
        .await?;
    host.docker(&["pause", "paused"]).await?;
    let program = host.spawn("sleep", &["600"], &[])?;
    let boot = boot_id(host).await?;

    host.kill().await?;
    assert!(!program.wait(LIMIT).await?.success());
    assert!(host.command("true").is_err());

    host.revive().await?;
    assert_ne!(boot_id(host).await?, boot);
    let list = ["ps", "--all", "--format", "{{.Names}} {{.State}}"];
    assert_eq!(host.docker(&list).await?, "paused exited\nweb exited");
    host.docker(&["start", "web"]).await?;
    assert_eq!(
        greeting(&format!("{}:8080", host.node().address())).await,
        "hello"
    );
    Ok(())
}

async fn frozen_host_is_silent(host: &Host) -> Result<()> {
    host.freeze().await?;
    assert!(timeout(SILENCE, host.docker(&["ps"])).await.is_err());
    host.thaw().await?;
    host.docker(&["ps"]).await.map(drop)
}

async fn boot_id(host: &Host) -> Result<Vec<u8>> {
    let mut command = host.command("cat")?;
    Ok(command
        .arg("/proc/sys/kernel/random/boot_id")
        .output()
        .await
        .unwrap()
        .stdout)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_start_says_why() {
    let builder = Testbed::builder().hosts(1).zookeepers(0);
    let result = builder.docker_option("no-such-option", true).start().await;
    let text = result.unwrap_err().to_string();
    assert!(
        text.starts_with("start of dockerd on h1: the process has ended"),
        "{text}"
    );
    assert!(text.contains("no-such-option"), "{text}");
}

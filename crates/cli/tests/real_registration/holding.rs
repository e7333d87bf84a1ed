//! Containers that hold locks with nothing but `curl`.

use crate::cluster::{Cluster, LIMIT};
use dockeeper_testbed::{Host, IMAGE, Testbed, wait};
use std::time::Duration;
use tokio::time::Instant;

/// Where a container has the directory of its host's agent's socket.
const MOUNTED: &str = "/run/dockeeper";

/// So long that nothing here can come from a session that has expired.
const LONG_SESSION: [&str; 2] = ["--session-timeout", "30s"];

/// Far below that.
const AT_ONCE: Duration = Duration::from_secs(10);

const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/socket.md"));

/// The machine's shells, and that of the image, which is BusyBox's.
const SHELLS: [&str; 3] = ["sh", "/usr/bin/dash", "/usr/bin/bash"];

/// What asks for something that is held as long as the connection lasts.
const STREAM: &str = "--header 'Accept: text/event-stream' --request POST";

impl Cluster {
    /// A host and a server that grants long sessions.
    async fn holding() -> Self {
        let builder = Testbed::builder().hosts(1).zookeepers(1);
        Self::start_with(builder.tick(Duration::from_secs(2)), &LONG_SESSION).await
    }
}

/// The command line of `curl` against a host's agent, in a container.
fn curl(arguments: &str) -> String {
    format!("curl --silent --no-buffer --unix-socket {MOUNTED}/agent.sock {arguments}")
}

/// Runs a shell's command in a container with the machine's `curl`; returns the container's id.
async fn run(host: &Host, name: &str, command: &str) -> String {
    let mounted = format!("{}:{MOUNTED}", host.node().directory().display());
    let mut arguments = vec!["run", "--detach", "--init", "--name", name];
    arguments.extend(["--volume", &mounted]);
    for libraries in ["/usr:/usr:ro", "/lib:/lib:ro", "/lib64:/lib64:ro"] {
        arguments.extend(["--volume", libraries]);
    }
    arguments.extend([IMAGE, "sh", "-c", command]);
    host.docker(&arguments).await.unwrap()
}

/// Runs a shell's command in a container that runs.
async fn exec(host: &Host, name: &str, command: &str) -> String {
    let arguments = ["exec", name, "sh", "-c", command];
    host.docker(&arguments).await.unwrap()
}

/// Waits until a container has written something, and returns all that it wrote.
async fn until_written(host: &Host, name: &str, text: &str) -> String {
    let probe = async || match host.docker(&["logs", name]).await {
        Ok(log) if log.contains(text) => Ok(log),
        other => Err(format!("{other:?}")),
    };
    let what = format!("{text} of {name}");
    wait::until(what, LIMIT, probe).await.unwrap()
}

/// The id of the hold in an answer.
fn id(answer: &str) -> &str {
    let (_, rest) = answer.split_once(r#""id":""#).unwrap();
    rest.split('"').next().unwrap()
}

#[tokio::test]
async fn a_killed_containers_lock_is_the_next_ones_at_once() {
    let cluster = Cluster::holding().await;
    let host = cluster.testbed.host(0);
    let lock = "http://agent/v1/locks/backup";
    let stream = curl(&format!("{STREAM} {lock}"));
    run(host, "first", &stream).await;
    until_written(host, "first", "event: acquired").await;
    run(host, "second", &stream).await;
    until_written(host, "second", "event: waiting").await;
    let shown = wait::until("two contenders", LIMIT, async || {
        match exec(host, "second", &curl(lock)).await {
            shown if shown.matches(r#""container":"#).count() == 2 => Ok(shown),
            shown => Err(shown),
        }
    });
    let shown = shown.await.unwrap();
    let (holders, waiting) = shown.split_once(r#""waiting""#).unwrap();
    assert!(holders.contains(r#""name":"first""#), "{shown}");
    assert!(waiting.contains(r#""name":"second""#), "{shown}");

    let killed = Instant::now();
    host.docker(&["kill", "first"]).await.unwrap();
    until_written(host, "second", "event: acquired").await;
    let took = killed.elapsed();
    println!("a stream's lock was the next one's {took:?} after `docker kill` was called");
    assert!(took < AT_ONCE, "{took:?}");

    // Held without a connection: only the container's death tells.
    host.docker(&["kill", "second"]).await.unwrap();
    let kept = curl(&format!("--request POST {lock}?wait=20s"));
    run(host, "third", &format!("{kept}; sleep 600")).await;
    until_written(host, "third", r#""state":"held""#).await;
    run(host, "fourth", &format!("{kept}; sleep 600")).await;
    let waits = async || match exec(host, "third", &curl(lock)).await {
        shown if shown.contains(r#""name":"fourth""#) => Ok(()),
        shown => Err(shown),
    };
    wait::until("the fourth", LIMIT, waits).await.unwrap();
    let killed = Instant::now();
    host.docker(&["kill", "third"]).await.unwrap();
    until_written(host, "fourth", r#""state":"held""#).await;
    let took = killed.elapsed();
    println!("a container's lock was the next one's {took:?} after `docker kill` was called");
    assert!(took < AT_ONCE, "{took:?}");
}

#[tokio::test]
async fn a_container_cannot_release_what_another_holds() {
    let cluster = Cluster::holding().await;
    let host = cluster.testbed.host(0);
    let ask = curl("--request POST http://agent/v1/locks/mine?wait=0");
    let code = "--output /dev/null --write-out '%{http_code}'";
    for name in ["owner", "other"] {
        run(host, name, "sleep 600").await;
    }
    let answer = exec(host, "owner", &ask).await;
    assert!(answer.contains(r#""state":"held""#), "{answer}");
    let refused = exec(host, "other", &ask).await;
    assert!(refused.contains(r#""code":"taken""#), "{refused}");

    let hold = format!("http://agent/v1/holds/{}", id(&answer));
    let delete = curl(&format!("{code} --request DELETE {hold}"));
    assert_eq!(exec(host, "other", &delete).await, "404");
    assert_eq!(
        exec(host, "other", &curl("http://agent/v1/holds")).await,
        "[]"
    );
    assert!(
        exec(host, "owner", &curl(&hold))
            .await
            .contains("sureForSeconds")
    );

    // A process of the host is no container, whatever it says of itself.
    let socket = host.node().directory().join("agent.sock");
    let mut command = host.command("curl").unwrap();
    command.args(["--silent", "--request", "POST", "--unix-socket"]);
    command.arg(socket).args(["--header", "X-Container: owner"]);
    let output = command.arg("http://agent/v1/locks/mine").output().await;
    let said = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(said.contains(r#""code":"no-container""#), "{said}");

    assert_eq!(exec(host, "owner", &delete).await, "204");
    let answer = exec(host, "other", &ask).await;
    assert!(answer.contains(r#""state":"held""#), "{answer}");
}

#[tokio::test]
async fn a_killed_agents_holds_end_with_their_sessions_and_a_stopped_ones_at_once() {
    let mut cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    let ask = curl("--retry 30 --retry-delay 1 --retry-all-errors --request POST");
    let ask = format!("{ask} 'http://agent/v1/locks/l?wait=20s'");
    run(host, "one", "sleep 600").await;
    run(host, "two", "sleep 600").await;
    let answer = exec(host, "one", &ask).await;
    assert!(answer.contains(r#""state":"held""#), "{answer}");
    cluster.agents.remove(0).kill().await.unwrap();
    // The directory is mounted, so that the next agent's socket is seen.
    let agent = cluster.agent(host);
    let answer = exec(host, "two", &ask).await;
    assert!(answer.contains(r#""state":"held""#), "{answer}");
    agent.terminate().unwrap();
    assert!(agent.wait(LIMIT).await.unwrap().success());
    let (left, _) = cluster.client.list("/locks/l").await.unwrap();
    assert_eq!(left, [""; 0]);
}

/// The page's script that runs a command while it holds a lock.
fn script() -> &'static str {
    let (_, rest) = PAGE.split_once("```sh\n").unwrap();
    rest.split_once("```").unwrap().0
}

/// Has the page's script run a command in a container, under a lock of the shell's own name. Returns
/// the exit code.
async fn locked(host: &Host, shell: &str, command: &str) -> Option<i32> {
    let name = shell.rsplit('/').next().unwrap();
    let mut docker = host.command("docker").unwrap();
    docker.args(["exec", "box", shell, "-c", script(), "locked", name]);
    let output = docker.args(["sh", "-c", command]).output().await.unwrap();
    println!("{shell}: {output:?}");
    output.status.code()
}

/// How many processes in the container do what its commands leave behind.
async fn left(host: &Host) -> usize {
    let processes = exec(host, "box", "ps -o args").await;
    let lines = processes.lines();
    lines.filter(|line| line.starts_with("sleep 9")).count()
}

/// Waits until as many commands run, each with its child.
async fn until_running(host: &Host, count: usize) {
    let probe = async || match left(host).await {
        found if found == 2 * count => Ok(()),
        found => Err(format!("{found} processes")),
    };
    let what = format!("{count} commands");
    wait::until(what, LIMIT, probe).await.unwrap();
}

#[tokio::test]
async fn the_pages_script_binds_a_command_to_its_lock_in_every_shell() {
    /// What ends by SIGKILL alone, and does not end its child.
    const WORK: &str = "trap '' TERM; sleep 901 & sleep 902; sleep 903";
    const KILLED: Option<i32> = Some(137);
    let mut cluster = Cluster::holding().await;
    let host = cluster.testbed.host(0);
    run(host, "box", "sleep 600").await;
    // Done by itself: nothing goes on without the lock, which is the next one's at once.
    for shell in SHELLS {
        for _ in 0..2 {
            let code = locked(host, shell, "sleep 901 & exit 7").await;
            assert_eq!((code, left(host).await), (Some(7), 0), "{shell}");
        }
    }

    // Taken away.
    for shell in SHELLS {
        let path = format!("/locks/{}", shell.rsplit('/').next().unwrap());
        let broken = async {
            until_running(host, 1).await;
            let (nodes, _) = cluster.client.list(&path).await.unwrap();
            let node = format!("{path}/{}", nodes[0]);
            cluster.client.delete(&node, None).await.unwrap();
        };
        let (code, ()) = tokio::join!(locked(host, shell, WORK), broken);
        assert_eq!((code, left(host).await), (KILLED, 0), "{shell}");
    }

    // The agent dies without a word.
    let agent = cluster.agents.remove(0);
    let [one, two, three] = SHELLS.map(|shell| locked(host, shell, WORK));
    let killed = async {
        until_running(host, 3).await;
        agent.kill().await.unwrap();
    };
    let (one, two, three, ()) = tokio::join!(one, two, three, killed);
    assert_eq!([one, two, three], [KILLED; 3]);
    assert_eq!(left(host).await, 0);
}

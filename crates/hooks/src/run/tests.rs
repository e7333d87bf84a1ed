use super::*;
use dockeeper_engine::{Exec, container::State, fake::Fake};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

const LIMIT: Duration = Duration::from_secs(60);

/// Has a hook tell a container something.
async fn told(
    engine: &Fake,
    container: ContainerId,
    ports: &BTreeMap<u16, SocketAddr>,
    hook: &str,
) -> Result<(), String> {
    let context = Context {
        container,
        ports,
        env: &["RELEASE=7".to_owned()],
        body: Bytes::from_static(br#"{"release":7}"#),
        limit: LIMIT,
    };
    run(&hook.parse().unwrap(), engine, context).await
}

#[tokio::test]
async fn a_command_is_run_by_the_shell_with_the_environment() {
    let engine = Fake::new(1);
    let id = engine.run("web", |_| {});
    assert_eq!(told(&engine, id, &BTreeMap::new(), "exec:up").await, Ok(()));
    let executed = engine.executed().pop().unwrap();
    assert_eq!(executed.container, id);
    assert_eq!(executed.command, ["sh", "-c", "up"]);
    assert_eq!(executed.env, ["RELEASE=7"]);
}

#[tokio::test]
async fn a_failed_command_is_shown_with_the_beginning_of_its_output() {
    let engine = Fake::new(1);
    let id = engine.run("web", |_| {});
    for (output, expected) in [
        ("\n", "the command exited with 3".to_owned()),
        ("no disk\n", "the command exited with 3: no disk".to_owned()),
        (
            &"ä".repeat(OUTPUT_SHOWN_MAX + 1),
            format!(
                "the command exited with 3: {}",
                "ä".repeat(OUTPUT_SHOWN_MAX)
            ),
        ),
    ] {
        engine.set_exec(Exec {
            exit_code: 3,
            output: output.to_owned(),
            truncated: false,
        });
        let error = told(&engine, id, &BTreeMap::new(), "exec:up").await;
        assert_eq!(error, Err(expected));
    }
}

#[tokio::test]
async fn a_signal_is_sent_to_the_container() {
    let engine = Fake::new(1);
    let id = engine.run("web", |_| {});
    let ports = BTreeMap::new();
    assert_eq!(told(&engine, id, &ports, "signal:9").await, Ok(()));
    assert_eq!(engine.containers()[0].state, State::Exited);
    let error = told(&engine, id, &ports, "signal:9").await.unwrap_err();
    assert!(error.contains("not running"), "{error}");
}

#[tokio::test]
async fn a_request_reaches_the_containers_port_or_another_host() {
    let engine = Fake::new(1);
    let id = engine.run("web", |_| {});
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let ports = BTreeMap::from([(8080, address)]);
    let elsewhere = format!("http:PATCH http://{address}/x");
    for (hook, line, has_body) in [
        ("http:8080/up", "POST /up HTTP/1.1", true),
        ("http:PUT 8080", "PUT / HTTP/1.1", true),
        ("http:GET 8080/x?y=1", "GET /x?y=1 HTTP/1.1", false),
        ("http:HEAD 8080/x", "HEAD /x HTTP/1.1", false),
        ("http:DELETE 8080/x", "DELETE /x HTTP/1.1", false),
        (&elsewhere, "PATCH /x HTTP/1.1", true),
    ] {
        let (told, request) = tokio::join!(told(&engine, id, &ports, hook), answer(&listener));
        assert_eq!(told, Ok(()), "{hook}");
        assert!(request.starts_with(line), "{hook}: {request}");
        assert_eq!(
            request.ends_with(r#"{"release":7}"#),
            has_body,
            "{hook}: {request}"
        );
    }
}

#[tokio::test]
async fn a_port_that_is_reached_nowhere_is_named() {
    let engine = Fake::new(1);
    let id = engine.run("web", |_| {});
    let error = told(&engine, id, &BTreeMap::new(), "http:80/up").await;
    let error = error.unwrap_err();
    assert!(error.contains("port 80 is reached nowhere"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn who_does_not_answer_is_waited_for_no_longer_than_the_limit() {
    let engine = Fake::new(1);
    let id = engine.run("web", |_| {});
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ports = BTreeMap::from([(80, silent.local_addr().unwrap())]);
    let error = told(&engine, id, &ports, "http:80/up").await.unwrap_err();
    assert!(error.contains("within the time limit of 1m"), "{error}");
}

/// Answers one request, whose head and body it returns.
async fn answer(listener: &TcpListener) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    while !is_whole(&request) {
        assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
    }
    let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
    stream.write_all(answer).await.unwrap();
    String::from_utf8(request).unwrap()
}

fn is_whole(request: &[u8]) -> bool {
    let text = str::from_utf8(request).unwrap().to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .split_once("\r\ncontent-length: ")
        .map_or("0", |(_, rest)| {
            rest.split("\r\n").next().unwrap_or_default()
        });
    body.len() == length.parse::<usize>().unwrap()
}

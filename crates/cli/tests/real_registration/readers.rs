//! Other programs read the instances: Curator's x-discovery, and Prometheus in two ways.

use crate::cluster::{Cluster, LIMIT, at, run_web};
use dockeeper_testbed::{curator, wait};
use std::{path::Path, process::Stdio};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    process::Command,
};

/// Fails with advice unless a program is there.
fn need(file: &str) {
    let advice = "install it, or run `cargo xtask test`, which does";
    assert!(Path::new(file).exists(), "{file} is missing: {advice}");
}

#[tokio::test]
async fn curator_finds_the_instances() {
    need("/usr/bin/javac");
    let class_path = curator::class_path().unwrap();
    let cluster = Cluster::start(2, 1).await;
    let mut expected = Vec::new();
    for host in cluster.testbed.hosts() {
        run_web(host, "web", 8080, &["--label", "SERVICE_NAME=web"]).await;
        let id = format!("{}:web:80", host.node().name());
        expected.push(format!("{id} {} DYNAMIC", at(host, 8080)));
    }
    let endpoints: Vec<_> = cluster
        .testbed
        .hosts()
        .iter()
        .map(|h| at(h, 8080))
        .collect();
    cluster.until_endpoints("web", &endpoints).await;
    let source = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/real_registration/Discover.java"
    );
    let mut java = Command::new("java");
    java.args(["-cp", &class_path, source]);
    java.args([
        &cluster.testbed.zookeeper().connect_string(),
        "/dockeeper/services",
        "web",
    ]);
    let output = tokio::time::timeout(LIMIT, java.output())
        .await
        .unwrap()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut found: Vec<_> = std::str::from_utf8(&output.stdout)
        .unwrap()
        .lines()
        .collect();
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn prometheus_finds_the_instances() {
    need("/usr/bin/prometheus");
    let cluster = Cluster::start(1, 1).await;
    let host = cluster.testbed.host(0);
    run_web(host, "web", 8080, &["--label", "SERVICE_NAME=web"]).await;
    run_web(host, "api", 8081, &["--label", "SERVICE_NAME=api"]).await;
    cluster.until_endpoints("web", &[at(host, 8080)]).await;
    cluster.until_endpoints("api", &[at(host, 8081)]).await;
    let folder = tempfile::tempdir().unwrap();
    let servers = cluster.testbed.zookeeper().connect_string();
    let job = |kind: &str| {
        format!(
            "  - job_name: {kind}\n    {kind}_sd_configs:\n      - servers: ['{servers}']\n        \
             paths: ['/dockeeper/services']\n"
        )
    };
    let config = format!("scrape_configs:\n{}{}", job("nerve"), job("serverset"));
    let file = folder.path().join("prometheus.yml");
    std::fs::write(&file, config).unwrap();
    let port = free_port().await;
    let listen = format!("--web.listen-address=127.0.0.1:{port}");
    let _prometheus = Command::new("prometheus")
        .args([&format!("--config.file={}", file.display()), &listen])
        .arg(format!(
            "--storage.tsdb.path={}",
            folder.path().join("data").display()
        ))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let (web, api) = (at(host, 8080), at(host, 8081));
    let targets = async || {
        let found = targets(port).await.map_err(|error| error.to_string())?;
        let has = |job: &str, address: &str| found.contains(&(job.into(), address.into()));
        let jobs = ["nerve", "serverset"];
        let all = jobs.iter().all(|job| has(job, &web) && has(job, &api));
        if all && found.len() == 4 {
            Ok(())
        } else {
            Err(format!("{found:?}"))
        }
    };
    wait::until("Prometheus' targets", LIMIT, targets)
        .await
        .unwrap();
}

async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}

/// Job and address of each target that Prometheus has found.
async fn targets(port: u16) -> std::io::Result<Vec<(String, String)>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let request = "GET /api/v1/targets HTTP/1.0\r\nHost: localhost\r\n\r\n";
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    let body: serde_json::Value = serde_json::from_str(body)?;
    let active = body
        .pointer("/data/activeTargets")
        .and_then(|t| t.as_array());
    let text = |value: &serde_json::Value, key: &str| {
        let value = value.pointer(&format!("/discoveredLabels/{key}"));
        value
            .and_then(|v| v.as_str())
            .unwrap_or_default()
            .to_owned()
    };
    let targets = active.into_iter().flatten();
    Ok(targets
        .map(|t| (text(t, "job"), text(t, "__address__")))
        .collect())
}

//! How long a release takes to be readable in containers: printed, never judged.

use crate::world::World;
use dockeeper_model::config::Step;
use std::{fs, path::PathBuf, time::Duration};
use tokio::time::{Instant, sleep};

/// How many releases are measured.
const RELEASES: usize = 50;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: minutes, and nothing to fail"]
async fn from_published_to_readable() {
    let world = World::start().await;
    world.publish(&[("app.conf", "start")]).await;
    let mut containers = 0;
    for count in [1, 100] {
        while containers < count {
            world.run(&format!("web-{containers}"), &[]).await;
            containers += 1;
        }
        let release = if count == 1 { 1 } else { 1 + RELEASES as u64 };
        let last = format!("web-{}", count - 1);
        world.until_ack(&last, release, Step::Healthy).await;
        let root = format!("/proc/{}/root/run/dockeeper/volumes/web", world.agent.pid());
        let mounts: Vec<PathBuf> = fs::read_dir(root)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir())
            .collect();
        assert_eq!(mounts.len(), count);
        let mut all = Vec::new();
        let mut published = Vec::new();
        for number in 0..RELEASES {
            let content = format!("{count}-{number}");
            let begun = Instant::now();
            world.publish(&[("app.conf", &content)]).await;
            published.push(begun.elapsed());
            for mount in &mounts {
                while fs::read_to_string(mount.join("app.conf")).unwrap() != content {
                    sleep(Duration::from_micros(200)).await;
                }
                all.push(begun.elapsed());
            }
        }
        all.sort_unstable();
        published.sort_unstable();
        let at = |sorted: &[Duration], percent: usize| sorted[(sorted.len() - 1) * percent / 100];
        println!(
            "{count} containers: readable p50 {:?} p99 {:?} max {:?}; publish itself p50 {:?} p99 {:?}",
            at(&all, 50),
            at(&all, 99),
            all.last().unwrap(),
            at(&published, 50),
            at(&published, 99)
        );
    }
    world.stop().await;
}

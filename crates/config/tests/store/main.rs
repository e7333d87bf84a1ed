//! Releases in a keeper.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]

mod collection;
#[path = "../common/contention.rs"]
mod contention;
#[path = "../common/keeping.rs"]
mod keeping;
#[path = "../common/large.rs"]
mod large;
mod persons;
#[path = "../common/releases.rs"]
mod releases;
#[path = "../common/scenarios.rs"]
mod scenarios;
mod world;

use world::World;

#[tokio::test]
async fn releases_follow_each_other() {
    releases::edits(&World::start().await.client).await;
    releases::ways_back(&World::start().await.client).await;
    releases::expectations_and_lists(&World::start().await.client).await;
}

#[tokio::test]
async fn a_release_is_looked_at_beforehand() {
    persons::previews(&World::start().await.client).await;
}

#[tokio::test]
async fn a_rollout_does_what_it_is_told() {
    persons::orders(&World::start().await.client).await;
}

#[tokio::test]
async fn large_releases_are_cut_and_checked() {
    large::blobs(&World::start().await.client).await;
}

#[tokio::test]
async fn old_releases_are_forgotten_but_those_in_use() {
    keeping::retention(&World::start().await.client).await;
}

#[tokio::test]
async fn an_app_is_removed_with_all_it_has() {
    keeping::removal(&World::start().await.client).await;
}

#[tokio::test]
async fn publishers_do_not_undo_each_other() {
    let world = World::start().await;
    let clients = vec![world.client.clone(); 4];
    contention::crowd(&clients, &world.client, 8).await;
}

//! The AWS back keeps the promises of every back: against an emulator of AWS, a strict DynamoDB, and scripted answers.

mod answers;
mod emulator;
mod scripted;
mod world;

use platform::conformance;
use world::{Wait, World};

#[tokio::test]
async fn the_table_keeps_its_promises() {
    let Some(world) = World::on_the_emulator(Wait::ByClock).await else { return };
    conformance::table::check(&world).await;
}

/// A second judge: it refuses what DynamoDB refuses, where the emulator is generous.
#[tokio::test]
async fn the_table_keeps_its_promises_before_a_strict_judge() {
    let world = World::on_strict_dynamodb().await;
    conformance::table::check(&world).await;
    conformance::lease::check(&world).await;
}

#[tokio::test]
async fn leases_keep_their_promises() {
    let Some(world) = World::on_the_emulator(Wait::ByClock).await else { return };
    conformance::lease::check(&world).await;
}

#[tokio::test]
async fn the_queues_keep_their_promises() {
    let Some(world) = World::on_the_emulator(Wait::Really).await else { return };
    conformance::queue::check(&world).await;
}

#[tokio::test]
async fn the_bucket_keeps_its_promises() {
    let Some(world) = World::on_the_emulator(Wait::ByClock).await else { return };
    conformance::bucket::check(&world).await;
}

#[tokio::test]
async fn the_secrets_keep_their_promises() {
    let Some(world) = World::on_the_emulator(Wait::ByClock).await else { return };
    conformance::secrets::check(&world).await;
}

#[tokio::test]
async fn the_issues_keep_their_promises() {
    let Some(world) = World::on_the_emulator(Wait::ByClock).await else { return };
    conformance::issues::check(&world).await;
}

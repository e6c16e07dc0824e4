//! Lambda `note-dead`: makes an issue of each message that its queue gave up on.

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    platform::telemetry::init();
    let platform = platform::Platform::from_env().await?;
    Ok(platform::serve(platform::dead_letter_function("note-dead", &platform)).await?)
}

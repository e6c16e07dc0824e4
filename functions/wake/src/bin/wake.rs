//! Lambda `wake`: queues what is due, once a minute.

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    platform::telemetry::init();
    let platform = platform::Platform::from_env().await?;
    let handler = move |_, invocation: platform::Invocation| {
        let platform = platform.clone();
        async move { wake::run(&platform, invocation.deadline).await.map(drop) }
    };
    Ok(platform::serve_timer(handler).await?)
}

//! Lambda `request-sweep`: takes up request records whose doorbell never rang.

use std::sync::Arc;

use provisioning::{Deps, sweep};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    platform::telemetry::init();
    let deps = Arc::new(Deps::from_env().await?);
    let handler = move |_, invocation: platform::Invocation| {
        let deps = Arc::clone(&deps);
        async move { sweep::run(&deps, invocation.deadline).await.map(drop) }
    };
    Ok(platform::serve_timer(handler).await?)
}

//! Lambda `send-poll`: takes send records that are due.

use std::sync::Arc;

use sending::{Deps, poll};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    platform::telemetry::init();
    let deps = Arc::new(Deps::from_env().await?);
    let handler = move |_, invocation: platform::Invocation| {
        let deps = Arc::clone(&deps);
        async move { poll::run(&deps, invocation.deadline).await.map(drop) }
    };
    Ok(platform::serve_timer(handler).await?)
}

//! Lambda `send-dispatch`: brings a send to the e-mail platform, and releases it once.

use std::sync::Arc;

use sending::{Deps, dispatch};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    platform::telemetry::init();
    let deps = Arc::new(Deps::from_env().await?);
    let platform = deps.platform.clone();
    let handler = move |tenant, message, delivery| {
        let deps = Arc::clone(&deps);
        async move { dispatch::deliver(&deps, tenant, message, delivery).await }
    };
    Ok(platform::serve_queue("send-dispatch", &platform, handler).await?)
}

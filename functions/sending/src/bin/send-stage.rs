//! Lambda `send-stage`: reads, sifts and writes down the people of a send.

use std::sync::Arc;

use sending::{Deps, stage};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    platform::telemetry::init();
    let deps = Arc::new(Deps::from_env().await?);
    let platform = deps.platform.clone();
    let handler = move |tenant, message, delivery| {
        let deps = Arc::clone(&deps);
        async move { stage::deliver(&deps, tenant, message, delivery).await }
    };
    Ok(platform::serve_queue("send-stage", &platform, handler).await?)
}

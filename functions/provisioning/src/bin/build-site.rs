//! Lambda `build-site`: makes the site of one record, step by step.

use std::sync::Arc;

use provisioning::{Deps, build};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    platform::telemetry::init();
    let deps = Arc::new(Deps::from_env().await?);
    let platform = deps.platform.clone();
    let handler = move |tenant, message, delivery| {
        let deps = Arc::clone(&deps);
        async move { build::deliver(&deps, tenant, message, delivery).await }
    };
    Ok(platform::serve_queue("build-site", &platform, handler).await?)
}

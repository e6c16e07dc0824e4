//! Lambda `request-site`: the doorbell, the status page, and the script that rings.

use std::sync::Arc;

use provisioning::{Deps, request_site};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    platform::telemetry::init();
    let deps = Arc::new(Deps::from_env().await?);
    let handler = move |request, _| {
        let deps = Arc::clone(&deps);
        async move { request_site::handle(&deps, request).await }
    };
    Ok(platform::serve_http(handler).await?)
}

//! Lambda `manage-tenant`: customers after deployment, for whoever IAM lets call it.

use std::sync::Arc;

use tenancy::Deps;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    platform::telemetry::init();
    let deps = Arc::new(Deps::from_env().await?);
    let handler = move |event, invocation| {
        let deps = Arc::clone(&deps);
        async move { tenancy::handle(&deps, event, invocation).await }
    };
    Ok(platform::serve_direct(handler).await?)
}

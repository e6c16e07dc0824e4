//! Lambda `issues`: messages that need a person, listed, given back and dismissed.

use std::sync::Arc;

use issues::Deps;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    platform::telemetry::init();
    let deps = Arc::new(Deps::from_env().await?);
    let handler = move |request, _| {
        let deps = Arc::clone(&deps);
        async move { issues::handle(&deps, request).await }
    };
    Ok(platform::serve_http(handler).await?)
}

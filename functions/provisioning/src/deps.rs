//! What the functions of this context are given.

use std::sync::Arc;

use domain::Clock;
use platform::Platform;
use tenants::Connections;
use url::Url;

/// Passed first, by reference, to everything that acts.
#[derive(Clone)]
pub struct Deps {
    /// Rows, queues, secrets, time.
    pub platform: Platform,
    /// The tenants' CRMs and SharePoints.
    pub connections: Arc<Connections>,
    /// Where browsers reach the engine; links in answers begin with it. `None`: links are paths.
    pub engine: Option<Url>,
}

impl Deps {
    /// Reads the environment: `TIELINE_BACK` (see [`Platform::from_env`]), `TIELINE_REACH` (see [`Connections::from_env`]) and `TIELINE_URL`, the engine's address.
    pub async fn from_env() -> anyhow::Result<Self> {
        let platform = Platform::from_env().await?;
        let engine = match std::env::var("TIELINE_URL").ok().filter(|url| !url.is_empty()) {
            Some(url) => Some(Url::parse(&url).map_err(|error| anyhow::anyhow!("TIELINE_URL is not a URL: {error}"))?),
            None => None,
        };
        let connections = Connections::from_env(&platform)?;
        Ok(Self { platform, connections: Arc::new(connections), engine })
    }

    /// The clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.platform.clock
    }
}

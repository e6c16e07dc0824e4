//! What the function is given.

use std::sync::Arc;

use platform::Platform;
use tenants::{Connections, Reach};

/// Passed first, by reference, to everything that acts.
#[derive(Clone)]
pub struct Deps {
    /// Rows, secrets, time.
    pub platform: Platform,
    /// The tenants' CRMs and SharePoints.
    pub connections: Arc<Connections>,
}

impl Deps {
    /// Reads the environment: `TIELINE_BACK` (see [`Platform::from_env`]) and `TIELINE_REACH` (see
    /// [`Connections::from_env`]).
    pub async fn from_env() -> anyhow::Result<Self> {
        let platform = Platform::from_env().await?;
        let connections = Arc::new(Connections::from_env(&platform)?);
        Ok(Self { platform, connections })
    }

    /// Which addresses a tenant may give.
    pub(crate) fn reach(&self) -> Reach {
        self.connections.reach()
    }
}

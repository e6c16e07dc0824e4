//! What the functions of this context are given.

use std::{sync::Arc, time::Duration};

use domain::{Clock, TenantId};
use file_drop::{BucketDrop, FileDrop, FtpDrop, Location, SftpDrop};
use platform::{Platform, SecretError};
use tenants::{Connections, Reach, Settings, Trouble};
use transport::AddressRule;

/// Passed first, by reference, to everything that acts.
#[derive(Clone)]
pub struct Deps {
    /// Rows, queues, objects, secrets, time.
    pub platform: Platform,
    /// The tenants' CRMs and accounts at the e-mail platform.
    pub connections: Arc<Connections>,
    /// Whether a delivery may wait for the platform.
    pub patience: Patience,
}

/// Whether a delivery may wait for something that takes seconds: an import of a part. It costs a minute for each part
/// where it may not, which is how often rows that are due are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// It looks again after so long, as often as its time allows.
    Looks(Duration),
    /// It does not: time is virtual.
    None,
}

/// The secret that says where files are dropped; without it they go to the tenant's own folder of the bucket.
const FILES: &str = "files";
/// That folder.
const DROP_FOLDER: &str = "Import";

impl Deps {
    /// Reads the environment: `TIELINE_BACK` (see [`Platform::from_env`]) and `TIELINE_REACH` (see [`Connections::from_env`]).
    pub async fn from_env() -> anyhow::Result<Self> {
        let platform = Platform::from_env().await?;
        let connections = Arc::new(Connections::from_env(&platform)?);
        Ok(Self { platform, connections, patience: Patience::Looks(Duration::from_secs(5)) })
    }

    /// The clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.platform.clock
    }

    /// Where the tenant's imports find their files.
    pub(crate) async fn drop(&self, tenant: &TenantId, settings: &Settings) -> Result<Box<dyn FileDrop>, Trouble> {
        let location = match self.platform.secrets.get::<Location>(tenant, FILES).await {
            Ok(location) => location,
            Err(SecretError::Missing { .. }) => Location::Bucket { folder: DROP_FOLDER.to_owned() },
            Err(error) if error.is_transient() => {
                return Err(Trouble::Passing { reason: "a secret cannot be read now".to_owned(), after: None });
            }
            Err(error) => return Err(Trouble::last(error.to_string())),
        };
        let rule = match self.connections.reach() {
            Reach::Public => AddressRule::PublicOnly,
            Reach::Loopback => AddressRule::LoopbackToo,
        };
        let guard = self.connections.reach().guard(&settings.hosts.exacttarget);
        let guard = guard.map_err(|error| Trouble::last(format!("the hosts of the e-mail platform: {error}")))?;
        let reach = file_drop::Reach::new(guard, rule);
        Ok(match location {
            Location::Ftp(ftp) => Box::new(FtpDrop::new(ftp, reach).map_err(|error| Trouble::last(error.to_string()))?),
            Location::Sftp(sftp) => {
                Box::new(SftpDrop::new(sftp, reach).map_err(|error| Trouble::last(error.to_string()))?)
            }
            Location::Bucket { folder } => {
                Box::new(BucketDrop::new(self.platform.staging.clone(), tenant.clone(), folder))
            }
        })
    }
}

//! The simulated e-mail platform at its S3 file location: what is dropped in a tenant's folder of the bucket it takes for
//! itself, as the real one reads a bucket that it was allowed to (contract `exacttarget/README.md` §6).

use std::time::Duration;

use domain::TenantId;
use platform::{Bucket, BucketError};
use sandbox::Sandbox;

/// The folder of each tenant that the platform reads.
pub(crate) const FOLDER: &str = "Import";

/// Takes what is there, again and again.
pub(crate) async fn read(sandbox: Sandbox, bucket: Bucket) {
    loop {
        read_once(&sandbox, &bucket).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Takes what is there now.
pub(crate) async fn read_once(sandbox: &Sandbox, bucket: &Bucket) {
    let tenants: Vec<_> = sandbox.world().exacttarget.accounts().map(|account| account.tenant).collect();
    for tenant in tenants {
        // A bucket that does not answer is looked at again.
        let _ = take(sandbox, bucket, tenant).await;
    }
}

async fn take(sandbox: &Sandbox, bucket: &Bucket, tenant: &'static str) -> Result<(), BucketError> {
    let Ok(id) = tenant.parse::<TenantId>() else { return Ok(()) };
    let prefix = format!("{FOLDER}/");
    for object in bucket.list(&id, &prefix, None).await?.items {
        let Some(content) = bucket.get(&id, &object.name).await? else { continue };
        let name = object.name.strip_prefix(&prefix).unwrap_or(&object.name);
        if let Some(account) = sandbox.world().exacttarget.account_mut(tenant) {
            // One of that name is there: the platform overwrites nothing.
            let _ = account.folder.put(name, content);
        }
        bucket.delete(&id, &object.name).await?;
    }
    Ok(())
}

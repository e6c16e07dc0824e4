//! A bucket as a file location: an object is there whole or not at all, by itself.

use async_trait::async_trait;
use domain::TenantId;
use futures_util::{StreamExt as _, stream};
use platform::Bucket;
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::{DropError, File, FileDrop, Landed, Source};

/// How much goes in one request, in bytes: S3 takes no less but for the last one, and 10,000 of them at most.
const PART: usize = 8 << 20;

/// A tenant's folder in a bucket.
#[derive(Clone, Debug)]
pub struct BucketDrop {
    bucket: Bucket,
    tenant: TenantId,
    folder: String,
}

impl BucketDrop {
    /// A folder, without a slash at its end.
    pub fn new(bucket: Bucket, tenant: TenantId, folder: impl Into<String>) -> Self {
        Self { bucket, tenant, folder: folder.into() }
    }

    /// The size of an object of this name, if there is one.
    async fn size(&self, name: &str) -> Result<Option<u64>, DropError> {
        let page = self.bucket.list(&self.tenant, name, None).await?;
        Ok(page.items.into_iter().find(|object| object.name == name).map(|object| object.size))
    }
}

#[async_trait]
impl FileDrop for BucketDrop {
    async fn put(&self, file: &File, source: &dyn Source) -> Result<Landed, DropError> {
        let name = format!("{}/{}", self.folder, file.name());
        if let Some(size) = self.size(&name).await? {
            return if size == file.size() { Ok(Landed::AlreadyThere) } else { Err(DropError::Exists) };
        }
        let content = source.open(0).await.map_err(DropError::Source)?;
        let parts = stream::unfold(Some(content), |content| async {
            let mut content = content?;
            match part(&mut *content).await {
                Ok(part) if part.is_empty() => None,
                Ok(part) => Some((Ok(part.into()), Some(content))),
                Err(error) => Some((Err(error), None)),
            }
        });
        if !self.bucket.upload_if_absent(&self.tenant, &name, parts.boxed()).await? {
            return Err(DropError::Exists);
        }
        let landed = self.size(&name).await?.unwrap_or_default();
        if landed != file.size() {
            self.bucket.delete(&self.tenant, &name).await?;
            return Err(DropError::Size { size: file.size(), landed });
        }
        Ok(Landed::Now { from: 0 })
    }
}

async fn part(content: &mut (dyn AsyncRead + Send + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut part = Vec::with_capacity(PART);
    while part.len() < PART {
        if content.take(u64::try_from(PART - part.len()).unwrap_or_default()).read_to_end(&mut part).await? == 0 {
            break;
        }
    }
    Ok(part)
}

//! Objects by name, each tenant's under its own prefix.

use std::{fmt, io, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use domain::TenantId;
use futures_util::stream::BoxStream;

use crate::table::Page;

/// Objects of all tenants. Every name begins with `<tenant>/`, put there by this type. Clones share the bucket.
#[derive(Clone)]
pub struct Bucket {
    back: Arc<dyn RawBucket>,
}

/// The content of an object, part by part.
pub type Parts<'p> = BoxStream<'p, io::Result<Bytes>>;

/// An object's name, as seen by its tenant, and its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Without the tenant's prefix.
    pub name: String,
    /// In bytes.
    pub size: u64,
}

/// Why a bucket did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// A name that the bucket cannot hold, or that reads differently elsewhere.
    #[error("an object's name {0}")]
    BadName(&'static str),
    /// The bucket did not answer. The object may or may not be written.
    #[error("the bucket is not available: {0}")]
    Unavailable(String),
    /// The content could not be had; nothing was written.
    #[error("the content cannot be read: {0}")]
    Content(io::Error),
}

impl BucketError {
    /// Whether the same call may succeed later.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Content(_))
    }
}

impl Bucket {
    /// The bucket in front of a back.
    pub fn new(back: Arc<dyn RawBucket>) -> Self {
        Self { back }
    }

    /// Writes an object, in place of what was there.
    pub async fn put(&self, tenant: &TenantId, name: &str, body: Bytes) -> Result<(), BucketError> {
        self.back.put(&whole_name(tenant, name)?, body, false).await.map(drop)
    }

    /// Writes an object unless there is one already. Of several at once one wins; answers whether it was this one.
    pub async fn put_if_absent(&self, tenant: &TenantId, name: &str, body: Bytes) -> Result<bool, BucketError> {
        self.back.put(&whole_name(tenant, name)?, body, true).await
    }

    /// Writes a large object, part by part, unless there is one already; answers whether it was this one. No more than a part
    /// is held at a time. Each but the last one has to be 5 MiB at least, and there are 10,000 at most, as S3 has it. An
    /// object is there whole or not at all: if a part cannot be had, what was sent is dropped.
    pub async fn upload_if_absent(&self, tenant: &TenantId, name: &str, parts: Parts<'_>) -> Result<bool, BucketError> {
        self.back.upload(&whole_name(tenant, name)?, parts).await
    }

    /// An object's content, as of now. None: there is none.
    pub async fn get(&self, tenant: &TenantId, name: &str) -> Result<Option<Bytes>, BucketError> {
        self.back.get(&whole_name(tenant, name)?).await
    }

    /// Deletes an object, if there is one.
    pub async fn delete(&self, tenant: &TenantId, name: &str) -> Result<(), BucketError> {
        self.back.delete(&whole_name(tenant, name)?).await
    }

    /// A tenant's objects whose names begin with `prefix`, in the order of their bytes; at most 1,000 a page.
    ///
    /// Begins after the name `after`, which is [`Page::next`] of the page before.
    pub async fn list(
        &self,
        tenant: &TenantId,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<Page<Object>, BucketError> {
        let own = format!("{tenant}/");
        let after = after.map(|after| format!("{own}{after}"));
        let page = self.back.list(&format!("{own}{prefix}"), after.as_deref()).await?;
        let bare = |name: String| name.strip_prefix(&own).map(str::to_owned).unwrap_or(name);
        let items = page.items.into_iter().map(|object| Object { name: bare(object.name), ..object }).collect();
        Ok(Page { items, next: page.next.map(bare) })
    }
}

fn whole_name(tenant: &TenantId, name: &str) -> Result<String, BucketError> {
    let whole = format!("{tenant}/{name}");
    if whole.len() > 1024 {
        return Err(BucketError::BadName("has at most 1024 bytes, the tenant's prefix included"));
    }
    // Clients and gateways fold such segments, and could fold one tenant's name into another's.
    if name.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        return Err(BucketError::BadName("has no segment that is empty, . or .."));
    }
    if name.chars().any(char::is_control) {
        return Err(BucketError::BadName("has no control characters"));
    }
    Ok(whole)
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bucket")
    }
}

/// A back of the bucket: S3's objects under whole names, strongly consistent.
#[async_trait]
pub trait RawBucket: Send + Sync {
    /// PutObject, with `If-None-Match: *` if `only_absent`. Answers whether the object was written.
    async fn put(&self, name: &str, body: Bytes, only_absent: bool) -> Result<bool, BucketError>;

    /// A multipart upload, completed with `If-None-Match: *`. Answers whether the object was written.
    async fn upload(&self, name: &str, parts: Parts<'_>) -> Result<bool, BucketError>;

    /// GetObject. None for NoSuchKey.
    async fn get(&self, name: &str) -> Result<Option<Bytes>, BucketError>;

    /// DeleteObject, which succeeds for a missing object too.
    async fn delete(&self, name: &str) -> Result<(), BucketError>;

    /// ListObjectsV2: names beginning with `prefix`, after `after`, at most 1,000, in the order of their bytes.
    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Page<Object>, BucketError>;
}

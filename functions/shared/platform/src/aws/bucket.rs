//! The bucket on S3.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_s3::{Client, config, operation::get_object::GetObjectError, primitives::ByteStream};
use bytes::Bytes;

use super::{
    OBJECT_ATTEMPT, OBJECT_CALL,
    attempts::{Attempts, IN_DOUBT},
    reason, timeouts,
};
use crate::{
    bucket::{BucketError, Object, RawBucket},
    table::Page,
};

/// What one listing gives at most.
const PAGE: i32 = 1000;

pub(super) struct S3 {
    client: Client,
    bucket: String,
}

impl S3 {
    pub(super) fn new(sdk: &SdkConfig, bucket: String) -> Self {
        let config = config::Builder::from(sdk)
            .timeout_config(timeouts(OBJECT_ATTEMPT, OBJECT_CALL))
            // An emulator has no host name for each bucket.
            .force_path_style(sdk.endpoint_url().is_some());
        Self { client: Client::from_conf(config.build()), bucket }
    }
}

#[async_trait]
impl RawBucket for S3 {
    async fn put(&self, name: &str, body: Bytes, only_absent: bool) -> Result<bool, BucketError> {
        let attempts = Attempts::default();
        let call = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(name)
            .set_if_none_match(only_absent.then(|| "*".to_owned()))
            .body(ByteStream::from(body));
        match call.customize().interceptor(attempts.clone()).send().await {
            Ok(_) => Ok(true),
            // PreconditionFailed is not among the operation's modelled errors.
            Err(error) if error.raw_response().is_some_and(|answer| answer.status().as_u16() == 412) => {
                if attempts.in_doubt() { Err(unavailable(IN_DOUBT.to_owned())) } else { Ok(false) }
            }
            Err(error) => Err(unavailable(reason(&error))),
        }
    }

    async fn get(&self, name: &str) -> Result<Option<Bytes>, BucketError> {
        match self.client.get_object().bucket(&self.bucket).key(name).send().await {
            Ok(found) => {
                let body = found.body.collect().await;
                body.map(|body| Some(body.into_bytes())).map_err(|_| unavailable("the object broke off".to_owned()))
            }
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => Ok(None),
            Err(error) => Err(unavailable(reason(&error))),
        }
    }

    async fn delete(&self, name: &str) -> Result<(), BucketError> {
        let deleted = self.client.delete_object().bucket(&self.bucket).key(name).send().await;
        deleted.map(drop).map_err(|error| unavailable(reason(&error)))
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Page<Object>, BucketError> {
        let call = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix).max_keys(PAGE);
        let found = call.set_start_after(after.map(str::to_owned)).send().await;
        let found = found.map_err(|error| unavailable(reason(&error)))?;
        let object = |it: aws_sdk_s3::types::Object| {
            Some(Object { name: it.key?, size: u64::try_from(it.size.unwrap_or_default()).unwrap_or_default() })
        };
        let more = found.is_truncated == Some(true);
        let items: Vec<Object> = found.contents.unwrap_or_default().into_iter().filter_map(object).collect();
        let next = items.last().filter(|_| more).map(|last| last.name.clone());
        Ok(Page { items, next })
    }
}

const fn unavailable(reason: String) -> BucketError {
    BucketError::Unavailable(reason)
}

//! The bucket on S3.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_s3::{
    Client, config,
    error::{ProvideErrorMetadata, SdkError},
    operation::get_object::GetObjectError,
    primitives::ByteStream,
    types::{CompletedMultipartUpload, CompletedPart},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use super::{
    OBJECT_ATTEMPT, OBJECT_CALL,
    attempts::{Attempts, IN_DOUBT},
    reason, timeouts,
};
use crate::{
    bucket::{BucketError, Object, Parts, RawBucket},
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
        written(call.customize().interceptor(attempts.clone()).send().await, &attempts)
    }

    async fn upload(&self, name: &str, mut parts: Parts<'_>) -> Result<bool, BucketError> {
        // What fits into one part is put at once.
        let first = parts.next().await.transpose().map_err(BucketError::Content)?.unwrap_or_default();
        let second = parts.next().await.transpose().map_err(BucketError::Content)?;
        let Some(second) = second else { return self.put(name, first, true).await };
        let begun = self.client.create_multipart_upload().bucket(&self.bucket).key(name).send().await;
        let begun = begun.map_err(|error| unavailable(reason(&error)))?;
        let id = begun.upload_id.ok_or_else(|| unavailable("an upload without an id".to_owned()))?;
        let parts = stream::iter([Ok(first), Ok(second)]).chain(parts).boxed();
        let sent = self.send_parts(name, &id, parts).await;
        if !matches!(sent, Ok(true)) {
            // What stays of it costs until a rule of the bucket removes it: a failure here is not told.
            let _ = self.client.abort_multipart_upload().bucket(&self.bucket).key(name).upload_id(&id).send().await;
        }
        sent
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

impl S3 {
    async fn send_parts(&self, name: &str, id: &str, mut parts: Parts<'_>) -> Result<bool, BucketError> {
        let mut done = Vec::new();
        while let Some(part) = parts.next().await.transpose().map_err(BucketError::Content)? {
            let number = i32::try_from(done.len() + 1).unwrap_or(i32::MAX);
            let call = self.client.upload_part().bucket(&self.bucket).key(name).upload_id(id).part_number(number);
            let sent = call.body(ByteStream::from(part)).send().await.map_err(|error| unavailable(reason(&error)))?;
            done.push(CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag).build());
        }
        let attempts = Attempts::default();
        let call = self
            .client
            .complete_multipart_upload()
            .bucket(&self.bucket)
            .key(name)
            .upload_id(id)
            .if_none_match("*")
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(done)).build());
        written(call.customize().interceptor(attempts.clone()).send().await, &attempts)
    }
}

/// Whether a write with `If-None-Match: *` wrote the object.
fn written<T, E: ProvideErrorMetadata>(
    answer: Result<T, SdkError<E>>,
    attempts: &Attempts,
) -> Result<bool, BucketError> {
    match answer {
        Ok(_) => Ok(true),
        // PreconditionFailed is not among the operations' modelled errors.
        Err(error) if error.raw_response().is_some_and(|answer| answer.status().as_u16() == 412) => {
            if attempts.in_doubt() { Err(unavailable(IN_DOUBT.to_owned())) } else { Ok(false) }
        }
        Err(error) => Err(unavailable(reason(&error))),
    }
}

const fn unavailable(reason: String) -> BucketError {
    BucketError::Unavailable(reason)
}

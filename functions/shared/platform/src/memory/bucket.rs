//! The bucket in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::TryStreamExt as _;

use super::Memory;
use crate::{
    bucket::{BucketError, Object, Parts, RawBucket},
    table::Page,
};

pub(super) type Objects = BTreeMap<String, Bytes>;

/// What one listing gives at most, as in S3.
const PAGE: usize = 1000;

#[async_trait]
impl RawBucket for Memory {
    async fn put(&self, name: &str, body: Bytes, only_absent: bool) -> Result<bool, BucketError> {
        self.answer(|it| {
            let mut state = it.state();
            if only_absent && state.objects.contains_key(name) {
                return Ok(false);
            }
            state.objects.insert(name.to_owned(), body);
            Ok(true)
        })
        .await
    }

    async fn upload(&self, name: &str, parts: Parts<'_>) -> Result<bool, BucketError> {
        let parts: Vec<Bytes> = parts.try_collect().await.map_err(BucketError::Content)?;
        self.put(name, parts.concat().into(), true).await
    }

    async fn get(&self, name: &str) -> Result<Option<Bytes>, BucketError> {
        self.answer(|it| Ok(it.state().objects.get(name).cloned())).await
    }

    async fn delete(&self, name: &str) -> Result<(), BucketError> {
        self.answer(|it| it.state().objects.remove(name)).await;
        Ok(())
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Page<Object>, BucketError> {
        self.answer(|it| {
            let state = it.state();
            let from = after.filter(|after| *after > prefix).unwrap_or(prefix);
            let named = state.objects.range(from.to_owned()..).take_while(|(name, _)| name.starts_with(prefix));
            let mut rest = named.filter(|(name, _)| after.is_none_or(|after| name.as_str() > after));
            let object = |(name, body): (&String, &Bytes)| Object { name: name.clone(), size: body.len() as u64 };
            let items: Vec<Object> = rest.by_ref().take(PAGE).map(object).collect();
            let next = rest.next().and(items.last()).map(|last| last.name.clone());
            Ok(Page { items, next })
        })
        .await
    }
}

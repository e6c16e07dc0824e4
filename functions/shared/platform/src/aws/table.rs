//! The table on DynamoDB.
//!
//! Every write is conditional on the stored version: a repeated one is refused, whoever repeats it. The SDK's
//! `ClientRequestToken` is not relied on; it is forgotten after ten minutes.

use std::collections::HashMap;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::{ConditionCheck, Delete, Put, TransactWriteItem, error::TransactionCanceledException},
};
use domain::{TenantId, Timestamp};

use super::{
    attempts::{Attempts, IN_DOUBT},
    item::{Attributes, attributes, due, item, key_attributes, number, sort_key, sortable, text},
    reason,
};
use crate::table::{
    Due, Key, Page, TableError,
    raw::{Item, RawTable, RawWrite},
};

/// The index of due rows, as template.yaml names it.
const DUE: &str = "due";

pub(super) struct DynamoDb {
    client: Client,
    table: String,
}

impl DynamoDb {
    pub(super) fn new(sdk: &SdkConfig, table: String) -> Self {
        Self { client: Client::new(sdk), table }
    }

    async fn put(&self, write: RawWrite, item: Item) -> Result<(), TableError> {
        let (condition, attempts) = (Condition::of(&write), Attempts::default());
        let call = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(attributes(item)))
            .condition_expression(condition.expression)
            .set_expression_attribute_names(condition.names)
            .set_expression_attribute_values(condition.values);
        let done = call.customize().interceptor(attempts.clone()).send().await;
        done.map(drop).map_err(|error| refused(&error, write.key(), &attempts))
    }

    async fn delete(&self, write: RawWrite) -> Result<(), TableError> {
        let (condition, attempts) = (Condition::of(&write), Attempts::default());
        let call = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(write.key())))
            .condition_expression(condition.expression)
            .set_expression_attribute_names(condition.names)
            .set_expression_attribute_values(condition.values);
        let done = call.customize().interceptor(attempts.clone()).send().await;
        done.map(drop).map_err(|error| refused(&error, write.key(), &attempts))
    }

    fn transacted(&self, write: RawWrite) -> TransactWriteItem {
        let condition = Condition::of(&write);
        let built = match write {
            RawWrite::Insert(item) | RawWrite::Replace(item) => Put::builder()
                .table_name(&self.table)
                .set_item(Some(attributes(item)))
                .condition_expression(condition.expression)
                .set_expression_attribute_names(condition.names)
                .set_expression_attribute_values(condition.values)
                .build()
                .map(|put| TransactWriteItem::builder().put(put)),
            RawWrite::Delete(key, _) => Delete::builder()
                .table_name(&self.table)
                .set_key(Some(key_attributes(&key)))
                .condition_expression(condition.expression)
                .set_expression_attribute_names(condition.names)
                .set_expression_attribute_values(condition.values)
                .build()
                .map(|delete| TransactWriteItem::builder().delete(delete)),
            RawWrite::Check(key, _) => ConditionCheck::builder()
                .table_name(&self.table)
                .set_key(Some(key_attributes(&key)))
                .condition_expression(condition.expression)
                .set_expression_attribute_names(condition.names)
                .set_expression_attribute_values(condition.values)
                .build()
                .map(|check| TransactWriteItem::builder().condition_check(check)),
        };
        built.expect("table, key or item and condition are all given").build()
    }
}

#[async_trait]
impl RawTable for DynamoDb {
    async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        let call = self.client.get_item().table_name(&self.table).consistent_read(true);
        let found =
            call.set_key(Some(key_attributes(key))).send().await.map_err(|error| unavailable(reason(&error)))?;
        found.item.map(|attributes| decode(key.clone(), attributes)).transpose()
    }

    async fn write(&self, write: RawWrite) -> Result<(), TableError> {
        match &write {
            RawWrite::Insert(item) | RawWrite::Replace(item) => {
                let item = item.clone();
                self.put(write, item).await
            }
            RawWrite::Delete(..) => self.delete(write).await,
            RawWrite::Check(..) => self.transact(vec![write]).await,
        }
    }

    async fn transact(&self, writes: Vec<RawWrite>) -> Result<(), TableError> {
        let attempts = Attempts::default();
        let keys: Vec<Key> = writes.iter().map(|write| write.key().clone()).collect();
        let items = writes.into_iter().map(|write| self.transacted(write)).collect();
        let call = self.client.transact_write_items().set_transact_items(Some(items));
        let Err(error) = call.customize().interceptor(attempts.clone()).send().await else { return Ok(()) };
        Err(match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(why)) => cancelled(why, &keys, &attempts),
            _ => unavailable(reason(&error)),
        })
    }

    async fn query(
        &self,
        tenant: &TenantId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<Item>, TableError> {
        let partition = Key::new(tenant, "").partition();
        let mut call = self.client.query().table_name(&self.table).consistent_read(true).limit(count(limit));
        call = call.expression_attribute_values(":pk", text(partition));
        // An empty text may not be compared with a key.
        call = if prefix.is_empty() {
            call.key_condition_expression("pk = :pk")
        } else {
            call.key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":prefix", text(prefix))
        };
        let start = after.filter(|after| !after.is_empty()).map(|after| key_attributes(&Key::new(tenant, after)));
        let found = call.set_exclusive_start_key(start).send().await.map_err(|error| unavailable(reason(&error)))?;
        let row = |attributes: Attributes| {
            let sort = sort_key(&attributes).cloned().unwrap_or_default();
            decode(Key::new(tenant, sort), attributes)
        };
        let next = found.last_evaluated_key.as_ref().and_then(sort_key).cloned();
        let items = found.items.unwrap_or_default().into_iter().map(row).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }

    async fn query_due(&self, shard: u8, until: Timestamp, limit: usize) -> Result<Vec<Due>, TableError> {
        let (mut all, mut start) = (Vec::new(), None);
        loop {
            let call = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(DUE)
                .key_condition_expression("due_shard = :shard AND due_at <= :until")
                .expression_attribute_values(":shard", number(shard))
                .expression_attribute_values(":until", text(sortable(until)))
                .limit(count(limit - all.len()))
                .set_exclusive_start_key(start);
            let found = call.send().await.map_err(|error| unavailable(reason(&error)))?;
            for attributes in found.items.unwrap_or_default() {
                if let Some(entry) = due(&attributes) {
                    all.push(entry);
                } else {
                    // One strange row must not keep everybody's due work waiting.
                    tracing::error!("the index of due rows has an entry that is not of a tenant's row");
                }
            }
            start = found.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() || all.len() >= limit {
                return Ok(all);
            }
        }
    }
}

/// The condition of a write, in DynamoDB's words.
struct Condition {
    expression: &'static str,
    names: Option<HashMap<String, String>>,
    values: Option<Attributes>,
}

impl Condition {
    fn of(write: &RawWrite) -> Self {
        match write.version_before() {
            None => Self { expression: "attribute_not_exists(pk)", names: None, values: None },
            Some(version) => Self {
                expression: "#version = :version",
                names: Some(HashMap::from([("#version".to_owned(), "version".to_owned())])),
                values: Some(HashMap::from([(":version".to_owned(), number(version))])),
            },
        }
    }
}

fn cancelled(why: &TransactionCanceledException, keys: &[Key], attempts: &Attempts) -> TableError {
    let codes: Vec<&str> = why.cancellation_reasons().iter().map(|it| it.code().unwrap_or("None")).collect();
    let broken = codes.iter().position(|code| *code == "ConditionalCheckFailed");
    if let Some((write, key)) = broken.and_then(|write| Some((write, keys.get(write)?))) {
        return conflict(key, write, attempts);
    }
    // Another transaction was at the same rows, or the table is too busy.
    let cause = codes.into_iter().find(|code| *code != "None").unwrap_or("no reason given");
    unavailable(format!("transaction cancelled: {cause}"))
}

fn refused<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>, key: &Key, attempts: &Attempts) -> TableError {
    match error.code() {
        Some("ConditionalCheckFailedException") => conflict(key, 0, attempts),
        _ => unavailable(reason(error)),
    }
}

fn conflict(key: &Key, write: usize, attempts: &Attempts) -> TableError {
    if attempts.in_doubt() {
        return unavailable(IN_DOUBT.to_owned());
    }
    TableError::Conflict { key: key.clone(), write }
}

fn decode(key: Key, attributes: Attributes) -> Result<Item, TableError> {
    item(key.clone(), attributes).ok_or(TableError::Decode { key, expected: "row with a version and a body" })
}

const fn unavailable(reason: String) -> TableError {
    TableError::Unavailable(reason)
}

fn count(limit: usize) -> i32 {
    i32::try_from(limit).unwrap_or(i32::MAX)
}

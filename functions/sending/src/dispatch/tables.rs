//! The send's own tables at the platform: its people, keyed by who they are, and those who get nothing after all.

use exacttarget::{
    ExactTarget,
    objects::{Column, ColumnKind, DataExtension, Object},
    operations::Create,
};
use tenants::Trouble;

use crate::{
    desk::{Desk, Halt, Hands},
    send::SendKey,
    stage::{KEY_COLUMN, table_columns},
};

pub(super) async fn ensure(desk: &mut Desk<'_>, hands: &Hands) -> Result<(), Halt> {
    let key = desk.row.value.release_key(&desk.tenant);
    if desk.row.value.journal.table.is_none() {
        let table = table(&key, "people", table_columns(&hands.mailing.columns));
        desk.row.value.journal.table = Some(ensured(&hands.email, &table).await?);
        desk.done().await?;
    }
    if desk.row.value.journal.exclusions.is_none() {
        let column =
            Column { name: KEY_COLUMN.to_owned(), kind: ColumnKind::Text(36), is_key: true, is_required: true };
        let table = table(&exclusions_of(&key), "exclusions", vec![column]);
        desk.row.value.journal.exclusions = Some(ensured(&hands.email, &table).await?);
        desk.done().await?;
    }
    Ok(())
}

/// What the table of those who get nothing is known by.
pub(super) fn exclusions_of(key: &SendKey) -> SendKey {
    key.of_its("exclusions")
}

/// A name is unique in the account too: it has the key in it.
fn table(key: &SendKey, what: &str, columns: Vec<Column>) -> DataExtension {
    let (key, name) = (key.to_string(), format!("Tieline {what} {key}"));
    DataExtension { key, name, columns, subscriber_column: Some(KEY_COLUMN.to_owned()) }
}

/// The platform's id of a table, which is made where it is not there.
async fn ensured(email: &ExactTarget, table: &DataExtension) -> Result<String, Halt> {
    if let Some(id) = find(email, &table.key).await? {
        return Ok(id);
    }
    let made = email.send(&Create { objects: vec![Object::from(table)], upsert: false }).await?;
    let outcome = made.0.into_iter().next();
    if let Some(id) = outcome.as_ref().filter(|outcome| outcome.is_ok).and_then(|outcome| outcome.new_object_id.clone())
    {
        return Ok(id);
    }
    // Refused because a call of ours landed late, or for a reason of its own.
    let code = outcome.and_then(|outcome| outcome.code).unwrap_or_default();
    let found = find(email, &table.key).await?;
    found.ok_or_else(|| Trouble::last(format!("the e-mail platform makes no table for the send (code {code})")).into())
}

async fn find(email: &ExactTarget, key: &str) -> Result<Option<String>, Halt> {
    let found = email.find("DataExtension", "CustomerKey", key, &["ObjectID"]).await?;
    Ok(found.map(|table| table.child_text("ObjectID").trim().to_owned()).filter(|id| !id.is_empty()))
}

//! Rows of a list, told apart by the value of one column.

use std::collections::BTreeSet;

use soap::Error;

use super::{
    operation::{GetListItems, UpdateListItems},
    refusal,
    service::ask,
    session::Session,
};
use crate::{ListRef, RowPlan, SiteError, Web};

/// Only the key columns are read, so a page may be long.
const PAGE: u32 = 1_000;

/// 1 call per 1,000 rows that are there, and 1 per 160 rows that are missing.
///
/// All rows are read and compared here: 2007 has no `In`, and a comparison there needs the column's type.
pub(super) async fn ensure(session: &Session, web: &Web, list: &ListRef, rows: &[RowPlan]) -> Result<(), SiteError> {
    let operation = "UpdateListItems";
    let mut wanted = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(value) = row.values.get(&row.key) else {
            let why = format!("list {}: a row has no value for its key column {}", list.title, row.key);
            return Err(refusal::unsupported(operation, why));
        };
        wanted.push((row.key.clone(), value.clone(), row));
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let mut there = read_keys(session, web, list, rows).await?;
    let missing: Vec<_> = wanted
        .into_iter()
        .filter(|(key, value, _)| there.insert((key.clone(), value.clone())))
        .map(|(_, _, row)| row.values.clone())
        .collect();
    for batch in missing.chunks(UpdateListItems::MOST) {
        let request = UpdateListItems { list: list.id.clone(), rows: batch.to_vec() };
        let results = ask(session, &web.url, &request).await?.0;
        if let Some((code, message)) = results.iter().find(|(code, _)| !refusal::is_success(code)) {
            return Err(refusal::refused(operation, code, message));
        }
        if results.len() != batch.len() {
            let source = Error::unexpected(format!("{} results", batch.len()), &results.len().to_string());
            return Err(SiteError::Unreadable { operation, source });
        }
    }
    Ok(())
}

/// Key columns and values of every row of the list.
async fn read_keys(
    session: &Session,
    web: &Web,
    list: &ListRef,
    rows: &[RowPlan],
) -> Result<BTreeSet<(String, String)>, SiteError> {
    let columns: BTreeSet<&String> = rows.iter().map(|row| &row.key).collect();
    let mut page = GetListItems {
        list: list.id.clone(),
        columns: columns.iter().map(ToString::to_string).collect(),
        limit: PAGE,
        after: None,
    };
    let mut keys = BTreeSet::new();
    loop {
        let found = ask(session, &web.url, &page).await?;
        keys.extend(found.rows.into_iter().flatten().filter(|(column, _)| columns.contains(column)));
        if found.next.is_none() {
            return Ok(keys);
        }
        if found.next == page.after {
            let source = Error::unexpected("the place of another page", "the same again");
            return Err(SiteError::Unreadable { operation: "GetListItems", source });
        }
        page.after = found.next;
    }
}

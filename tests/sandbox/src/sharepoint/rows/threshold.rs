//! The list view threshold of 2010: a query that would have the database look at too many rows is refused.

use domain::Timestamp;

use crate::sharepoint::caml::{Condition, Query};

use super::{cells::Sheet, selection::Options};

/// How many rows a query may touch (contract §5).
pub(crate) const LIST_VIEW_THRESHOLD: usize = 5_000;

/// Whether a query touches more rows than are allowed: a large list is read by an indexed column, or by id in pages
/// (contract §2, from memory).
pub(crate) fn exceeds_threshold(sheet: &Sheet<'_>, query: &Query, options: &Options, now: Timestamp) -> bool {
    if sheet.list.items.len() <= LIST_VIEW_THRESHOLD {
        return false;
    }
    if let Some(narrow) = query.condition.as_ref().and_then(|condition| indexed(sheet, condition)) {
        let touched = sheet.list.items.values().filter(|item| sheet.meets(item, narrow, now));
        return touched.count() > LIST_VIEW_THRESHOLD;
    }
    let by_id = query.condition.is_none() && query.order.iter().all(|key| key.field == "ID");
    !by_id || !(1..=LIST_VIEW_THRESHOLD).contains(&options.limit)
}

/// The part of a condition that an index answers, if all the rest only takes away from it.
fn indexed<'q>(sheet: &Sheet<'_>, condition: &'q Condition) -> Option<&'q Condition> {
    match condition {
        Condition::And(a, b) => indexed(sheet, a).or_else(|| indexed(sheet, b)),
        Condition::Or(..) => None,
        Condition::Test { field, .. } => {
            let is_indexed = field == "ID" || sheet.list.field(field).is_some_and(|field| field.is("Indexed"));
            is_indexed.then_some(condition)
        }
    }
}

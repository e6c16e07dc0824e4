//! The rows that a query means, page by page.

use domain::Timestamp;

use crate::sharepoint::{
    caml::{Query, Unexpected},
    list::Item,
};

use super::{cells::Sheet, paging::Position};

/// What limits a selection beside the query.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// The folder below the list's root; empty for the root.
    pub(crate) folder: String,
    /// `Scope` of the view attributes.
    pub(crate) scope: String,
    /// How many rows; 0 for all.
    pub(crate) limit: usize,
    /// Where the page before ended; empty for the first page.
    pub(crate) after: String,
}

/// One page.
pub(crate) struct Selection<'a> {
    pub(crate) items: Vec<&'a Item>,
    /// Where it ends, when there is more.
    pub(crate) next: Option<String>,
}

/// One page of the rows that the query means, in its order; equal ones by id.
pub(crate) fn select<'a>(
    sheet: &Sheet<'a>,
    query: &Query,
    options: &Options,
    now: Timestamp,
) -> Result<Selection<'a>, Unexpected> {
    let after = match options.after.as_str() {
        "" => None,
        text => Some(Position::read(text, &query.order).ok_or(Unexpected)?),
    };
    let mut rows: Vec<_> = sheet
        .list
        .items
        .values()
        .filter(|item| is_in_scope(item, options))
        .filter(|item| query.condition.as_ref().is_none_or(|condition| sheet.meets(item, condition, now)))
        .map(|item| (Position::of(sheet, item, &query.order), item))
        .filter(|(position, _)| after.as_ref().is_none_or(|after| position.compare(after, &query.order).is_gt()))
        .collect();
    rows.sort_by(|(a, _), (b, _)| a.compare(b, &query.order));
    let more = options.limit > 0 && rows.len() > options.limit;
    if more {
        rows.truncate(options.limit);
    }
    let next = rows.last().filter(|_| more).map(|(position, _)| position.write(&query.order));
    Ok(Selection { items: rows.into_iter().map(|(_, item)| item).collect(), next })
}

fn is_in_scope(item: &Item, options: &Options) -> bool {
    let here = item.folder.eq_ignore_ascii_case(&options.folder);
    let below = || {
        let folder = options.folder.to_lowercase();
        folder.is_empty() || here || item.folder.to_lowercase().starts_with(&format!("{folder}/"))
    };
    match options.scope.as_str() {
        "RecursiveAll" => below(),
        "Recursive" => !item.is_folder && below(),
        "FilesOnly" => !item.is_folder && here,
        _ => here,
    }
}

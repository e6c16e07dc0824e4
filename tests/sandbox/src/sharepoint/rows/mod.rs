//! Rows of a list: what a column says of an item, which rows a query means, and pages of them.

mod cells;
mod dates;
mod matching;
mod paging;
mod selection;
mod threshold;

pub(crate) use cells::{Cell, Sheet};
pub(crate) use dates::{read_date, show_utc};
pub(crate) use selection::{Options, select};
pub(crate) use threshold::{LIST_VIEW_THRESHOLD, exceeds_threshold};

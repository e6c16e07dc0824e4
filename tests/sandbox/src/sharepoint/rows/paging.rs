//! Where a page ends: the sort keys of its last row, so that the next page begins behind it whatever happened since.

use std::cmp::Ordering;

use crate::sharepoint::{caml::OrderKey, list::Item};

use super::cells::{Cell, Sheet};

/// The keys of one row, in the order of the query, and the row's id.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Position {
    keys: Vec<SortKey>,
    id: u32,
}

#[derive(Clone, Debug, PartialEq)]
enum SortKey {
    Nothing,
    Number(f64),
    Text(String),
}

impl SortKey {
    fn of(cell: Option<Cell>) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "seconds and ids are far below 2^52")]
        match cell {
            None => Self::Nothing,
            Some(Cell::Number(number)) => Self::Number(number),
            Some(Cell::Whole(number)) => Self::Number(number as f64),
            Some(Cell::Flag(flag)) => Self::Number(f64::from(u8::from(flag))),
            Some(Cell::Date(time) | Cell::RowDate(_, time)) => Self::Number(time.as_microsecond() as f64),
            Some(Cell::Text(text)) => Self::Text(text.to_lowercase()),
            Some(Cell::Lookup(entries)) => {
                Self::Text(entries.first().map(|(_, text)| text.to_lowercase()).unwrap_or_default())
            }
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Number(_) => 1,
            Self::Text(_) => 2,
        }
    }

    fn write(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Number(number) => format!("n{number}"),
            Self::Text(text) => format!("t{text}"),
        }
    }

    fn read(text: &str) -> Option<Self> {
        match text.split_at_checked(1) {
            None => Some(Self::Nothing),
            Some(("n", number)) => number.parse().ok().map(Self::Number),
            Some(("t", text)) => Some(Self::Text(text.to_owned())),
            Some(_) => None,
        }
    }
}

impl Position {
    pub(super) fn of(sheet: &Sheet<'_>, item: &Item, order: &[OrderKey]) -> Self {
        let keys = order.iter().map(|key| SortKey::of(sheet.cell(item, &key.field))).collect();
        Self { keys, id: item.id }
    }

    pub(super) fn compare(&self, other: &Self, order: &[OrderKey]) -> Ordering {
        let keys = self.keys.iter().zip(&other.keys).zip(order).map(|((a, b), key)| {
            let ordering = a.compare(b);
            if key.ascending { ordering } else { ordering.reverse() }
        });
        keys.fold(Ordering::Equal, Ordering::then).then(self.id.cmp(&other.id))
    }

    /// `Paged=TRUE&p_Title=…&p_ID=2`; what is inside is the server's business.
    pub(super) fn write(&self, order: &[OrderKey]) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.append_pair("Paged", "TRUE");
        for (key, value) in order.iter().zip(&self.keys) {
            text.append_pair(&format!("p_{}", key.field), &value.write());
        }
        text.append_pair("p_ID", &self.id.to_string());
        text.finish()
    }

    /// Reads a position back; `None` if it is none of this order.
    pub(super) fn read(text: &str, order: &[OrderKey]) -> Option<Self> {
        let pairs: Vec<_> = form_urlencoded::parse(text.as_bytes()).collect();
        let keys = order
            .iter()
            .map(|key| {
                let wanted = format!("p_{}", key.field);
                pairs.iter().find(|(name, _)| *name == wanted).and_then(|(_, value)| SortKey::read(value))
            })
            .collect::<Option<_>>()?;
        // The id comes last, also when it is a key of the order.
        let id = pairs.iter().rev().find(|(name, _)| name == "p_ID")?.1.parse().ok()?;
        Some(Self { keys, id })
    }
}

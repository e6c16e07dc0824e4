//! Rows of data extensions.

use std::sync::Arc;

use soap::Element;

use super::{Save, pairs, text};
use crate::exacttarget::{
    account::{Account, Row, Table},
    answer::{Outcome, Refused},
    columns::{as_columns, check, key_of},
};

/// Makes or changes one.
pub(super) fn save(account: &mut Account, how: Save, asked: &Element) -> Result<Outcome, Refused> {
    let table = of(account, asked)?;
    let given: Row =
        pairs(asked, Some("Properties"), "Property").into_iter().chain(pairs(asked, Some("Keys"), "Key")).collect();
    let place = place(table, &given);
    let whole = match place {
        Some(place) => {
            let mut whole = (*table.rows[place]).clone();
            whole.extend(as_columns(table, &given));
            whole
        }
        None => given.clone(),
    };
    check(table, &given.iter().chain(&whole).map(|(name, value)| (name.clone(), value.clone())).collect())
        .map_err(|reason| Refused::new(70_000, reason))?;
    match (place, how) {
        (Some(_), Save::Create) => return Err(Refused::new(2, "Violation of PRIMARY KEY constraint.")),
        (None, Save::Update) => return Err(Refused::new(310_003, "The row was not found.")),
        (Some(place), _) => table.rows[place] = Arc::new(whole),
        (None, _) => {
            let row = as_columns(table, &whole);
            table.rows.push(Arc::new(row));
        }
    }
    let done = if how == Save::Create { "Created" } else { "Updated" };
    Ok(Outcome { message: format!("{done} DataExtensionObject"), ..Outcome::default() })
}

/// Removes the row of a key.
pub(super) fn delete(account: &mut Account, asked: &Element) -> Result<Outcome, Refused> {
    let table = of(account, asked)?;
    let keys: Row = pairs(asked, Some("Keys"), "Key").into_iter().collect();
    let place = place(table, &keys).ok_or_else(|| Refused::new(310_002, "The row was not found."))?;
    table.rows.remove(place);
    Ok(Outcome { message: "Deleted DataExtensionObject".to_owned(), ..Outcome::default() })
}

fn of<'a>(account: &'a mut Account, asked: &Element) -> Result<&'a mut Table, Refused> {
    let key = text(asked, "CustomerKey").unwrap_or_default();
    account.tables.get_mut(&key).ok_or_else(|| Refused::new(70_003, "Invalid data extension key."))
}

/// Where the row of this primary key is.
fn place(table: &Table, given: &Row) -> Option<usize> {
    if !table.columns.iter().any(|column| column.is_key) {
        return None;
    }
    let key = key_of(table, &as_columns(table, given));
    table.rows.iter().position(|row| key_of(table, row) == key)
}

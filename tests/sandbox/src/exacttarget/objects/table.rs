//! Data extensions.

use domain::Timestamp;
use soap::Element;

use super::{is_true, text};
use crate::exacttarget::{
    account::{Account, Column, Table},
    answer::{Outcome, Refused},
};

/// What a column may hold (`DataExtensionFieldType` of the schema).
const KINDS: [&str; 8] = ["Text", "Number", "Date", "Boolean", "EmailAddress", "Phone", "Decimal", "Locale"];
/// The most characters of a key (contract §7).
const LONGEST_KEY: usize = 36;

/// Makes one.
pub(super) fn create(account: &mut Account, asked: &Element, now: Timestamp) -> Result<Outcome, Refused> {
    let invalid = |text: String| Refused::new(310_007, text);
    let name = text(asked, "Name").ok_or_else(|| invalid("Name has to have a value.".to_owned()))?;
    let object_id = account.next_object_id();
    let key = text(asked, "CustomerKey").unwrap_or_else(|| object_id.to_string().to_uppercase());
    if key.chars().count() > LONGEST_KEY {
        return Err(invalid(format!("CustomerKey may have {LONGEST_KEY} characters.")));
    }
    // The message is the platform's for updates that meet what is there; for this case it is invented.
    if account
        .tables
        .values()
        .any(|table| table.key.eq_ignore_ascii_case(&key) || table.name.eq_ignore_ascii_case(&name))
    {
        return Err(invalid("A data extension of that name or key exists already.".to_owned()));
    }
    let fields = asked.child("Fields").into_iter().flat_map(|fields| fields.all("Field"));
    let columns = fields.map(column).collect::<Result<Vec<_>, _>>()?;
    if columns.is_empty() {
        return Err(invalid("A data extension has one column at least.".to_owned()));
    }
    if let Some(twice) = columns
        .iter()
        .enumerate()
        .find_map(|(place, one)| columns[..place].iter().find(|other| other.name.eq_ignore_ascii_case(&one.name)))
    {
        return Err(invalid(format!("There are two columns {}.", twice.name)));
    }
    let sendable = asked.child("SendableDataExtensionField").and_then(|field| text(field, "Name"));
    let sendable = sendable.filter(|_| is_true(asked, "IsSendable"));
    if is_true(asked, "IsSendable") && !columns.iter().any(|column| sendable.as_ref() == Some(&column.name)) {
        return Err(invalid("SendableDataExtensionField is none of the columns.".to_owned()));
    }
    account
        .tables
        .insert(key.clone(), Table { object_id, key, name, columns, sendable, rows: Vec::new(), created: now });
    let message = "Data Extension created.".to_owned();
    Ok(Outcome { message, new_object_id: Some(object_id), ..Outcome::default() })
}

fn column(field: &Element) -> Result<Column, Refused> {
    let invalid = |text: String| Refused::new(310_007, text);
    let name = text(field, "Name").ok_or_else(|| invalid("A column has a name.".to_owned()))?;
    let kind = text(field, "FieldType").unwrap_or_else(|| "Text".to_owned());
    if !KINDS.contains(&&*kind) {
        return Err(invalid(format!("{kind} is no type of a column.")));
    }
    // Without a length a text may be as long as it likes, but then it cannot be a key.
    let length = text(field, "MaxLength").and_then(|length| length.parse().ok());
    let is_key = is_true(field, "IsPrimaryKey");
    if is_key && !is_true(field, "IsRequired") {
        return Err(invalid(format!("{name} is part of the primary key and has to be required.")));
    }
    Ok(Column { name, kind, length, is_required: is_true(field, "IsRequired"), is_key })
}

/// Removes one, and its rows.
pub(super) fn delete(account: &mut Account, asked: &Element) -> Result<Outcome, Refused> {
    let key = text(asked, "CustomerKey").unwrap_or_default();
    match account.tables.remove(&key) {
        Some(_) => Ok(Outcome { message: "Data Extension deleted.".to_owned(), ..Outcome::default() }),
        None => Err(Refused::new(310_002, "The data extension was not found.")),
    }
}

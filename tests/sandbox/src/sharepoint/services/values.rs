//! What may be written into a column.

use crate::sharepoint::{list::Field, rows::read_date, state::Collection};

/// The answer to most values that cannot be.
pub(super) const BAD_VALUE: (&str, &str) = (
    "0x8102000a",
    "Invalid data has been used to update the list item. The field you are trying to update may be read only.",
);

/// The most characters of a line of text.
const LONGEST_TEXT: usize = 255;

/// The value as it is kept: dates in UTC, people and lookups as ids. Empty for none.
pub(super) fn read_value(
    collection: &mut Collection,
    field: &Field,
    value: &str,
    in_utc: bool,
) -> Result<String, (&'static str, &'static str)> {
    if field.is("ReadOnly") {
        return Err(BAD_VALUE);
    }
    if value.is_empty() {
        return Ok(String::new());
    }
    let trimmed = value.trim();
    Ok(match field.kind() {
        "Text" | "Choice" if value.chars().count() > LONGEST_TEXT => return Err(BAD_VALUE),
        "Number" | "Currency" => {
            trimmed.parse::<f64>().ok().filter(|number| number.is_finite()).ok_or(BAD_VALUE)?.to_string()
        }
        "Integer" => trimmed.parse::<i64>().map_err(|_| BAD_VALUE)?.to_string(),
        "Boolean" | "AllDayEvent" | "Recurrence" => match trimmed.to_uppercase().as_str() {
            "1" | "TRUE" | "-1" => "1".to_owned(),
            "0" | "FALSE" => "0".to_owned(),
            _ => return Err(BAD_VALUE),
        },
        "DateTime" => {
            let time = read_date(trimmed, in_utc).ok_or(BAD_VALUE)?;
            time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
        }
        "User" | "UserMulti" => {
            entries(trimmed).map(|entry| person(collection, &entry)).collect::<Result<Vec<_>, _>>()?.join(",")
        }
        "Lookup" | "LookupMulti" => {
            let ids = entries(trimmed).map(|(id, _)| id.parse::<u32>().map(|id| id.to_string()));
            ids.collect::<Result<Vec<_>, _>>().map_err(|_| BAD_VALUE)?.join(",")
        }
        _ => value.to_owned(),
    })
}

/// `1;#a;#2;#b` as pairs; a lone id or name is a pair without its other half.
fn entries(value: &str) -> impl Iterator<Item = (String, String)> {
    let parts: Vec<_> = value.split(";#").map(ToOwned::to_owned).collect();
    parts
        .chunks(2)
        .map(|pair| (pair[0].clone(), pair.get(1).cloned().unwrap_or_default()))
        .collect::<Vec<_>>()
        .into_iter()
}

/// A person by member id, or by login where the id is -1 or missing. Nobody else is taken.
fn person(collection: &mut Collection, (id, text): &(String, String)) -> Result<String, (&'static str, &'static str)> {
    let known =
        id.parse::<u32>().ok().filter(|id| collection.users.contains_key(id) || collection.groups.contains_key(id));
    let login = if text.is_empty() { id } else { text };
    known.or_else(|| collection.ensure_user(login)).map(|id| id.to_string()).ok_or(BAD_VALUE)
}

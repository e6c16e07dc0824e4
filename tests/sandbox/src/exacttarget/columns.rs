//! What a row may be in the columns of its table, and which row it is by the primary key.

use domain::Timestamp;

use super::{
    account::{Row, Table},
    audience::is_address,
};

/// Whether a row may be one of the table's.
pub(super) fn check(table: &Table, row: &Row) -> Result<(), String> {
    let known = |name: &String| table.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    if let Some(name) = row.keys().find(|name| !known(name)) {
        return Err(format!("The data extension has no column {name}."));
    }
    for column in &table.columns {
        let value = row.iter().find(|(name, _)| column.name.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value);
        if value.is_empty() {
            if column.is_required || column.is_key {
                return Err(format!("{} has to have a value.", column.name));
            }
            continue;
        }
        let fits = match &*column.kind {
            "Number" => value.trim().parse::<i32>().is_ok(),
            "Decimal" => value.trim().parse::<f64>().is_ok(),
            "Boolean" => matches!(&*value.to_lowercase(), "true" | "false" | "0" | "1" | "yes" | "no"),
            "EmailAddress" => is_address(value),
            "Date" => is_date(value),
            _ => column.length.is_none_or(|length| value.chars().count() <= length),
        };
        if !fits {
            return Err(format!("{} is no {} of this column.", column.name, column.kind));
        }
    }
    Ok(())
}

/// A day, or a day and a time, as ISO 8601 or as people in the United States write it: `1/15/2026 9:50:00 AM`.
fn is_date(value: &str) -> bool {
    let value = value.trim();
    let american = ["%m/%d/%Y", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M"];
    value.parse::<jiff::civil::DateTime>().is_ok()
        || value.parse::<Timestamp>().is_ok()
        || american.iter().any(|format| jiff::fmt::strtime::parse(format, value).is_ok())
}

/// The values of a row under the names of the table's columns.
pub(super) fn as_columns(table: &Table, row: &Row) -> Row {
    let named = |name: &String| table.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name));
    row.iter().filter_map(|(name, value)| Some((named(name)?.name.clone(), value.clone()))).collect()
}

/// The primary key of a row; nothing where the table has none.
pub(super) fn key_of(table: &Table, row: &Row) -> Vec<String> {
    let keys = table.columns.iter().filter(|column| column.is_key);
    // As SQL Server compares: case does not matter, and blanks at the end do not.
    keys.map(|column| row.get(&column.name).map(|value| value.trim_end().to_lowercase()).unwrap_or_default()).collect()
}

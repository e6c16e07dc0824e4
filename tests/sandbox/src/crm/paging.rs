//! Paging cookies: where a page began and ended, so that the next one begins behind it whatever changed meanwhile.
//!
//! Shape: `<cookie page="1"><fullname last=".." first=".."/><contactid last="{..}" first="{..}"/></cookie>`; a null is
//! `lastnull="1"`, and a lookup goes by its name as `owneridname` (contract §4).

use soap::{Element, Limits};

use super::{
    fault::Refusal,
    organisation::Organisation,
    query::{Order, Query, Row},
    schema::{Entity, Kind},
    value::{self, SortKey, Value, sort_key},
    wire,
};

/// What a cookie says.
pub(crate) struct Cookie {
    pub(crate) page: usize,
    /// The place of the last row, as rows are sorted.
    pub(crate) last: Vec<SortKey>,
    /// Its key.
    pub(crate) id: domain::CrmId,
}

pub(crate) fn write(
    organisation: &Organisation,
    entity: &Entity,
    query: &Query,
    first: &Row<'_>,
    last: &Row<'_>,
) -> Result<String, Refusal> {
    let mut cookie = Element::new("", "cookie").with_attribute("page", query.page.to_string());
    for order in &query.orders {
        let mut column = Element::new("", &column_name(entity, &order.attribute));
        for (row, end) in [(last, "last"), (first, "first")] {
            column = match row.record.get(&order.attribute) {
                Some(value) => column.with_attribute(end, text(organisation, value)),
                None => column.with_attribute(&format!("{end}null"), "1"),
            };
        }
        cookie = cookie.with(column);
    }
    let key = Element::new("", &entity.key)
        .with_attribute("last", last.id.braced())
        .with_attribute("first", first.id.braced());
    Ok(cookie.with(key).to_xml()?)
}

/// Reads a cookie; none, or an empty one, is no cookie.
pub(crate) fn read(cookie: Option<&str>, entity: &Entity, orders: &[Order]) -> Result<Option<Cookie>, Refusal> {
    let Some(text) = cookie.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let malformed = || Refusal::new("0x8004112A", "Invalid page number in paging cookie.");
    let other_orders = || Refusal::new("0x80041129", "Order by columns do not match those in paging cookie.");
    let root = soap::parse(text.as_bytes(), Limits::default()).map_err(|_| malformed())?;
    let page = root.attribute("page").and_then(|page| page.parse().ok()).ok_or_else(malformed)?;
    let mut columns = root.children();
    let mut last = Vec::new();
    for order in orders {
        let column = columns.next().filter(|column| column.is(column_name(entity, &order.attribute).as_str()));
        let column = column.ok_or_else(other_orders)?;
        last.push(match column.attribute("last") {
            None => SortKey::Null,
            Some(name) if is_reference(entity, &order.attribute) => SortKey::Text(name.to_lowercase()),
            Some(text) => {
                let zone = jiff::tz::TimeZone::UTC;
                sort_key(&value::read(entity, &order.attribute, text, None, &zone)?)
            }
        });
    }
    let key = columns.next().filter(|column| column.is(entity.key.as_str())).ok_or_else(other_orders)?;
    let id: domain::CrmId = key.attribute("last").and_then(|id| id.parse().ok()).ok_or_else(malformed)?;
    last.push(SortKey::Text(id.to_string()));
    Ok(Some(Cookie { page, last, id }))
}

fn is_reference(entity: &Entity, attribute: &str) -> bool {
    let kind = entity.attributes.get(attribute).map(|attribute| &attribute.kind);
    matches!(kind, Some(Kind::Lookup(_) | Kind::Owner | Kind::Customer))
}

fn column_name(entity: &Entity, attribute: &str) -> String {
    if is_reference(entity, attribute) { format!("{attribute}name") } else { attribute.to_owned() }
}

fn text(organisation: &Organisation, value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Flag(flag) => u8::from(*flag).to_string(),
        Value::Number(number) => number.to_string(),
        Value::Amount(amount) => amount.to_string(),
        Value::Moment(at) => wire::moment(*at, &organisation.zone),
        Value::Reference { entity, id } => organisation.name_of(entity, *id).unwrap_or_default().to_owned(),
        Value::Id(id) => id.braced(),
    }
}

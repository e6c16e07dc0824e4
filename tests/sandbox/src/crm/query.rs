//! Queries, whatever language they came in: which rows, in which order, which page.

use std::cmp::Ordering;

use domain::{CrmId, Timestamp};

use super::{
    fault::Refusal,
    organisation::{Organisation, Record},
    paging,
    schema::Entity,
    security::{Caller, Principal, Right},
    sieve::{Linked, Sieve},
    value::{SortKey, Value, sort_key},
};

/// The most rows of a page in every generation of CRM (contract §4); a larger count is cut to it.
pub(crate) const LARGEST_PAGE: usize = 5_000;

/// A query.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) entity: String,
    pub(crate) columns: Columns,
    pub(crate) distinct: bool,
    pub(crate) filter: Filter,
    pub(crate) links: Vec<Link>,
    pub(crate) orders: Vec<Order>,
    /// From 1.
    pub(crate) page: usize,
    pub(crate) count: Option<usize>,
    pub(crate) cookie: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Columns {
    All,
    Some(Vec<String>),
}

#[derive(Debug, Default)]
pub(crate) struct Filter {
    /// One of them suffices.
    pub(crate) any: bool,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) filters: Vec<Filter>,
}

#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) attribute: String,
    pub(crate) operator: Operator,
    pub(crate) values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    GreaterThan,
    LessThan,
    GreaterEqual,
    LessEqual,
    Like,
    NotLike,
    In,
    NotIn,
    Between,
    NotBetween,
    Null,
    NotNull,
    On,
    OnOrBefore,
    OnOrAfter,
    LastXHours,
    LastXDays,
    EqualUserId,
    NotEqualUserId,
}

#[derive(Debug)]
pub(crate) struct Link {
    /// The other entity.
    pub(crate) entity: String,
    /// Its attribute.
    pub(crate) from: String,
    /// The attribute on this side.
    pub(crate) to: String,
    pub(crate) outer: bool,
    pub(crate) filter: Filter,
    pub(crate) links: Vec<Link>,
    /// Only FetchXML returns columns of the other side (contract §4).
    pub(crate) columns: Vec<String>,
    /// What their names begin with.
    pub(crate) alias: String,
}

#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) attribute: String,
    pub(crate) descending: bool,
}

/// A row of a result: the record, and columns of linked ones by `alias.attribute`.
pub(crate) struct Row<'o> {
    pub(crate) id: CrmId,
    pub(crate) record: &'o Record,
    pub(crate) linked: Linked<'o>,
}

/// One page of a result.
pub(crate) struct Page<'o> {
    pub(crate) entity: &'static Entity,
    pub(crate) rows: Vec<Row<'o>>,
    pub(crate) more: bool,
    /// Empty when there are no rows.
    pub(crate) cookie: String,
}

/// Runs a query as the caller, who sees what the caller may read.
pub(crate) fn run<'o>(
    organisation: &'o Organisation,
    caller: &Caller,
    query: &Query,
    now: Timestamp,
) -> Result<Page<'o>, Refusal> {
    let entity = organisation.schema.entity(&query.entity)?;
    organisation.require_privilege(caller, entity, Right::Read)?;
    if let Columns::Some(columns) = &query.columns {
        columns.iter().try_for_each(|column| entity.attribute(column).map(drop))?;
    }
    query.orders.iter().try_for_each(|order| entity.attribute(&order.attribute).map(drop))?;
    know(organisation, entity, &query.filter, &query.links)?;
    let sieve = Sieve { organisation, caller, now };
    let size = query.count.unwrap_or(LARGEST_PAGE).clamp(1, LARGEST_PAGE);
    let cookie = paging::read(query.cookie.as_deref(), entity, &query.orders)?;
    // Records lie in the order of their keys: without another order a page is read from where the last one ended.
    let by_key = query.orders.is_empty();
    let after = cookie.as_ref().filter(|cookie| by_key && cookie.page + 1 == query.page).map(|cookie| cookie.id);
    let mut rows = Vec::new();
    for (id, record) in organisation.records_after(&entity.name, after) {
        if by_key && (after.is_some() || query.page == 1) && rows.len() > size {
            break;
        }
        if !sieve.passes(entity, record, &query.filter)? {
            continue;
        }
        let matches = sieve.linked(entity, record, &query.links)?;
        let readable = || organisation.rights(Principal::User(caller.user), &entity.name, id).contains(&Right::Read);
        if matches.is_empty() || (entity.owned && !readable()) {
            continue;
        }
        let wanted = if query.distinct { 1 } else { matches.len() };
        rows.extend(matches.into_iter().take(wanted).map(|linked| Row { id, record, linked }));
    }
    let sorted_by = |row: &Row<'_>| keys(organisation, row, &query.orders);
    rows.sort_by_cached_key(|row| Position { keys: sorted_by(row), query });
    let start = match cookie {
        // The page after the one that the cookie closes begins behind the cookie's last row.
        Some(cookie) if cookie.page + 1 == query.page => {
            let last = Position { keys: cookie.last, query };
            rows.partition_point(|row| Position { keys: sorted_by(row), query } <= last)
        }
        _ => (query.page.saturating_sub(1)).saturating_mul(size).min(rows.len()),
    };
    let more = rows.len() > start + size;
    let rows: Vec<_> = rows.drain(start..).take(size).collect();
    let cookie = match (rows.first(), rows.last()) {
        (Some(first), Some(last)) => paging::write(organisation, entity, query, first, last)?,
        _ => String::new(),
    };
    Ok(Page { entity, rows, more, cookie })
}

/// Refuses what names an entity or attribute that is not there, whether or not there are rows to look at.
fn know(organisation: &Organisation, entity: &Entity, filter: &Filter, links: &[Link]) -> Result<(), Refusal> {
    know_filter(entity, filter)?;
    links.iter().try_for_each(|link| {
        entity.attribute(&link.to)?;
        let other = organisation.schema.entity(&link.entity)?;
        other.attribute(&link.from)?;
        know(organisation, other, &link.filter, &link.links)
    })
}

fn know_filter(entity: &Entity, filter: &Filter) -> Result<(), Refusal> {
    filter.conditions.iter().try_for_each(|condition| entity.attribute(&condition.attribute).map(drop))?;
    filter.filters.iter().try_for_each(|inner| know_filter(entity, inner))
}

/// What a row is sorted by: the orders, then the key, so that no two rows stand at one place.
fn keys(organisation: &Organisation, row: &Row<'_>, orders: &[Order]) -> Vec<SortKey> {
    let by_order = orders.iter().map(|order| match row.record.get(&order.attribute) {
        None => SortKey::Null,
        // A lookup is sorted by what people see of it.
        Some(Value::Reference { entity, id }) => {
            SortKey::Text(organisation.name_of(entity, *id).unwrap_or_default().to_lowercase())
        }
        Some(value) => sort_key(value),
    });
    by_order.chain([SortKey::Text(row.id.to_string())]).collect()
}

struct Position<'q> {
    keys: Vec<SortKey>,
    query: &'q Query,
}

impl Ord for Position<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let descending = self.query.orders.iter().map(|order| order.descending).chain([false]);
        let pairs = self.keys.iter().zip(&other.keys).zip(descending);
        pairs
            .map(|((a, b), descending)| if descending { b.compare(a) } else { a.compare(b) })
            .find(|ordering| ordering.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Position<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Position<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Position<'_> {}

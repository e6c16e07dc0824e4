//! FetchXML and its result string.

use domain::Timestamp;
use soap::{Element, Limits};

use super::{
    fault::Refusal,
    organisation::Organisation,
    query::{self, Columns, Condition, Filter, Link, Operator, Order, Query},
    security::Caller,
    wire,
};

/// Runs a fetch and writes its result as text.
pub(crate) fn run(organisation: &Organisation, caller: &Caller, xml: &str, now: Timestamp) -> Result<String, Refusal> {
    let query = read(xml)?;
    let page = query::run(organisation, caller, &query, now)?;
    let rows = page.rows.iter().map(|row| {
        // In the order in which they were asked for, as the contract's sample has them; the key is always there.
        let names: Vec<&String> = match &query.columns {
            Columns::All => row.record.keys().collect(),
            Columns::Some(names) => {
                let key = Some(&page.entity.key).filter(|key| !names.contains(key));
                key.into_iter().chain(names).collect()
            }
        };
        // Attributes that are null are absent (contract §4).
        let own = names.into_iter().filter_map(|name| Some((name, row.record.get(name)?)));
        let own = own.filter_map(|(name, value)| wire::fetched(organisation, page.entity, name, name, value));
        let linked = row.linked.iter().filter_map(|(column, entity, attribute, value)| {
            wire::fetched(organisation, entity, attribute, column, value)
        });
        Element::new("", "result").with_all(own).with_all(linked)
    });
    let result = Element::new("", "resultset")
        .with_attribute("morerecords", u8::from(page.more).to_string())
        .with_attribute("paging-cookie", &*page.cookie);
    Ok(result.with_all(rows).to_xml()?)
}

fn read(xml: &str) -> Result<Query, Refusal> {
    let malformed = |error: soap::Error| Refusal::invalid(format!("Malformed FetchXML: {error}"));
    let fetch = soap::parse(xml.as_bytes(), Limits::default()).map_err(malformed)?;
    if !fetch.is("fetch") || fetch.attribute("aggregate").is_some_and(is_true) {
        return Err(Refusal::invalid("Only a plain fetch is understood."));
    }
    let number = |name: &str| {
        let read = |text: &str| text.parse().map_err(|_| Refusal::invalid(format!("'{name}' is no count.")));
        fetch.attribute(name).map(read).transpose()
    };
    let entity = fetch.required("entity").map_err(malformed)?;
    Ok(Query {
        entity: entity.required_attribute("name").map_err(malformed)?.to_owned(),
        columns: columns(entity),
        distinct: fetch.attribute("distinct").is_some_and(is_true),
        filter: filters(entity)?,
        links: links(entity)?,
        orders: entity.all("order").map(read_order).collect::<Result<_, _>>()?,
        page: number("page")?.unwrap_or(1).max(1),
        count: number("count")?.filter(|count| *count > 0),
        cookie: fetch.attribute("paging-cookie").map(str::to_owned),
    })
}

fn is_true(text: &str) -> bool {
    matches!(text, "true" | "1")
}

fn columns(entity: &Element) -> Columns {
    if entity.child("all-attributes").is_some() {
        return Columns::All;
    }
    let names = entity.all("attribute").filter_map(|attribute| attribute.attribute("name"));
    Columns::Some(names.map(str::to_owned).collect())
}

/// Several filters side by side must all hold.
fn filters(parent: &Element) -> Result<Filter, Refusal> {
    let filters = parent.all("filter").map(read_filter).collect::<Result<_, _>>()?;
    Ok(Filter { any: false, conditions: Vec::new(), filters })
}

fn read_filter(element: &Element) -> Result<Filter, Refusal> {
    Ok(Filter {
        any: element.attribute("type") == Some("or"),
        conditions: element.all("condition").map(read_condition).collect::<Result<_, _>>()?,
        filters: element.all("filter").map(read_filter).collect::<Result<_, _>>()?,
    })
}

fn read_condition(element: &Element) -> Result<Condition, Refusal> {
    let one = element.attribute("value").map(str::to_owned);
    Ok(Condition {
        attribute: element.required_attribute("attribute")?.to_owned(),
        operator: operator(element.required_attribute("operator")?)?,
        values: one.into_iter().chain(element.all("value").map(Element::text)).collect(),
    })
}

fn read_order(element: &Element) -> Result<Order, Refusal> {
    let descending = element.attribute("descending").is_some_and(is_true);
    Ok(Order { attribute: element.required_attribute("attribute")?.to_owned(), descending })
}

fn links(parent: &Element) -> Result<Vec<Link>, Refusal> {
    let read = |element: &Element| {
        let attribute = |name: &str| element.required_attribute(name).map(str::to_owned);
        let to = attribute("to")?;
        let columns = element.all("attribute").filter_map(|column| column.attribute("name").map(str::to_owned));
        Ok(Link {
            entity: attribute("name")?,
            from: attribute("from")?,
            outer: element.attribute("link-type") == Some("outer"),
            filter: filters(element)?,
            links: links(element)?,
            columns: columns.collect(),
            // Without an alias 4.0 names the column after the linking attribute [unverified].
            alias: element.attribute("alias").unwrap_or(&to).to_owned(),
            to,
        })
    };
    parent.all("link-entity").map(read).collect()
}

fn operator(name: &str) -> Result<Operator, Refusal> {
    Ok(match name {
        "eq" => Operator::Equal,
        "ne" | "neq" => Operator::NotEqual,
        "gt" => Operator::GreaterThan,
        "lt" => Operator::LessThan,
        "ge" => Operator::GreaterEqual,
        "le" => Operator::LessEqual,
        "like" => Operator::Like,
        "not-like" => Operator::NotLike,
        "in" => Operator::In,
        "not-in" => Operator::NotIn,
        "between" => Operator::Between,
        "not-between" => Operator::NotBetween,
        "null" => Operator::Null,
        "not-null" => Operator::NotNull,
        "on" => Operator::On,
        "on-or-before" => Operator::OnOrBefore,
        "on-or-after" => Operator::OnOrAfter,
        "last-x-hours" => Operator::LastXHours,
        "last-x-days" => Operator::LastXDays,
        "eq-userid" => Operator::EqualUserId,
        "ne-userid" => Operator::NotEqualUserId,
        other => return Err(Refusal::invalid(format!("The simulator does not know the operator '{other}'."))),
    })
}

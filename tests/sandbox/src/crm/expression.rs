//! `QueryExpression` and `QueryByAttribute`, read as leniently as CRM 4.0 does: unknown elements and any order
//! (contract §4).

use soap::Element;

use super::{
    fault::Refusal,
    query::{Columns, Condition, Filter, Link, Operator, Order, Query},
};

/// Reads a query by its `xsi:type`.
pub(crate) fn read(element: &Element) -> Result<Query, Refusal> {
    let page = element.child("PageInfo");
    let number = |name: &str| page.map(|page| page.optional_value(name)).transpose().map(Option::flatten);
    let filter = match element.required_kind()? {
        "QueryExpression" => element.child("Criteria").map(read_filter).transpose()?.unwrap_or_default(),
        "QueryByAttribute" => by_attribute(element),
        other => return Err(Refusal::invalid(format!("'{other}' is no kind of query."))),
    };
    Ok(Query {
        entity: element.child_text("EntityName").trim().to_owned(),
        columns: element.child("ColumnSet").map(columns).transpose()?.unwrap_or(Columns::Some(Vec::new())),
        distinct: element.optional_value("Distinct")?.unwrap_or(false),
        filter,
        links: list(element, "LinkEntities", "LinkEntity", read_link)?,
        orders: list(element, "Orders", "Order", |order| Ok(read_order(order)))?,
        page: number("PageNumber")?.unwrap_or(1).max(1),
        count: number("Count")?.filter(|count| *count > 0),
        cookie: page.and_then(|page| page.child("PagingCookie")).map(Element::text),
    })
}

/// Reads a column set: all columns, or the ones named.
pub(crate) fn columns(element: &Element) -> Result<Columns, Refusal> {
    Ok(match element.required_kind()? {
        "AllColumns" => Columns::All,
        _ => Columns::Some(texts(element, "Attributes", "Attribute")),
    })
}

fn texts(element: &Element, outer: &str, inner: &str) -> Vec<String> {
    let children = element.child(outer).into_iter().flat_map(|outer| outer.all(inner));
    children.map(|child| child.text().trim().to_owned()).collect()
}

fn list<T>(
    element: &Element,
    outer: &str,
    inner: &str,
    read: fn(&Element) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
    element.child(outer).into_iter().flat_map(|outer| outer.all(inner)).map(read).collect()
}

fn by_attribute(element: &Element) -> Filter {
    let values = texts(element, "Values", "Value");
    let pairs = texts(element, "Attributes", "Attribute").into_iter().zip(values);
    let equal = |(attribute, value)| Condition { attribute, operator: Operator::Equal, values: vec![value] };
    Filter { any: false, conditions: pairs.map(equal).collect(), filters: Vec::new() }
}

fn read_filter(element: &Element) -> Result<Filter, Refusal> {
    Ok(Filter {
        any: element.child_text("FilterOperator").trim() == "Or",
        conditions: list(element, "Conditions", "Condition", read_condition)?,
        filters: list(element, "Filters", "Filter", read_filter)?,
    })
}

fn read_condition(element: &Element) -> Result<Condition, Refusal> {
    Ok(Condition {
        attribute: element.child_text("AttributeName").trim().to_owned(),
        operator: operator(element.child_text("Operator").trim())?,
        values: texts(element, "Values", "Value"),
    })
}

fn read_order(element: &Element) -> Order {
    let descending = element.child_text("OrderType").trim() == "Descending";
    Order { attribute: element.child_text("AttributeName").trim().to_owned(), descending }
}

fn read_link(element: &Element) -> Result<Link, Refusal> {
    let text = |name: &str| element.child_text(name).trim().to_owned();
    Ok(Link {
        entity: text("LinkToEntityName"),
        from: text("LinkToAttributeName"),
        to: text("LinkFromAttributeName"),
        outer: text("JoinOperator") == "LeftOuter",
        filter: element.child("LinkCriteria").map(read_filter).transpose()?.unwrap_or_default(),
        links: list(element, "LinkEntities", "LinkEntity", read_link)?,
        columns: Vec::new(),
        alias: String::new(),
    })
}

fn operator(name: &str) -> Result<Operator, Refusal> {
    Ok(match name {
        "Equal" => Operator::Equal,
        "NotEqual" => Operator::NotEqual,
        "GreaterThan" => Operator::GreaterThan,
        "LessThan" => Operator::LessThan,
        "GreaterEqual" => Operator::GreaterEqual,
        "LessEqual" => Operator::LessEqual,
        "Like" => Operator::Like,
        "NotLike" => Operator::NotLike,
        "In" => Operator::In,
        "NotIn" => Operator::NotIn,
        "Between" => Operator::Between,
        "NotBetween" => Operator::NotBetween,
        "Null" => Operator::Null,
        "NotNull" => Operator::NotNull,
        "On" => Operator::On,
        "OnOrBefore" => Operator::OnOrBefore,
        "OnOrAfter" => Operator::OnOrAfter,
        "LastXHours" => Operator::LastXHours,
        "LastXDays" => Operator::LastXDays,
        "EqualUserId" => Operator::EqualUserId,
        "NotEqualUserId" => Operator::NotEqualUserId,
        other => return Err(Refusal::invalid(format!("The simulator does not know the operator '{other}'."))),
    })
}

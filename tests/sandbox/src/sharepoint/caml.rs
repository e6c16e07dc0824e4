//! CAML queries: what is asked for, and in which order.

use soap::{Element, Node};

use super::generation::Generation;

/// A query as it was sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Query {
    pub(crate) condition: Option<Condition>,
    pub(crate) order: Vec<OrderKey>,
}

/// A condition on a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Test { operator: Operator, field: String, by_id: bool, value: Operand },
}

/// How a column is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Eq,
    Neq,
    Gt,
    Geq,
    Lt,
    Leq,
    BeginsWith,
    Contains,
    IsNull,
    IsNotNull,
}

/// What a column is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand {
    /// Text as it was sent. `with_time`: the time of day counts; `in_utc`: dates are not in the web's zone.
    Text { text: String, with_time: bool, in_utc: bool },
    /// `<Today OffsetDays="…"/>`.
    Today { offset_days: i32 },
    /// `<Now/>`.
    Now,
    /// `<UserID/>`.
    Me,
    /// For tests without a value.
    Nothing,
}

/// One key of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OrderKey {
    pub(crate) field: String,
    pub(crate) ascending: bool,
}

/// A query that cannot be carried out. SharePoint says no more than that something was unexpected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unexpected;

impl Query {
    /// Reads a `Query` element, in whatever namespace.
    pub(crate) fn read(query: &Element, generation: Generation) -> Result<Self, Unexpected> {
        let condition = match query.child("Where") {
            Some(place) => match place.children().collect::<Vec<_>>()[..] {
                [] => None,
                [only] => Some(read_condition(only, generation, 0)?),
                _ => return Err(Unexpected),
            },
            None => None,
        };
        let keys = query.child("OrderBy").into_iter().flat_map(|order| order.all("FieldRef"));
        let order = keys
            .map(|key| {
                let ascending = !key.attribute("Ascending").is_some_and(|value| value.eq_ignore_ascii_case("FALSE"));
                key.attribute("Name").map(|name| OrderKey { field: name.to_owned(), ascending }).ok_or(Unexpected)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { condition, order })
    }

    /// The columns it mentions.
    pub(crate) fn fields(&self) -> Vec<&str> {
        let mut fields: Vec<_> = self.order.iter().map(|key| key.field.as_str()).collect();
        let mut open: Vec<_> = self.condition.iter().collect();
        while let Some(condition) = open.pop() {
            match condition {
                Condition::And(a, b) | Condition::Or(a, b) => open.extend([a.as_ref(), b.as_ref()]),
                Condition::Test { field, .. } => fields.push(field),
            }
        }
        fields
    }
}

/// Deeper than any query of a person; the XML reader has a limit of its own.
const DEEPEST: usize = 50;

fn read_condition(element: &Element, generation: Generation, depth: usize) -> Result<Condition, Unexpected> {
    if depth > DEEPEST {
        return Err(Unexpected);
    }
    let operator = match element.local() {
        both @ ("And" | "Or") => {
            // Exactly two: a third must be nested (contract §3).
            let [first, second] = element.children().collect::<Vec<_>>()[..] else { return Err(Unexpected) };
            let first = Box::new(read_condition(first, generation, depth + 1)?);
            let second = Box::new(read_condition(second, generation, depth + 1)?);
            return Ok(if both == "And" { Condition::And(first, second) } else { Condition::Or(first, second) });
        }
        "Eq" => Operator::Eq,
        "Neq" => Operator::Neq,
        "Gt" => Operator::Gt,
        "Geq" => Operator::Geq,
        "Lt" => Operator::Lt,
        "Leq" => Operator::Leq,
        "BeginsWith" => Operator::BeginsWith,
        "Contains" => Operator::Contains,
        "IsNull" => Operator::IsNull,
        "IsNotNull" => Operator::IsNotNull,
        // These came with 2010 (contract §3).
        "In" if generation.is_2010() => return read_in(element),
        "Includes" if generation.is_2010() => Operator::Eq,
        "NotIncludes" if generation.is_2010() => Operator::Neq,
        _ => return Err(Unexpected),
    };
    read_test(element, operator, element.child("Value"))
}

/// Any of several values: as many tests, one of which has to be met.
fn read_in(element: &Element) -> Result<Condition, Unexpected> {
    let values = element.child("Values").into_iter().flat_map(|values| values.all("Value"));
    let mut tests = values.map(|value| read_test(element, Operator::Eq, Some(value)));
    let first = tests.next().ok_or(Unexpected)??;
    tests.try_fold(first, |all, next| Ok(Condition::Or(Box::new(all), Box::new(next?))))
}

fn read_test(element: &Element, operator: Operator, value: Option<&Element>) -> Result<Condition, Unexpected> {
    let reference = element.child("FieldRef").ok_or(Unexpected)?;
    let field = reference.attribute("Name").ok_or(Unexpected)?.to_owned();
    let says = |element: &Element, attribute: &str| {
        element.attribute(attribute).is_some_and(|value| value.eq_ignore_ascii_case("TRUE"))
    };
    let value = match (operator, value) {
        (Operator::IsNull | Operator::IsNotNull, _) => Operand::Nothing,
        (_, None) => return Err(Unexpected),
        (_, Some(value)) => match value.children().next() {
            Some(today) if today.is("Today") => {
                let offset = today.attribute("OffsetDays").map_or(Ok(0), str::parse);
                Operand::Today { offset_days: offset.map_err(|_| Unexpected)? }
            }
            Some(now) if now.is("Now") => Operand::Now,
            Some(me) if me.is("UserID") => Operand::Me,
            Some(_) => return Err(Unexpected),
            None => Operand::Text {
                text: value.text(),
                with_time: says(value, "IncludeTimeValue"),
                in_utc: says(value, "StorageTZ"),
            },
        },
    };
    Ok(Condition::Test { operator, field, by_id: says(reference, "LookupId"), value })
}

/// The same element with itself and everything inside of it in another namespace.
pub(crate) fn in_namespace(element: &Element, ns: &str) -> Element {
    let mut copy = Element::new(ns, element.local());
    for (name, value) in element.attributes() {
        copy = copy.with_attribute_in(&name.ns, &name.local, value);
    }
    for node in element.nodes() {
        copy = match node {
            Node::Element(child) => copy.with(in_namespace(child, ns)),
            Node::Text(text) => copy.with_text(text),
        };
    }
    copy
}

//! Filters of a retrieve (contract §4): read from the request, and held against what an object has.

use domain::Timestamp;
use soap::Element;

use super::objects::{Value, from_server};

/// A filter.
#[derive(Clone, Debug)]
pub(super) enum Filter {
    Simple { property: String, operator: Operator, values: Vec<String> },
    Joined { left: Box<Filter>, and: bool, right: Box<Filter> },
}

/// The operators for objects; the others of the enumeration are for data filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equals,
    NotEquals,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Between,
    In,
    Like,
    IsNull,
    IsNotNull,
}

impl Operator {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "equals" => Self::Equals,
            "notEquals" => Self::NotEquals,
            "greaterThan" => Self::Greater,
            "lessThan" => Self::Less,
            "greaterThanOrEqual" => Self::GreaterOrEqual,
            "lessThanOrEqual" => Self::LessOrEqual,
            "between" => Self::Between,
            "IN" => Self::In,
            "like" => Self::Like,
            "isNull" => Self::IsNull,
            "isNotNull" => Self::IsNotNull,
            _ => return None,
        })
    }
}

impl Filter {
    /// Reads one; the error is what the platform says. A part without a type is not understood (seen live).
    pub(super) fn read(part: &Element) -> Result<Self, String> {
        let kind = part.kind().map(|kind| &*kind.local);
        match kind {
            Some("SimpleFilterPart") => {
                let name = part.child_text("SimpleOperator");
                let operator = Operator::named(name.trim())
                    .ok_or_else(|| format!("Error: The operator {} is not supported.", name.trim()))?;
                let texts = |local| part.all(local).map(|value| value.text().trim().to_owned());
                // Dates belong in the second one; the first works too.
                let values: Vec<_> = texts("Value").chain(texts("DateValue")).collect();
                let needed = match operator {
                    Operator::IsNull | Operator::IsNotNull => 0,
                    Operator::Between => 2,
                    _ => 1,
                };
                if values.len() < needed {
                    return Err("Error: The filter has too few values.".to_owned());
                }
                Ok(Self::Simple { property: part.child_text("Property").trim().to_owned(), operator, values })
            }
            Some("ComplexFilterPart") => {
                let operand = |local| part.child(local).ok_or_else(|| format!("Error: {local} is missing."));
                let read = |local| operand(local).and_then(Self::read).map(Box::new);
                let and = match &*part.child_text("LogicalOperator") {
                    "AND" => true,
                    "OR" => false,
                    _ => return Err("Error: LogicalOperator is AND or OR.".to_owned()),
                };
                Ok(Self::Joined { left: read("LeftOperand")?, and, right: read("RightOperand")? })
            }
            _ => Err("Error: Unknown filter of type FilterPart encountered".to_owned()),
        }
    }

    pub(super) fn is_joined(&self) -> bool {
        matches!(self, Self::Joined { .. })
    }

    /// The properties that it speaks of.
    pub(super) fn properties(&self) -> Vec<&str> {
        match self {
            Self::Simple { property, .. } => vec![property],
            Self::Joined { left, right, .. } => {
                let mut properties = left.properties();
                properties.extend(right.properties());
                properties
            }
        }
    }

    /// Whether an object fits; `value` says what it has.
    pub(super) fn fits(&self, value: &impl Fn(&str) -> Value) -> bool {
        match self {
            Self::Simple { property, operator, values } => judge(&value(property), *operator, values),
            Self::Joined { left, and: true, right } => left.fits(value) && right.fits(value),
            Self::Joined { left, right, .. } => left.fits(value) || right.fits(value),
        }
    }
}

fn judge(has: &Value, operator: Operator, values: &[String]) -> bool {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let compared = |wanted: &String| has.compare(wanted);
    let first = || values.first().and_then(compared);
    let last = || values.last().and_then(compared);
    let like = |wanted: &String| has.text().to_lowercase().contains(&wanted.trim_matches('%').to_lowercase());
    match operator {
        Operator::IsNull => has.is_nothing(),
        Operator::IsNotNull => !has.is_nothing(),
        Operator::Equals => first() == Some(Equal),
        Operator::NotEquals => first() != Some(Equal),
        Operator::Greater => first() == Some(Greater),
        Operator::Less => first() == Some(Less),
        Operator::GreaterOrEqual => matches!(first(), Some(Greater | Equal)),
        Operator::LessOrEqual => matches!(first(), Some(Less | Equal)),
        // Both ends belong to it.
        Operator::Between => matches!(first(), Some(Greater | Equal)) && matches!(last(), Some(Less | Equal)),
        Operator::In => values.iter().any(|wanted| compared(wanted) == Some(Equal)),
        Operator::Like => values.iter().any(like),
    }
}

/// An instant of a filter: what has an offset is converted, what has none is the server's time; milliseconds are lost
/// (contract §4).
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    let instant = text.parse().ok().or_else(|| from_server(text))?;
    Timestamp::from_second(instant.as_second()).ok()
}

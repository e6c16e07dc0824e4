//! Which objects are asked for (contract §4, Filters).

use std::fmt;

use domain::{SignedDuration, Timestamp};
use soap::Element;

use crate::{NS, to_server};

/// A filter of a retrieve. Every operand carries its type: without it the platform answers "Unknown filter of type
/// FilterPart encountered".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// One property against values.
    Simple {
        /// The property, such as `SendID` or `Email.ID`.
        property: String,
        /// How it is compared.
        operator: Operator,
        /// With what.
        values: Values,
    },
    /// Two filters, nested at will: more operands than two are nested too, because `AdditionalOperands` is reserved.
    Complex {
        /// One of them.
        left: Box<Filter>,
        /// How they belong together.
        joined: Joined,
        /// The other.
        right: Box<Filter>,
    },
}

/// What a property is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// Texts and numbers.
    Texts(Vec<String>),
    /// Times, which have an element of their own.
    Times(Vec<Timestamp>),
}

/// The operators that filters of objects take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// The same.
    Equals,
    /// Another.
    NotEquals,
    /// Later or larger.
    GreaterThan,
    /// Earlier or smaller.
    LessThan,
    /// Not set.
    IsNull,
    /// Set.
    IsNotNull,
    /// Later or larger, or the same.
    GreaterThanOrEqual,
    /// Earlier or smaller, or the same.
    LessThanOrEqual,
    /// From the first value to the second one, both included.
    Between,
    /// One of the values.
    In,
    /// Contains the value: the platform adds the wildcards.
    Like,
}

impl Operator {
    /// As the schema spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::NotEquals => "notEquals",
            Self::GreaterThan => "greaterThan",
            Self::LessThan => "lessThan",
            Self::IsNull => "isNull",
            Self::IsNotNull => "isNotNull",
            Self::GreaterThanOrEqual => "greaterThanOrEqual",
            Self::LessThanOrEqual => "lessThanOrEqual",
            Self::Between => "between",
            Self::In => "IN",
            Self::Like => "like",
        }
    }
}

/// How two filters belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// Both hold.
    And,
    /// One holds.
    Or,
}

impl Filter {
    /// A property that is this.
    pub fn equals(property: &str, value: impl fmt::Display) -> Self {
        Self::texts(property, Operator::Equals, [value.to_string()])
    }

    /// A property that is one of these. One value is asked for by `equals`: the platform wants two for `IN`.
    pub fn any_of(property: &str, values: impl IntoIterator<Item = impl fmt::Display>) -> Self {
        let values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
        let operator = if values.len() == 1 { Operator::Equals } else { Operator::In };
        Self::texts(property, operator, values)
    }

    /// A time from `from` to `until`, both included, and no less: filters lose the parts of seconds, so that the end is
    /// rounded up.
    pub fn between(property: &str, from: Timestamp, until: Timestamp) -> Self {
        let whole = Timestamp::from_second(until.as_second()).unwrap_or(until);
        let end =
            if whole < until { whole.saturating_add(SignedDuration::from_secs(1)).unwrap_or(until) } else { until };
        Self::Simple {
            property: property.to_owned(),
            operator: Operator::Between,
            values: Values::Times(vec![from, end]),
        }
    }

    /// This and that.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::Complex { left: Box::new(self), joined: Joined::And, right: Box::new(other) }
    }

    fn texts(property: &str, operator: Operator, values: impl IntoIterator<Item = String>) -> Self {
        let values = Values::Texts(values.into_iter().collect());
        Self::Simple { property: property.to_owned(), operator, values }
    }

    /// As an element of this name.
    pub(crate) fn written_as(&self, name: &str) -> Element {
        let element = Element::new(NS, name);
        match self {
            Self::Simple { property, operator, values } => {
                let simple = element
                    .with_kind(NS, "SimpleFilterPart")
                    .with_value("Property", property)
                    .with_value("SimpleOperator", operator.name());
                match values {
                    Values::Texts(texts) => texts.iter().fold(simple, |part, text| part.with_value("Value", text)),
                    Values::Times(times) => {
                        times.iter().fold(simple, |part, time| part.with_value("DateValue", to_server(*time)))
                    }
                }
            }
            Self::Complex { left, joined, right } => element
                .with_kind(NS, "ComplexFilterPart")
                .with(left.written_as("LeftOperand"))
                .with_value(
                    "LogicalOperator",
                    match joined {
                        Joined::And => "AND",
                        Joined::Or => "OR",
                    },
                )
                .with(right.written_as("RightOperand")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    /// The shape of the contract's `reconstructed/req.retrieve.BounceEvent`; the values are invented.
    #[test]
    fn every_operand_says_what_it_is() {
        let window = Filter::between("EventDate", at("2026-01-15T16:00:00.9Z"), at("2026-01-15T17:00:00.001Z"));
        let written = Filter::any_of("SendID", [71, 72]).and(window).written_as("Filter");
        let expected = format!(
            r#"<Filter xmlns="{NS}" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="ComplexFilterPart">
                 <LeftOperand i:type="SimpleFilterPart"><Property>SendID</Property><SimpleOperator>IN</SimpleOperator>
                   <Value>71</Value><Value>72</Value></LeftOperand>
                 <LogicalOperator>AND</LogicalOperator>
                 <RightOperand i:type="SimpleFilterPart"><Property>EventDate</Property>
                   <SimpleOperator>between</SimpleOperator><DateValue>2026-01-15T16:00:00Z</DateValue>
                   <DateValue>2026-01-15T17:00:01Z</DateValue></RightOperand>
               </Filter>"#
        );
        assert_eq!(written, soap::parse(expected.as_bytes(), soap::Limits::default()).expect("XML"));
    }

    /// A window holds every instant between its ends, however its ends are cut.
    #[test]
    fn a_window_is_never_narrower_than_it_was_asked_for() {
        for (until, written) in [("2026-01-15T17:00:00Z", "17:00:00Z"), ("2026-01-15T16:59:59.001Z", "17:00:00Z")] {
            let filter = Filter::between("EventDate", at("2026-01-15T16:00:00Z"), at(until)).written_as("Filter");
            let end = filter.all("DateValue").last().map(Element::text);
            assert!(end.as_deref().is_some_and(|end| end.ends_with(written)), "{end:?}");
        }
    }

    #[test]
    fn one_value_is_asked_for_by_equals() {
        assert_eq!(Filter::any_of("SendID", [71]), Filter::equals("SendID", 71));
    }
}

//! Conditions, in the two spellings that CRM 4.0 has for them.

use soap::{Element, ns::XSD};

use super::ns::QUERY;

/// Conditions and further filters, joined by *and* or *or*.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    /// How they are joined.
    pub joined: Joined,
    /// Conditions on attributes.
    pub conditions: Vec<Condition>,
    /// Filters inside of this one.
    pub filters: Vec<Filter>,
}

/// How the parts of a filter are joined.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Joined {
    /// All must hold.
    #[default]
    And,
    /// One must hold.
    Or,
}

/// A condition on an attribute.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Condition {
    /// Which attribute.
    pub attribute: String,
    /// What is asked.
    pub operator: Operator,
    /// What it is compared with: any number for [`Operator::In`] and [`Operator::NotIn`], none for [`Operator::Null`]
    /// and [`Operator::NotNull`], one for the rest. All go as text; CRM converts (contract samples).
    pub values: Vec<String>,
}

/// The operators that we use, of the 48 that the schema knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operator {
    /// Equal.
    Equal,
    /// Not equal; a record without the attribute does not match.
    NotEqual,
    /// At or after, at least.
    GreaterEqual,
    /// Before, less than.
    LessThan,
    /// With `%` for any text.
    Like,
    /// One of several.
    In,
    /// None of several.
    NotIn,
    /// Without a value.
    Null,
    /// With a value.
    NotNull,
}

impl Filter {
    /// All of these must hold.
    pub fn all(conditions: impl IntoIterator<Item = Condition>) -> Self {
        Self { conditions: conditions.into_iter().collect(), ..Self::default() }
    }

    /// A `FilterExpression` under the name that its place asks for (`Criteria`, `LinkCriteria`, `Filter`).
    pub(super) fn to_expression(&self, local: &str) -> Element {
        let joined = match self.joined {
            Joined::And => "And",
            Joined::Or => "Or",
        };
        let mut filter = Element::new(QUERY, local).with_value("FilterOperator", joined);
        if !self.conditions.is_empty() {
            let conditions = self.conditions.iter().map(Condition::to_expression);
            filter = filter.with(Element::new(QUERY, "Conditions").with_all(conditions));
        }
        if !self.filters.is_empty() {
            let filters = self.filters.iter().map(|filter| filter.to_expression("Filter"));
            filter = filter.with(Element::new(QUERY, "Filters").with_all(filters));
        }
        filter
    }

    /// A `filter` of FetchXML.
    pub(super) fn to_fetch(&self) -> Element {
        let joined = match self.joined {
            Joined::And => "and",
            Joined::Or => "or",
        };
        Element::new("", "filter")
            .with_attribute("type", joined)
            .with_all(self.conditions.iter().map(Condition::to_fetch))
            .with_all(self.filters.iter().map(Self::to_fetch))
    }
}

impl Condition {
    /// A condition with one value, or with none where the operator takes none.
    pub fn new(attribute: &str, operator: Operator, values: impl IntoIterator<Item = String>) -> Self {
        Self { attribute: attribute.to_owned(), operator, values: values.into_iter().collect() }
    }

    fn to_expression(&self) -> Element {
        let condition = Element::new(QUERY, "Condition")
            .with_value("AttributeName", &self.attribute)
            .with_value("Operator", self.operator.spellings().0);
        if self.values.is_empty() {
            return condition;
        }
        let value = |text: &String| Element::new(QUERY, "Value").with_kind(XSD, "string").with_text(text);
        condition.with(Element::new(QUERY, "Values").with_all(self.values.iter().map(value)))
    }

    fn to_fetch(&self) -> Element {
        let condition = Element::new("", "condition")
            .with_attribute("attribute", &self.attribute)
            .with_attribute("operator", self.operator.spellings().1);
        match (self.operator, self.values.as_slice()) {
            (Operator::In | Operator::NotIn, values) => {
                condition.with_all(values.iter().map(|value| Element::new("", "value").with_text(value)))
            }
            (_, []) => condition,
            (_, [value, ..]) => condition.with_attribute("value", value),
        }
    }
}

impl Operator {
    /// In a QueryExpression and in FetchXML.
    const fn spellings(self) -> (&'static str, &'static str) {
        match self {
            Self::Equal => ("Equal", "eq"),
            Self::NotEqual => ("NotEqual", "ne"),
            Self::GreaterEqual => ("GreaterEqual", "ge"),
            Self::LessThan => ("LessThan", "lt"),
            Self::Like => ("Like", "like"),
            Self::In => ("In", "in"),
            Self::NotIn => ("NotIn", "not-in"),
            Self::Null => ("Null", "null"),
            Self::NotNull => ("NotNull", "not-null"),
        }
    }
}

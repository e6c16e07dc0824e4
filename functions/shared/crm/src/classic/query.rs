//! What to read: one description, written as QueryExpression or as FetchXML.

use soap::Element;

use super::{Filter, ns::QUERY};

/// The most records that CRM gives in one page, in all of its generations (contract §4).
pub(crate) const MOST_PER_PAGE: u32 = 5_000;

/// A query over one entity. RetrieveMultiple answers columns of this entity only; Fetch those of linked ones too.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Query {
    /// The entity.
    pub entity: String,
    /// What to answer of each record.
    pub columns: Columns,
    /// Whether equal records are answered once.
    pub distinct: bool,
    /// Which page.
    pub page: PageRequest,
    /// Joined entities.
    pub links: Vec<Link>,
    /// Which records.
    pub filter: Option<Filter>,
    /// In which order.
    pub orders: Vec<Order>,
}

/// What to answer of each record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Columns {
    /// Everything that there is.
    All,
    /// These attributes.
    Named(Vec<String>),
}

/// Which page of the answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageRequest {
    /// Its number, from 1.
    pub number: u32,
    /// How many records, 1 to 5,000.
    pub size: u32,
    /// What CRM gave with the page before; it is passed back to the letter.
    pub cookie: Option<String>,
}

/// An entity joined to another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// The attribute of the entity that this one is joined to.
    pub outer_attribute: String,
    /// The joined entity.
    pub entity: String,
    /// Its attribute.
    pub attribute: String,
    /// A name for the join. Fetch only: its columns are answered as `alias.attribute`.
    pub alias: String,
    /// Columns of the joined entity. Fetch only: a QueryExpression cannot ask for them (contract §4).
    pub columns: Vec<String>,
    /// Which records of the joined entity.
    pub filter: Option<Filter>,
    /// Entities joined to the joined one.
    pub links: Vec<Link>,
}

/// An order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order {
    /// By which attribute.
    pub attribute: String,
    /// Largest first.
    pub descending: bool,
}

impl Columns {
    /// These attributes.
    pub fn named<'a>(attributes: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Named(attributes.into_iter().map(ToOwned::to_owned).collect())
    }

    /// A `ColumnSet` in the namespace that its place asks for; its type is always of the query's.
    pub(super) fn to_xml(&self, ns: &str) -> Element {
        let columns = Element::new(ns, "ColumnSet");
        match self {
            Self::All => columns.with_kind(QUERY, "AllColumns"),
            Self::Named(names) => {
                let attributes = names.iter().map(|name| Element::new(QUERY, "Attribute").with_text(name));
                columns.with_kind(QUERY, "ColumnSet").with(Element::new(QUERY, "Attributes").with_all(attributes))
            }
        }
    }
}

impl Query {
    /// The first page, of 5,000 records, of all records.
    pub fn of(entity: &str, columns: Columns) -> Self {
        Self {
            entity: entity.to_owned(),
            columns,
            distinct: false,
            page: PageRequest { number: 1, size: MOST_PER_PAGE, cookie: None },
            links: Vec::new(),
            filter: None,
            orders: Vec::new(),
        }
    }

    /// Only these records.
    #[must_use]
    pub fn only(self, filter: Filter) -> Self {
        Self { filter: Some(filter), ..self }
    }

    /// The query for the page after the one that this asked for: the next number and the last cookie, both.
    pub(super) fn next_page(&self, cookie: &str) -> Self {
        let cookie = (!cookie.is_empty()).then(|| cookie.to_owned());
        let page = PageRequest { number: self.page.number.saturating_add(1), size: self.page.size, cookie };
        Self { page, ..self.clone() }
    }

    /// The children of a `QueryExpression`, in the schema's order, inside of an element that says where it stands.
    pub(super) fn written_into(&self, element: Element) -> Element {
        let named = |local, text: &str| Element::new(QUERY, local).with_text(text);
        let mut page = Element::new(QUERY, "PageInfo")
            .with_value("PageNumber", self.page.number)
            .with_value("Count", self.page.size);
        if let Some(cookie) = &self.page.cookie {
            page = page.with_value("PagingCookie", cookie);
        }
        let mut query = element
            .with_kind(QUERY, "QueryExpression")
            .with(named("EntityName", &self.entity))
            .with(self.columns.to_xml(QUERY))
            .with(named("Distinct", if self.distinct { "true" } else { "false" }))
            .with(page);
        if !self.links.is_empty() {
            query = query.with(links_to_xml(&self.entity, &self.links));
        }
        if let Some(filter) = &self.filter {
            query = query.with(filter.to_expression("Criteria"));
        }
        if !self.orders.is_empty() {
            let order = |order: &Order| {
                let direction = if order.descending { "Descending" } else { "Ascending" };
                Element::new(QUERY, "Order")
                    .with_value("AttributeName", &order.attribute)
                    .with_value("OrderType", direction)
            };
            query = query.with(Element::new(QUERY, "Orders").with_all(self.orders.iter().map(order)));
        }
        query
    }
}

fn links_to_xml(outer: &str, links: &[Link]) -> Element {
    Element::new(QUERY, "LinkEntities").with_all(links.iter().map(|link| {
        let mut element = Element::new(QUERY, "LinkEntity")
            .with_value("LinkFromAttributeName", &link.outer_attribute)
            .with_value("LinkFromEntityName", outer)
            .with_value("LinkToEntityName", &link.entity)
            .with_value("LinkToAttributeName", &link.attribute)
            .with_value("JoinOperator", "Inner");
        if let Some(filter) = &link.filter {
            element = element.with(filter.to_expression("LinkCriteria"));
        }
        if !link.links.is_empty() {
            element = element.with(links_to_xml(&link.entity, &link.links));
        }
        element
    }))
}

//! A query as FetchXML (contract §4; schema `xsd/sdk2015/Fetch.xsd`).

use soap::Element;

use super::{Columns, Link, Query};

impl Query {
    /// The query as a `fetch` element. Everything in it is escaped by the tree's writer, the cookie too.
    pub(super) fn to_fetch(&self) -> Element {
        let entity = named("entity", &self.entity)
            .with_all(self.columns.to_fetch())
            .with_all(self.orders.iter().map(|order| {
                let descending = if order.descending { "true" } else { "false" };
                Element::new("", "order")
                    .with_attribute("attribute", &order.attribute)
                    .with_attribute("descending", descending)
            }))
            .with_all(self.filter.iter().map(super::Filter::to_fetch))
            .with_all(self.links.iter().map(Link::to_fetch));
        let mut fetch = Element::new("", "fetch")
            .with_attribute("mapping", "logical")
            .with_attribute("page", self.page.number.to_string())
            .with_attribute("count", self.page.size.to_string());
        if self.distinct {
            fetch = fetch.with_attribute("distinct", "true");
        }
        if let Some(cookie) = &self.page.cookie {
            fetch = fetch.with_attribute("paging-cookie", cookie);
        }
        fetch.with(entity)
    }
}

impl Columns {
    fn to_fetch(&self) -> Vec<Element> {
        match self {
            Self::All => vec![Element::new("", "all-attributes")],
            Self::Named(names) => names.iter().map(|name| named("attribute", name)).collect(),
        }
    }
}

impl Link {
    /// `from` is the joined entity's attribute, `to` the one of the entity around it.
    fn to_fetch(&self) -> Element {
        let mut link = named("link-entity", &self.entity)
            .with_attribute("from", &self.attribute)
            .with_attribute("to", &self.outer_attribute);
        if !self.alias.is_empty() {
            link = link.with_attribute("alias", &self.alias);
        }
        link.with_all(self.columns.iter().map(|name| named("attribute", name)))
            .with_all(self.filter.iter().map(super::Filter::to_fetch))
            .with_all(self.links.iter().map(Self::to_fetch))
    }
}

fn named(local: &str, name: &str) -> Element {
    Element::new("", local).with_attribute("name", name)
}

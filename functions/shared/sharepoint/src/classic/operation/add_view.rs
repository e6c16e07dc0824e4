//! `Views.asmx` AddView (MS-VIEWSS 3.1.4.1).

use soap::{Element, Operation, ToXml};

use super::{Done, SOAP, caml};
use crate::classic::service::Ask;

/// Makes a view. A second one of the same name is made if asked for: ask first.
pub(in crate::classic) struct AddView {
    /// The list's id.
    pub(in crate::classic) list: String,
    /// The name that people see.
    pub(in crate::classic) name: String,
    /// `ViewFields`, which must be there (R8003).
    pub(in crate::classic) fields: Option<Element>,
    /// `Query`, which must be there (R8004).
    pub(in crate::classic) query: Option<Element>,
    /// `RowLimit`.
    pub(in crate::classic) row_limit: Option<Element>,
    /// `Html`, `Grid` or `Calendar` (R99).
    pub(in crate::classic) kind: &'static str,
    pub(in crate::classic) default: bool,
}

impl ToXml for AddView {
    fn to_xml(&self) -> Element {
        let holding = |local, held: Element| Element::new(SOAP, local).with(held);
        let or_empty = |element: &Option<Element>, local| element.clone().unwrap_or_else(|| caml(local));
        let request = Element::new(SOAP, Self::NAME)
            .with_value("listName", &self.list)
            .with_value("viewName", &self.name)
            .with(holding("viewFields", or_empty(&self.fields, "ViewFields")))
            .with(holding("query", or_empty(&self.query, "Query")))
            .with_all(self.row_limit.clone().map(|limit| holding("rowLimit", limit)));
        request.with_value("type", self.kind).with_value("makeViewDefault", self.default)
    }
}

impl Operation for AddView {
    type Reply = Done;
    const NAME: &'static str = "AddView";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/AddView";
}

impl Ask for AddView {
    const SERVICE: &'static str = "Views.asmx";
    const READS: bool = false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_and_fields_are_sent_even_when_empty_and_in_no_namespace() {
        let view = AddView {
            list: "{A}".to_owned(),
            name: "Open".to_owned(),
            fields: None,
            query: None,
            row_limit: Some(caml("RowLimit").with_attribute("Paged", "TRUE").with_text("30")),
            kind: "Html",
            default: false,
        };
        let xml = format!(
            "<AddView xmlns='{SOAP}'><listName>{{A}}</listName><viewName>Open</viewName><viewFields><ViewFields xmlns=''/>\
             </viewFields><query><Query xmlns=''/></query><rowLimit><RowLimit xmlns='' Paged='TRUE'>30</RowLimit></rowLimit>\
             <type>Html</type><makeViewDefault>false</makeViewDefault></AddView>"
        );
        assert_eq!(view.to_xml(), soap::parse(xml.as_bytes(), soap::Limits::default()).unwrap());
    }
}

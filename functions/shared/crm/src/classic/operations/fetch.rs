//! Reads a page of rows, joined entities included.
//!
//! CrmService.wsdl, `Fetch`: the query is XML inside of a string, and so is its result (contract §4).

use soap::{Element, Error, FromXml, Limits, Operation, Problem, Rows, ToXml};

use super::Message;
use crate::classic::{Query, ns::SERVICES, value::yes_or_no};

/// Reads one page of a query. Columns of linked entities are answered as `alias.attribute`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fetch {
    fetch_xml: String,
}

/// One page, still as CRM's text: rows are read from it one at a time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FetchPage {
    resultset: String,
}

impl Fetch {
    /// The query as FetchXML. Refuses characters that XML cannot carry.
    pub fn new(query: &Query) -> Result<Self, Error> {
        query.to_fetch().to_xml().map(|fetch_xml| Self { fetch_xml })
    }

    /// The FetchXML.
    pub fn fetch_xml(&self) -> &str {
        &self.fetch_xml
    }
}

impl FetchPage {
    /// The rows. An attribute without a value is absent from its row.
    pub fn rows(&self) -> Result<Rows<'_>, Error> {
        Rows::over(self.resultset.as_bytes(), "result", Limits::default())
    }

    /// The query for the page after this one, which `query` asked for; `None` after the last. A page that does not say
    /// whether there are more is an error: what is missing must not look like the end.
    pub fn following(&self, query: &Query) -> Result<Option<Query>, Error> {
        let rows = self.rows()?;
        let more = rows.root_attribute("morerecords").ok_or_else(|| Error::new(Problem::Missing)).and_then(yes_or_no);
        let more = more.map_err(|error| error.under("resultset/@morerecords"))?;
        Ok(more.then(|| query.next_page(rows.root_attribute("paging-cookie").unwrap_or_default())))
    }
}

impl Operation for Fetch {
    type Reply = FetchPage;
    const NAME: &'static str = "Fetch";
    const ACTION: &'static str = "http://schemas.microsoft.com/crm/2007/WebServices/Fetch";
}

impl Message for Fetch {}

impl ToXml for Fetch {
    fn to_xml(&self) -> Element {
        Element::new(SERVICES, "Fetch").with_value("fetchXml", &self.fetch_xml)
    }
}

impl FromXml for FetchPage {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        body.required("FetchResult").map(|result| Self { resultset: result.text() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::classic::{Columns, Condition, Filter, Link, Operator, Order, operations::parsed};

    fn members(teams: &[&str]) -> Query {
        let teams = Condition::new("teamid", Operator::In, teams.iter().map(ToString::to_string));
        Query {
            distinct: true,
            orders: vec![Order { attribute: "fullname".to_owned(), descending: false }],
            links: vec![Link {
                outer_attribute: "systemuserid".to_owned(),
                entity: "teammembership".to_owned(),
                attribute: "systemuserid".to_owned(),
                alias: "membership".to_owned(),
                columns: vec!["teamid".to_owned()],
                filter: Some(Filter::all([teams])),
                links: Vec::new(),
            }],
            ..Query::of("systemuser", Columns::named(["fullname"]))
        }
        .only(Filter::all([Condition::new("isdisabled", Operator::Equal, ["0".to_owned()])]))
    }

    /// Invented; elements and attributes are those of the schema (`Fetch.xsd`).
    #[test]
    fn fetch_xml_carries_columns_order_filter_and_links() {
        let expected = parsed(
            r#"<fetch mapping="logical" page="1" count="5000" distinct="true">
                 <entity name="systemuser">
                   <attribute name="fullname"/>
                   <order attribute="fullname" descending="false"/>
                   <filter type="and"><condition attribute="isdisabled" operator="eq" value="0"/></filter>
                   <link-entity name="teammembership" from="systemuserid" to="systemuserid" alias="membership">
                     <attribute name="teamid"/>
                     <filter type="and"><condition attribute="teamid" operator="in"><value>T1</value><value>T2</value></condition></filter>
                   </link-entity>
                 </entity>
               </fetch>"#,
        );
        assert_eq!(parsed(Fetch::new(&members(&["T1", "T2"])).unwrap().fetch_xml()), expected);
    }

    /// Invented, in the documented form (contract §4).
    #[test]
    fn rows_are_read_from_the_text_inside() {
        let text = r#"<resultset morerecords="0"><result><fullname>Zoë &amp; Co</fullname><membership.teamid>{T1}</membership.teamid></result><result/></resultset>"#;
        let body = Element::new(SERVICES, "FetchResponse").with_value("FetchResult", text);
        let page = FetchPage::from_xml(&body).unwrap();
        let mut rows = page.rows().unwrap();
        let row = rows.next_row().unwrap().unwrap();
        assert_eq!((row.get("fullname"), row.get("membership.teamid")), (Some("Zoë & Co"), Some("{T1}")));
        assert_eq!(rows.next_row().unwrap().unwrap().get("fullname"), None);
        assert!(rows.next_row().unwrap().is_none());
        assert_eq!(page.following(&members(&[])), Ok(None));
    }

    /// A result that ends early must not look like a short page.
    #[test]
    fn a_cut_result_is_an_error() {
        let page = FetchPage { resultset: "<resultset morerecords=\"0\"><result><a>1</a></result>".to_owned() };
        let mut rows = page.rows().unwrap();
        assert!(rows.next_row().unwrap().is_some());
        assert!(matches!(rows.next_row().err().unwrap().problem(), Problem::Cut { .. }));
    }

    proptest! {
        /// Contract §4: the cookie is escaped into the attribute, and the whole into the string, and both come back.
        #[test]
        fn a_cookie_comes_back_to_the_letter(cookie in "[ -~\t\n\r\u{a0}-\u{d7ff}]{1,60}") {
            let resultset = Element::new("", "resultset")
                .with_attribute("morerecords", "1")
                .with_attribute("paging-cookie", &cookie);
            let page = FetchPage { resultset: resultset.to_xml().unwrap() };
            let next = page.following(&members(&["T1"])).unwrap().unwrap();
            let sent = sent_fetch(&next);
            prop_assert_eq!(sent.attribute("paging-cookie"), Some(cookie.as_str()));
            prop_assert_eq!(sent.attribute("page"), Some("2"));
        }

        /// Nothing that stands in a condition can leave it.
        #[test]
        fn values_stay_values(value in "[ -~\t\n\r\u{a0}-\u{d7ff}]{1,40}") {
            let query = members(&[&value])
                .only(Filter::all([Condition::new("fullname", Operator::Like, [value.clone()])]));
            let sent = sent_fetch(&query);
            let entity = sent.required("entity").unwrap();
            let condition = entity.required("filter").unwrap().required("condition").unwrap();
            prop_assert_eq!(condition.attribute("value"), Some(value.as_str()));
            let link = entity.required("link-entity").unwrap();
            let condition = link.required("filter").unwrap().required("condition").unwrap();
            prop_assert_eq!(condition.child_text("value"), value);
        }
    }

    /// The FetchXML as a server reads it: from the bytes of the body, then from the text inside.
    fn sent_fetch(query: &Query) -> Element {
        let bytes = Fetch::new(query).unwrap().to_xml().to_document().unwrap();
        let body = soap::parse(&bytes, Limits::default()).unwrap();
        parsed(&body.child_text("fetchXml"))
    }
}

//! Reads a page of records.
//!
//! CrmService.wsdl, `Execute` with `RetrieveMultipleRequest`: the operation `RetrieveMultiple` itself answers typed
//! records only. At most 5,000 records in a page; the next page is asked for with its number and the cookie of the one
//! before (contract §4).

use domain::CrmId;
use soap::{Element, Error, FromXml, Operation, ToXml};

use super::{
    EXECUTE_ACTION, Message,
    execute::{execute, response},
};
use crate::classic::{DynamicEntity, Query, ns::SERVICES, value::yes_or_no};

/// Reads one page of a query. Columns of linked entities are not answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RetrieveMultiple(pub Query);

/// One page.
#[derive(Clone, PartialEq, Debug)]
pub struct Page {
    /// The records.
    pub entities: Vec<DynamicEntity>,
    /// Whether there are more.
    pub more: bool,
    /// What the next page is asked for with; may be empty.
    pub cookie: String,
}

impl Page {
    /// The query for the page after this one, which `query` asked for; `None` after the last.
    pub fn following(&self, query: &Query) -> Option<Query> {
        self.more.then(|| query.next_page(&self.cookie))
    }
}

impl Operation for RetrieveMultiple {
    type Reply = Page;
    const NAME: &'static str = "RetrieveMultiple";
    const ACTION: &'static str = EXECUTE_ACTION;
}

impl Message for RetrieveMultiple {}

impl ToXml for RetrieveMultiple {
    fn to_xml(&self) -> Element {
        question(&self.0)
    }
}

impl FromXml for Page {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        collection(body, |collection| {
            let more = yes_or_no(collection.required_attribute("MoreRecords")?)
                .map_err(|error| error.under("@MoreRecords"))?;
            let entities = match collection.child("BusinessEntities") {
                Some(entities) => entities.each("BusinessEntity", DynamicEntity::read_dynamic)?,
                None => Vec::new(),
            };
            let cookie = collection.attribute("PagingCookie").unwrap_or_default().to_owned();
            Ok(Self { entities, more, cookie })
        })
    }
}

/// The same question. The records of its answer are read one by one, so that an odd one does not hide the others.
pub(in crate::classic) struct RetrieveEach(pub(in crate::classic) Query);

/// The records of one page, as they came.
pub(in crate::classic) struct Records(Vec<Element>);

impl Records {
    /// Reads each record. One that cannot be read is left out, and logged by its id: what it says may be personal.
    pub(in crate::classic) fn read<T>(&self, read: impl Fn(&DynamicEntity) -> Result<T, Error>) -> Vec<T> {
        let read = |record| {
            let read = DynamicEntity::read_dynamic(record).and_then(|record| read(&record));
            if read.is_err() {
                let id = key_of(record).map_or_else(|| "without an id".to_owned(), |id| id.to_string());
                tracing::warn!(record = id, "left out record {id}, which cannot be read");
            }
            read.ok()
        };
        self.0.iter().filter_map(read).collect()
    }
}

/// The record's id, whatever else may be wrong with it.
fn key_of(record: &Element) -> Option<CrmId> {
    let mut properties = record.child("Properties")?.all("Property");
    properties.find(|property| property.required_kind() == Ok("KeyProperty"))?.value("Value").ok()
}

impl Operation for RetrieveEach {
    type Reply = Records;
    const NAME: &'static str = RetrieveMultiple::NAME;
    const ACTION: &'static str = RetrieveMultiple::ACTION;
}

impl Message for RetrieveEach {}

impl ToXml for RetrieveEach {
    fn to_xml(&self) -> Element {
        question(&self.0)
    }
}

impl FromXml for Records {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        collection(body, |collection| {
            let entities = collection.child("BusinessEntities");
            Ok(Self(entities.into_iter().flat_map(|entities| entities.all("BusinessEntity")).cloned().collect()))
        })
    }
}

fn question(query: &Query) -> Element {
    execute("RetrieveMultipleRequest", |request| {
        let query = query.written_into(Element::new(SERVICES, "Query"));
        request.with_attribute("ReturnDynamicEntities", "true").with(query)
    })
}

fn collection<T>(body: &Element, read: impl FnOnce(&Element) -> Result<T, Error>) -> Result<T, Error> {
    response(body, "RetrieveMultipleResponse", |response| response.within("BusinessEntityCollection", read))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use soap::Limits;

    use super::*;
    use crate::classic::{Columns, Condition, Filter, Joined, Link, Operator, Order, operations::parsed};

    /// Invented; the order of the children is the schema's (contract §4).
    #[test]
    fn a_query_is_written_in_the_order_of_the_schema() {
        let team = Condition::new("teamid", Operator::Equal, ["T".to_owned()]);
        let query = Query {
            links: vec![Link {
                outer_attribute: "systemuserid".to_owned(),
                entity: "teammembership".to_owned(),
                attribute: "systemuserid".to_owned(),
                alias: String::new(),
                columns: Vec::new(),
                filter: Some(Filter::all([team])),
                links: Vec::new(),
            }],
            orders: vec![Order { attribute: "fullname".to_owned(), descending: true }],
            ..Query::of("systemuser", Columns::All).only(Filter {
                joined: Joined::Or,
                conditions: vec![Condition::new("fullname", Operator::NotNull, [])],
                filters: vec![Filter::all([Condition::new("isdisabled", Operator::Equal, ["0".to_owned()])])],
            })
        };
        let expected = parsed(
            r#"<Execute xmlns="http://schemas.microsoft.com/crm/2007/WebServices" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
                 <Request i:type="RetrieveMultipleRequest" ReturnDynamicEntities="true">
                   <OptionalParameters/>
                   <Query xmlns:q="http://schemas.microsoft.com/crm/2006/Query" xmlns:s="http://www.w3.org/2001/XMLSchema" i:type="q:QueryExpression">
                     <q:EntityName>systemuser</q:EntityName>
                     <q:ColumnSet i:type="q:AllColumns"/>
                     <q:Distinct>false</q:Distinct>
                     <q:PageInfo><q:PageNumber>1</q:PageNumber><q:Count>5000</q:Count></q:PageInfo>
                     <q:LinkEntities><q:LinkEntity>
                       <q:LinkFromAttributeName>systemuserid</q:LinkFromAttributeName>
                       <q:LinkFromEntityName>systemuser</q:LinkFromEntityName>
                       <q:LinkToEntityName>teammembership</q:LinkToEntityName>
                       <q:LinkToAttributeName>systemuserid</q:LinkToAttributeName>
                       <q:JoinOperator>Inner</q:JoinOperator>
                       <q:LinkCriteria><q:FilterOperator>And</q:FilterOperator><q:Conditions><q:Condition>
                         <q:AttributeName>teamid</q:AttributeName><q:Operator>Equal</q:Operator><q:Values><q:Value i:type="s:string">T</q:Value></q:Values>
                       </q:Condition></q:Conditions></q:LinkCriteria>
                     </q:LinkEntity></q:LinkEntities>
                     <q:Criteria>
                       <q:FilterOperator>Or</q:FilterOperator>
                       <q:Conditions><q:Condition><q:AttributeName>fullname</q:AttributeName><q:Operator>NotNull</q:Operator></q:Condition></q:Conditions>
                       <q:Filters><q:Filter><q:FilterOperator>And</q:FilterOperator><q:Conditions><q:Condition>
                         <q:AttributeName>isdisabled</q:AttributeName><q:Operator>Equal</q:Operator><q:Values><q:Value i:type="s:string">0</q:Value></q:Values>
                       </q:Condition></q:Conditions></q:Filter></q:Filters>
                     </q:Criteria>
                     <q:Orders><q:Order><q:AttributeName>fullname</q:AttributeName><q:OrderType>Descending</q:OrderType></q:Order></q:Orders>
                   </Query>
                 </Request>
               </Execute>"#,
        );
        assert_eq!(RetrieveMultiple(query).to_xml(), expected);
    }

    fn answered(more: &str, cookie: &str) -> Result<Page, Error> {
        let collection = Element::new("", "BusinessEntityCollection")
            .with_attribute("MoreRecords", more)
            .with_attribute("PagingCookie", cookie)
            .with(Element::new("", "BusinessEntities"));
        let response = Element::new("", "Response").with_kind("urn:x", "RetrieveMultipleResponse").with(collection);
        let bytes = Element::new("", "ExecuteResponse").with(response).to_document()?;
        Page::from_xml(&soap::parse(&bytes, Limits::default())?)
    }

    #[test]
    fn there_is_no_page_after_the_last() {
        let query = Query::of("account", Columns::All);
        assert_eq!(answered("false", "<cookie/>").unwrap().following(&query), None);
        assert_eq!(answered("0", "").unwrap().following(&query), None);
        assert_eq!(answered("true", "").unwrap().following(&query).unwrap().page.number, 2);
        let error = answered("perhaps", "").unwrap_err().to_string();
        assert!(error.starts_with("Response/BusinessEntityCollection/@MoreRecords: expected 0, 1"), "{error}");
    }

    proptest! {
        /// Contract §4: whatever a cookie holds, the next request carries it to the letter.
        #[test]
        fn a_cookie_comes_back_to_the_letter(cookie in "[ -~\t\n\r\u{a0}-\u{d7ff}]{1,60}") {
            let query = Query::of("account", Columns::All);
            let next = answered("1", &cookie).unwrap().following(&query).unwrap();
            let bytes = RetrieveMultiple(next).to_xml().to_document().unwrap();
            let sent = soap::parse(&bytes, Limits::default()).unwrap();
            let page = sent.required("Request").unwrap().required("Query").unwrap().required("PageInfo").unwrap();
            prop_assert_eq!(page.child_text("PagingCookie"), cookie);
            prop_assert_eq!(page.value::<u32>("PageNumber").unwrap(), 2);
        }
    }
}

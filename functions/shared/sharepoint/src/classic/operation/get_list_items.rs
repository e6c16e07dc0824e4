//! `Lists.asmx` GetListItems (MS-LISTSWS 3.1.4.21).

use std::collections::BTreeMap;

use soap::{Element, Error, FromXml, Operation, ToXml};

use super::{SOAP, caml};
use crate::classic::service::Ask;

/// Asks for one page of a list's rows, in the order of their ids, in all folders.
pub(in crate::classic) struct GetListItems {
    /// The list's id.
    pub(in crate::classic) list: String,
    /// The columns to be told, by internal name.
    pub(in crate::classic) columns: Vec<String>,
    /// How many rows a page has at most.
    pub(in crate::classic) limit: u32,
    /// Where the page before ended.
    pub(in crate::classic) after: Option<String>,
}

impl ToXml for GetListItems {
    fn to_xml(&self) -> Element {
        let field = |name: &str| caml("FieldRef").with_attribute("Name", name);
        let holding = |local, held: Element| Element::new(SOAP, local).with(held);
        // Without a query the default view's own would hide rows.
        let query = caml("Query").with(caml("OrderBy").with(field("ID").with_attribute("Ascending", "TRUE")));
        let paging = |after: &String| caml("Paging").with_attribute("ListItemCollectionPositionNext", after);
        let options = caml("QueryOptions")
            .with(caml("IncludeMandatoryColumns").with_text("FALSE"))
            .with(caml("ViewAttributes").with_attribute("Scope", "RecursiveAll"))
            .with_all(self.after.as_ref().map(paging));
        let columns = self.columns.iter().map(|column| field(column));
        Element::new(SOAP, Self::NAME)
            .with_value("listName", &self.list)
            .with(holding("query", query))
            .with(holding("viewFields", caml("ViewFields").with_all(columns)))
            .with_value("rowLimit", self.limit)
            .with(holding("queryOptions", options))
    }
}

impl Operation for GetListItems {
    type Reply = RowPage;
    const NAME: &'static str = "GetListItems";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/GetListItems";
}

impl Ask for GetListItems {
    const SERVICE: &'static str = "Lists.asmx";
    const READS: bool = true;
}

/// A page of rows.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::classic) struct RowPage {
    /// Internal column name to value; a column without a value is absent (R742001).
    pub(in crate::classic) rows: Vec<BTreeMap<String, String>>,
    /// Where the next page begins; `None` on the last one.
    pub(in crate::classic) next: Option<String>,
}

impl FromXml for RowPage {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        let list = |result: &Element| result.within("listitems", |items| items.within("data", Self::from_data));
        body.within("GetListItemsResult", list)
    }
}

impl RowPage {
    fn from_data(data: &Element) -> Result<Self, Error> {
        let rows: Vec<_> = data.all("row").map(values).collect();
        // A page that says how many it has must have them.
        if let Some(count) = data.attribute("ItemCount").filter(|count| *count != rows.len().to_string()) {
            return Err(Error::unexpected(format!("{} rows", rows.len()), count).under("@ItemCount"));
        }
        let next = data.attribute("ListItemCollectionPositionNext").filter(|next| !next.is_empty());
        Ok(Self { rows, next: next.map(ToOwned::to_owned) })
    }
}

fn values(row: &Element) -> BTreeMap<String, String> {
    let value =
        |(name, value): (&soap::Name, &str)| Some((name.local.strip_prefix("ows_")?.to_owned(), value.to_owned()));
    row.attributes().filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};

    fn reply(data: &str) -> String {
        format!(
            "<GetListItemsResponse xmlns='{SOAP}'><GetListItemsResult><listitems xmlns:rs='urn:schemas-microsoft-com:rowset' \
             xmlns:z='#RowsetSchema'>{data}</listitems></GetListItemsResult></GetListItemsResponse>"
        )
    }

    /// Documented.
    #[test]
    fn a_page_has_rows_and_the_place_of_the_next() {
        let page: RowPage = read(&reply(
            "<rs:data ItemCount='2' ListItemCollectionPositionNext='Paged=TRUE&amp;p_ID=2'>\
             <z:row ows_ID='1' ows_Title='Street'/><z:row ows_ID='2'/></rs:data>",
        ));
        assert_eq!(page.rows[0].get("Title").map(String::as_str), Some("Street"));
        assert_eq!((page.rows[1].get("Title"), page.next.as_deref()), (None, Some("Paged=TRUE&p_ID=2")));
    }

    /// A short page must never pass for a whole one.
    #[test]
    fn a_page_with_fewer_rows_than_it_says_is_refused() {
        let xml = reply("<rs:data ItemCount='2'><z:row ows_ID='1'/></rs:data>");
        let body = soap::parse(xml.as_bytes(), soap::Limits::default()).unwrap();
        let error = RowPage::from_xml(&body).unwrap_err();
        assert_eq!(error.path(), "GetListItemsResult/listitems/data/@ItemCount");
    }
}

//! `Lists.asmx` UpdateListItems (MS-LISTSWS 3.1.4.31).

use std::collections::BTreeMap;

use soap::{Element, Error, FromXml, Operation, ToXml};

use super::{SOAP, caml};
use crate::classic::service::Ask;

/// Makes rows, at most [`UpdateListItems::MOST`] in one batch.
pub(in crate::classic) struct UpdateListItems {
    /// The list's id.
    pub(in crate::classic) list: String,
    /// Internal column name to value.
    pub(in crate::classic) rows: Vec<BTreeMap<String, String>>,
}

impl UpdateListItems {
    /// More methods than this in a batch are refused (contract, section 1.1).
    pub(in crate::classic) const MOST: usize = 160;
}

impl ToXml for UpdateListItems {
    fn to_xml(&self) -> Element {
        let field = |name: &str, value: &str| caml("Field").with_attribute("Name", name).with_text(value);
        let method = |(id, row): (usize, &BTreeMap<String, String>)| {
            caml("Method")
                .with_attribute("ID", (id + 1).to_string())
                .with_attribute("Cmd", "New")
                .with(field("ID", "New"))
                .with_all(row.iter().map(|(name, value)| field(name, value)))
        };
        let batch =
            caml("Batch").with_attribute("OnError", "Continue").with_all(self.rows.iter().enumerate().map(method));
        Element::new(SOAP, Self::NAME)
            .with_value("listName", &self.list)
            .with(Element::new(SOAP, "updates").with(batch))
    }
}

impl Operation for UpdateListItems {
    type Reply = RowResults;
    const NAME: &'static str = "UpdateListItems";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/UpdateListItems";
}

impl Ask for UpdateListItems {
    const SERVICE: &'static str = "Lists.asmx";
    const READS: bool = false;
}

/// Code and words for each row. A call whose rows all failed still succeeds.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::classic) struct RowResults(pub(in crate::classic) Vec<(String, String)>);

impl FromXml for RowResults {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        let result = |result: &Element| Ok((result.value("ErrorCode")?, result.child_text("ErrorText")));
        body.within("UpdateListItemsResult", |results| {
            results.within("Results", |results| results.each("Result", result).map(Self))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};

    /// Documented.
    #[test]
    fn each_row_has_its_own_result() {
        let results: RowResults = read(&format!(
            "<UpdateListItemsResponse xmlns='{SOAP}'><UpdateListItemsResult><Results>\
             <Result ID='1,New'><ErrorCode>0x00000000</ErrorCode><z:row xmlns:z='#RowsetSchema' ows_ID='1'/></Result>\
             <Result ID='2,New'><ErrorCode>0x81020014</ErrorCode><ErrorText>Not installed.</ErrorText></Result>\
             </Results></UpdateListItemsResult></UpdateListItemsResponse>"
        ));
        assert_eq!(results.0[0].0, "0x00000000");
        assert_eq!(results.0[1], ("0x81020014".to_owned(), "Not installed.".to_owned()));
    }
}

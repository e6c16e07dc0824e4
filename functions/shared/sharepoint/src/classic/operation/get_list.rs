//! `Lists.asmx` GetList (MS-LISTSWS 3.1.4.15).

use soap::{Element, Error, FromXml, Operation, ToXml};

use super::{ListDefinition, SOAP};
use crate::classic::service::Ask;

/// Asks for one list with its fields.
pub(in crate::classic) struct GetList {
    /// Its id or title.
    pub(in crate::classic) list: String,
}

impl ToXml for GetList {
    fn to_xml(&self) -> Element {
        Element::new(SOAP, Self::NAME).with_value("listName", &self.list)
    }
}

impl Operation for GetList {
    type Reply = Found;
    const NAME: &'static str = "GetList";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/GetList";
}

impl Ask for GetList {
    const SERVICE: &'static str = "Lists.asmx";
    const READS: bool = true;
}

/// The list.
pub(in crate::classic) struct Found(pub(in crate::classic) ListDefinition);

impl FromXml for Found {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        body.within("GetListResult", |result| result.within("List", ListDefinition::from_list).map(Self))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};

    /// Documented, with few of the attributes.
    #[test]
    fn a_list_comes_with_its_fields() {
        let Found(list) = read(&format!(
            "<GetListResponse xmlns='{SOAP}'><GetListResult><List ID='{{A}}' Title='Contracts' ServerTemplate='101'>\
             <Fields><Field Name='Title' DisplayName='Title' Type='Text'/>\
             <Field Name='DueOn' DisplayName='Due on' Type='DateTime'/></Fields></List></GetListResult></GetListResponse>"
        ));
        let fields: Vec<_> = list.fields.iter().map(|field| (&*field.name, &*field.title)).collect();
        assert_eq!(fields, [("Title", "Title"), ("DueOn", "Due on")]);
        assert_eq!(list.versioning, None);
    }
}

//! `Lists.asmx` AddList (MS-LISTSWS 3.1.4.3).

use soap::{Element, Error, FromXml, Operation, ToXml};

use super::{ListDefinition, SOAP};
use crate::classic::service::Ask;

/// Makes a list. Refused with 0x81020012 where the title is in use (R346).
pub(in crate::classic) struct AddList {
    pub(in crate::classic) title: String,
    pub(in crate::classic) description: String,
    pub(in crate::classic) template: u32,
}

impl ToXml for AddList {
    fn to_xml(&self) -> Element {
        Element::new(SOAP, Self::NAME)
            .with_value("listName", &self.title)
            .with_value("description", &self.description)
            .with_value("templateID", self.template)
    }
}

impl Operation for AddList {
    type Reply = Added;
    const NAME: &'static str = "AddList";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/AddList";
}

impl Ask for AddList {
    const SERVICE: &'static str = "Lists.asmx";
    const READS: bool = false;
}

/// The list as it was made, with the fields of its template.
pub(in crate::classic) struct Added(pub(in crate::classic) ListDefinition);

impl FromXml for Added {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        body.within("AddListResult", |result| result.within("List", ListDefinition::from_list).map(Self))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};

    /// Documented, with few of the attributes.
    #[test]
    fn a_new_list_comes_with_its_version() {
        let Added(list) = read(&format!(
            "<AddListResponse xmlns='{SOAP}'><AddListResult><List ID='{{A}}' Title='Contracts' ServerTemplate='101' \
             Version='0'><Fields><Field Name='Title'/></Fields></List></AddListResult></AddListResponse>"
        ));
        assert_eq!(list.version.as_deref(), Some("0"));
        assert_eq!(list.fields[0].title, "Title");
    }
}

//! `Lists.asmx` GetListCollection (MS-LISTSWS 3.1.4.16).

use soap::{Element, Error, FromXml, Operation, ToXml};

use super::{ListDefinition, SOAP};
use crate::classic::service::Ask;

/// Asks for all lists of a web, without their fields.
pub(in crate::classic) struct GetListCollection;

impl ToXml for GetListCollection {
    fn to_xml(&self) -> Element {
        Element::new(SOAP, Self::NAME)
    }
}

impl Operation for GetListCollection {
    type Reply = Lists;
    const NAME: &'static str = "GetListCollection";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/GetListCollection";
}

impl Ask for GetListCollection {
    const SERVICE: &'static str = "Lists.asmx";
    const READS: bool = true;
}

/// The lists of a web.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::classic) struct Lists(pub(in crate::classic) Vec<ListDefinition>);

impl FromXml for Lists {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        body.within("GetListCollectionResult", |result| {
            result.within("Lists", |lists| lists.each("List", ListDefinition::from_list).map(Self))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};

    /// Documented, with few of the attributes.
    #[test]
    fn lists_come_with_id_template_and_settings() {
        let lists: Lists = read(&format!(
            "<GetListCollectionResponse xmlns='{SOAP}'><GetListCollectionResult><Lists>\
             <List ID='{{5f2c3a10-0000-4000-8000-00000000000a}}' Title='Tasks' ServerTemplate='107' Version='3' \
             DefaultViewUrl='/sites/h/Lists/Tasks/AllItems.aspx' EnableVersioning='False' EnableAttachments='True'/>\
             </Lists></GetListCollectionResult></GetListCollectionResponse>"
        ));
        let [list] = &lists.0[..] else { panic!("one list") };
        assert_eq!(list.id, "{5F2C3A10-0000-4000-8000-00000000000A}");
        assert_eq!((list.template, list.version.as_deref()), (107, Some("3")));
        assert_eq!((list.versioning, list.attachments), (Some(false), Some(true)));
    }
}

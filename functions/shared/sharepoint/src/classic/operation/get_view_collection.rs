//! `Views.asmx` GetViewCollection (MS-VIEWSS 3.1.4.4).

use soap::{Element, Error, FromXml, Operation, ToXml};

use super::SOAP;
use crate::classic::service::Ask;

/// Asks for the views of a list.
pub(in crate::classic) struct GetViewCollection {
    /// The list's id.
    pub(in crate::classic) list: String,
}

impl ToXml for GetViewCollection {
    fn to_xml(&self) -> Element {
        Element::new(SOAP, Self::NAME).with_value("listName", &self.list)
    }
}

impl Operation for GetViewCollection {
    type Reply = ViewNames;
    const NAME: &'static str = "GetViewCollection";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/GetViewCollection";
}

impl Ask for GetViewCollection {
    const SERVICE: &'static str = "Views.asmx";
    const READS: bool = true;
}

/// The names that people see. A view without one (of a web part) is left out.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::classic) struct ViewNames(pub(in crate::classic) Vec<String>);

impl FromXml for ViewNames {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        body.within("GetViewCollectionResult", |result| {
            let views = result.required("Views")?;
            Ok(Self(
                views.all("View").filter_map(|view| view.attribute("DisplayName")).map(ToOwned::to_owned).collect(),
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};

    /// Documented, with few of the attributes.
    #[test]
    fn views_are_known_by_the_name_that_people_see() {
        let views: ViewNames = read(&format!(
            "<GetViewCollectionResponse xmlns='{SOAP}'><GetViewCollectionResult><Views>\
             <View Name='{{A}}' DisplayName='All Items' DefaultView='TRUE'/><View Name='{{B}}' Hidden='TRUE'/>\
             </Views></GetViewCollectionResult></GetViewCollectionResponse>"
        ));
        assert_eq!(views, ViewNames(vec!["All Items".to_owned()]));
    }
}

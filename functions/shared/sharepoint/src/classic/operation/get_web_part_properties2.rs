//! `WebPartPages.asmx` GetWebPartProperties2 (MS-WPPS 3.1.4.13, example in 4.3.1.1).

use soap::{Element, Error, FromXml, Operation, ToXml};
use url::Url;

use super::WEB_PARTS;
use crate::classic::service::Ask;

/// Asks for the web parts of a page that everybody sees.
pub(in crate::classic) struct GetWebPartProperties2 {
    pub(in crate::classic) page: Url,
}

impl ToXml for GetWebPartProperties2 {
    fn to_xml(&self) -> Element {
        Element::new(WEB_PARTS, Self::NAME)
            .with_value("pageUrl", &self.page)
            .with_value("storage", "Shared")
            .with_value("behavior", "Version3")
    }
}

impl Operation for GetWebPartProperties2 {
    type Reply = PartTitles;
    const NAME: &'static str = "GetWebPartProperties2";
    const ACTION: &'static str = "http://microsoft.com/sharepoint/webpartpages/GetWebPartProperties2";
}

impl Ask for GetWebPartProperties2 {
    const SERVICE: &'static str = "WebPartPages.asmx";
    const READS: bool = true;
}

/// The titles of the parts.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::classic) struct PartTitles(pub(in crate::classic) Vec<String>);

impl FromXml for PartTitles {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        body.within("GetWebPartProperties2Result", |result| {
            let parts = result.required("WebParts")?;
            Ok(Self(parts.children().filter_map(title).collect()))
        })
    }
}

/// A part of version 2 has a `Title` element, one of version 3 a `property` named so; both may be wrapped once more.
fn title(element: &Element) -> Option<String> {
    element.children().find_map(|child| {
        let named = child.is("Title") || (child.is("property") && child.attribute("name") == Some("Title"));
        if named { Some(child.text()) } else { title(child) }
    })
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};

    /// The first part is documented (MS-WPPS 4.3.1.1); the second, of version 2, is invented.
    #[test]
    fn parts_of_both_versions_have_titles() {
        let titles: PartTitles = read(&format!(
            "<GetWebPartProperties2Response xmlns='{WEB_PARTS}'><GetWebPartProperties2Result><WebParts>\
             <WebPart ID='a'><webPart xmlns='http://schemas.microsoft.com/WebPart/v3'><data><properties>\
             <property name='ChromeType' type='chrometype'>Default</property><property name='Title' type='string'>Tasks</property>\
             </properties></data></webPart></WebPart>\
             <WebPart ID='b' xmlns='http://schemas.microsoft.com/WebPart/v2'><Title>Account summary</Title></WebPart>\
             </WebParts></GetWebPartProperties2Result></GetWebPartProperties2Response>"
        ));
        assert_eq!(titles, PartTitles(vec!["Tasks".to_owned(), "Account summary".to_owned()]));
    }
}

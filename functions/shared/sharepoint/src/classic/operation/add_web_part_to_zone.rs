//! `WebPartPages.asmx` AddWebPartToZone (MS-WPPS 3.1.4.2).

use soap::{Element, Operation, ToXml};
use url::Url;

use super::{Done, WEB_PARTS};
use crate::classic::service::Ask;

/// Puts a web part on a page, for everybody. Each call puts one more: ask first. Where the zone is unknown the host
/// chooses one (3.1.4.2.2.1).
pub(in crate::classic) struct AddWebPartToZone {
    pub(in crate::classic) page: Url,
    /// The part's definition, sent as text.
    pub(in crate::classic) xml: String,
    pub(in crate::classic) zone: String,
    pub(in crate::classic) order: u32,
}

impl ToXml for AddWebPartToZone {
    fn to_xml(&self) -> Element {
        Element::new(WEB_PARTS, Self::NAME)
            .with_value("pageUrl", &self.page)
            .with_value("webPartXml", &self.xml)
            .with_value("storage", "Shared")
            .with_value("zoneId", &self.zone)
            .with_value("zoneIndex", self.order)
    }
}

impl Operation for AddWebPartToZone {
    type Reply = Done;
    const NAME: &'static str = "AddWebPartToZone";
    const ACTION: &'static str = "http://microsoft.com/sharepoint/webpartpages/AddWebPartToZone";
}

impl Ask for AddWebPartToZone {
    const SERVICE: &'static str = "WebPartPages.asmx";
    const READS: bool = false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sent_as_text() {
        let part = AddWebPartToZone {
            page: "https://crm.test.example/sites/h/default.aspx".parse().unwrap(),
            xml: "<WebPart><Title>A &amp; B</Title></WebPart>".to_owned(),
            zone: "Left".to_owned(),
            order: 1,
        };
        let xml = format!(
            "<AddWebPartToZone xmlns='{WEB_PARTS}'><pageUrl>https://crm.test.example/sites/h/default.aspx</pageUrl>\
             <webPartXml>&lt;WebPart&gt;&lt;Title&gt;A &amp;amp; B&lt;/Title&gt;&lt;/WebPart&gt;</webPartXml>\
             <storage>Shared</storage><zoneId>Left</zoneId><zoneIndex>1</zoneIndex></AddWebPartToZone>"
        );
        assert_eq!(part.to_xml(), soap::parse(xml.as_bytes(), soap::Limits::default()).unwrap());
    }
}

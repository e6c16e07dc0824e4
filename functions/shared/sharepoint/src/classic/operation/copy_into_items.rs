//! `Copy.asmx` CopyIntoItems (MS-COPYS 3.1.4.2).

use base64::{Engine, engine::general_purpose::STANDARD};
use soap::{Element, Error, FromXml, Operation, ToXml};
use url::Url;

use super::SOAP;
use crate::classic::service::Ask;

/// Puts a file into a library. One that is there is overwritten: ask first.
pub(in crate::classic) struct CopyIntoItems {
    pub(in crate::classic) to: Url,
    pub(in crate::classic) content: String,
}

/// Becomes the file's `_CopySource`; one that leads nowhere leaves no link behind (contract, section 1.1).
const NO_SOURCE: &str = "http://null";

impl ToXml for CopyIntoItems {
    fn to_xml(&self) -> Element {
        Element::new(SOAP, Self::NAME)
            .with_value("SourceUrl", NO_SOURCE)
            .with(Element::new(SOAP, "DestinationUrls").with_value("string", &self.to))
            .with(Element::new(SOAP, "Fields"))
            .with_value("Stream", STANDARD.encode(&self.content))
    }
}

impl Operation for CopyIntoItems {
    type Reply = CopyResult;
    const NAME: &'static str = "CopyIntoItems";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/CopyIntoItems";
}

impl Ask for CopyIntoItems {
    const SERVICE: &'static str = "Copy.asmx";
    const READS: bool = false;
}

/// What became of the destination. The call itself succeeds whatever this says.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::classic) struct CopyResult {
    /// `Success`, `DestinationInvalid`, … (MS-COPYS 2.2.5.2)
    pub(in crate::classic) code: String,
    pub(in crate::classic) message: String,
}

impl FromXml for CopyResult {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        body.within("Results", |results| {
            results.within("CopyResult", |result| {
                Ok(Self {
                    code: result.required_attribute("ErrorCode")?.to_owned(),
                    message: result.attribute("ErrorMessage").unwrap_or_default().to_owned(),
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};

    /// Documented.
    #[test]
    fn the_destination_has_a_result_of_its_own() {
        let result: CopyResult = read(&format!(
            "<CopyIntoItemsResponse xmlns='{SOAP}'><CopyIntoItemsResult>0</CopyIntoItemsResult><Results>\
             <CopyResult ErrorCode='DestinationInvalid' ErrorMessage='No such folder.' DestinationUrl='https://x/y'/>\
             </Results></CopyIntoItemsResponse>"
        ));
        assert_eq!((&*result.code, &*result.message), ("DestinationInvalid", "No such folder."));
    }
}

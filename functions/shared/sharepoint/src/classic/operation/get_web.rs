//! `Webs.asmx` GetWeb (MS-WEBSS 3.1.4.12).

use soap::{Element, Error, FromXml, Operation, ToXml};
use url::Url;

use super::SOAP;
use crate::classic::service::Ask;

/// Asks for a web's title, address and description.
pub(in crate::classic) struct GetWeb {
    /// The web's address.
    pub(in crate::classic) url: Url,
}

impl ToXml for GetWeb {
    fn to_xml(&self) -> Element {
        Element::new(SOAP, Self::NAME).with_value("webUrl", &self.url)
    }
}

impl Operation for GetWeb {
    type Reply = WebDefinition;
    const NAME: &'static str = "GetWeb";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/GetWeb";
}

impl Ask for GetWeb {
    const SERVICE: &'static str = "Webs.asmx";
    const READS: bool = true;
}

/// A web as its services describe it (MS-WEBSS 2.2.4.2). 2007 gives no id.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::classic) struct WebDefinition {
    pub(in crate::classic) url: Url,
    pub(in crate::classic) description: Option<String>,
}

impl FromXml for WebDefinition {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        body.within("GetWebResult", |result| {
            result.within("Web", |web| {
                let url = web.required_attribute("Url")?;
                let url = url.parse().map_err(|_| Error::unexpected("an address", url).under("@Url"))?;
                Ok(Self { url, description: web.attribute("Description").map(ToOwned::to_owned) })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};

    /// Documented.
    #[test]
    fn a_web_has_an_address_and_a_description() {
        let web: WebDefinition = read(&format!(
            "<GetWebResponse xmlns='{SOAP}'><GetWebResult><Web Title='Harbour' Url='https://crm.test.example/sites/h' \
             Description='Account site [tieline x]' Language='1033' Theme='none'/></GetWebResult></GetWebResponse>"
        ));
        assert_eq!(web.url.path(), "/sites/h");
        assert_eq!(web.description.as_deref(), Some("Account site [tieline x]"));
    }
}

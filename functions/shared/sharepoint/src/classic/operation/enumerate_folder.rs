//! `SiteData.asmx` EnumerateFolder.

use soap::{Element, Error, FromXml, Operation, ToXml};

use super::SOAP;
use crate::classic::service::Ask;

/// Asks what lies in a folder, one level.
pub(in crate::classic) struct EnumerateFolder {
    /// The folder's path below the web; empty for the web itself.
    pub(in crate::classic) folder: String,
}

impl ToXml for EnumerateFolder {
    fn to_xml(&self) -> Element {
        Element::new(SOAP, Self::NAME).with_value("strFolderUrl", &self.folder)
    }
}

impl Operation for EnumerateFolder {
    type Reply = Files;
    const NAME: &'static str = "EnumerateFolder";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/EnumerateFolder";
}

impl Ask for EnumerateFolder {
    const SERVICE: &'static str = "SiteData.asmx";
    const READS: bool = true;
}

/// The paths of the files, below the web.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::classic) struct Files(pub(in crate::classic) Vec<String>);

impl FromXml for Files {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        let entry = |entry: &Element| Ok((entry.value::<String>("Url")?, entry.value::<bool>("IsFolder")?));
        let entries = match body.child("vUrls") {
            Some(urls) => urls.each("_sFPUrl", entry).map_err(|error| error.under("vUrls"))?,
            None => Vec::new(),
        };
        Ok(Self(entries.into_iter().filter(|(_, folder)| !folder).map(|(url, _)| url).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};

    /// Documented.
    #[test]
    fn folders_are_not_files() {
        let files: Files = read(&format!(
            "<EnumerateFolderResponse xmlns='{SOAP}'><EnumerateFolderResult>0</EnumerateFolderResult><vUrls>\
             <_sFPUrl><Url>Pages/Customer.aspx</Url><LastModified>2010-06-15T09:30:01Z</LastModified><IsFolder>false</IsFolder></_sFPUrl>\
             <_sFPUrl><Url>Pages/Forms</Url><LastModified>2010-06-15T09:30:01Z</LastModified><IsFolder>true</IsFolder></_sFPUrl>\
             </vUrls></EnumerateFolderResponse>"
        ));
        assert_eq!(files, Files(vec!["Pages/Customer.aspx".to_owned()]));
    }
}

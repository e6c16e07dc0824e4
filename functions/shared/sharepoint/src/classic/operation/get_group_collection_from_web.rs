//! `UserGroup.asmx` GetGroupCollectionFromWeb (MS-UGS).

use soap::{Element, Error, FromXml, Operation, ToXml};

use super::DIRECTORY;
use crate::classic::service::Ask;

/// Asks for the groups that have a role on the web. Those of the collection would be thousands.
pub(in crate::classic) struct GetGroupCollectionFromWeb;

impl ToXml for GetGroupCollectionFromWeb {
    fn to_xml(&self) -> Element {
        Element::new(DIRECTORY, Self::NAME)
    }
}

impl Operation for GetGroupCollectionFromWeb {
    type Reply = GroupNames;
    const NAME: &'static str = "GetGroupCollectionFromWeb";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/directory/GetGroupCollectionFromWeb";
}

impl Ask for GetGroupCollectionFromWeb {
    const SERVICE: &'static str = "UserGroup.asmx";
    const READS: bool = true;
}

/// The groups' names.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::classic) struct GroupNames(pub(in crate::classic) Vec<String>);

impl FromXml for GroupNames {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        let name = |group: &Element| group.required_attribute("Name").map(ToOwned::to_owned);
        body.within("GetGroupCollectionFromWebResult", |result| {
            result.within(GetGroupCollectionFromWeb::NAME, |found| {
                found.within("Groups", |groups| groups.each("Group", name).map(Self))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};

    /// Documented.
    #[test]
    fn groups_have_names() {
        let groups: GroupNames = read(&format!(
            "<GetGroupCollectionFromWebResponse xmlns='{DIRECTORY}'><GetGroupCollectionFromWebResult>\
             <GetGroupCollectionFromWeb><Groups><Group ID='5' Name='Harbour Members' Description='' OwnerID='1' \
             OwnerIsUser='True'/></Groups></GetGroupCollectionFromWeb></GetGroupCollectionFromWebResult>\
             </GetGroupCollectionFromWebResponse>"
        ));
        assert_eq!(groups, GroupNames(vec!["Harbour Members".to_owned()]));
    }
}

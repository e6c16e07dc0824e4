//! `UserGroup.asmx` GetGroupCollectionFromWeb (MS-UGS).

use soap::{Element, Error, FromXml, Operation, ToXml};

use super::{
    DIRECTORY,
    directory::{Group, listed},
};
use crate::classic::service::Ask;

/// Asks for the groups that have a role on the web. Those of the collection would be thousands.
pub(in crate::classic) struct GetGroupCollectionFromWeb;

impl ToXml for GetGroupCollectionFromWeb {
    fn to_xml(&self) -> Element {
        Element::new(DIRECTORY, Self::NAME)
    }
}

impl Operation for GetGroupCollectionFromWeb {
    type Reply = Groups;
    const NAME: &'static str = "GetGroupCollectionFromWeb";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/directory/GetGroupCollectionFromWeb";
}

impl Ask for GetGroupCollectionFromWeb {
    const SERVICE: &'static str = "UserGroup.asmx";
    const READS: bool = true;
}

/// The groups.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::classic) struct Groups(pub(in crate::classic) Vec<Group>);

impl FromXml for Groups {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        listed(body, GetGroupCollectionFromWeb::NAME, ("Groups", "Group"), Group::read).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};

    /// Documented.
    #[test]
    fn groups_have_names_and_may_have_descriptions() {
        let groups: Groups = read(&format!(
            "<GetGroupCollectionFromWebResponse xmlns='{DIRECTORY}'><GetGroupCollectionFromWebResult>\
             <GetGroupCollectionFromWeb><Groups><Group ID='5' Name='Harbour Members' Description='' OwnerID='1' \
             OwnerIsUser='True'/></Groups></GetGroupCollectionFromWeb></GetGroupCollectionFromWebResult>\
             </GetGroupCollectionFromWebResponse>"
        ));
        let expected = Group { name: "Harbour Members".to_owned(), description: String::new() };
        assert_eq!(groups, Groups(vec![expected]));
    }
}

//! `UserGroup.asmx` GetGroupInfo (MS-UGS).

use soap::{Element, Error, FromXml, Operation, ToXml};

use super::directory::{Group, about_group, answered};
use crate::classic::service::Ask;

/// Asks about a group of the collection, whether it has a role on the web or not.
pub(in crate::classic) struct GetGroupInfo {
    pub(in crate::classic) group: String,
}

impl ToXml for GetGroupInfo {
    fn to_xml(&self) -> Element {
        about_group(Self::NAME, &self.group)
    }
}

impl Operation for GetGroupInfo {
    type Reply = GroupInfo;
    const NAME: &'static str = "GetGroupInfo";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/directory/GetGroupInfo";
}

impl Ask for GetGroupInfo {
    const SERVICE: &'static str = "UserGroup.asmx";
    const READS: bool = true;
}

/// The group.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::classic) struct GroupInfo(pub(in crate::classic) Group);

impl FromXml for GroupInfo {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        answered(body, GetGroupInfo::NAME, |found| found.within("Group", Group::read).map(Self))
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{DIRECTORY, read},
        *,
    };

    /// Documented.
    #[test]
    fn a_group_has_a_name_and_a_description() {
        let info: GroupInfo = read(&format!(
            "<GetGroupInfoResponse xmlns='{DIRECTORY}'><GetGroupInfoResult><GetGroupInfo><Group ID='5' \
             Name='Harbour Members' Description='Who works here' OwnerID='1' OwnerIsUser='True'/></GetGroupInfo>\
             </GetGroupInfoResult></GetGroupInfoResponse>"
        ));
        let expected = Group { name: "Harbour Members".to_owned(), description: "Who works here".to_owned() };
        assert_eq!(info, GroupInfo(expected));
    }
}

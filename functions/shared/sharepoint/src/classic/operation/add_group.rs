//! `UserGroup.asmx` AddGroup (MS-UGS).

use soap::{Element, Operation, ToXml};

use super::{DIRECTORY, Done};
use crate::classic::service::Ask;

/// Makes a group in the collection. Refused with 0x81020043 where there is one of that name.
pub(in crate::classic) struct AddGroup {
    pub(in crate::classic) name: String,
    /// The sign-in name of its owner, who is also its first member.
    pub(in crate::classic) owner: String,
    /// At most [`AddGroup::MOST_DESCRIPTION`] characters.
    pub(in crate::classic) description: String,
}

impl AddGroup {
    /// How many characters a description may have (`String512OrEmptyType`).
    pub(in crate::classic) const MOST_DESCRIPTION: usize = 512;
}

impl ToXml for AddGroup {
    fn to_xml(&self) -> Element {
        Element::new(DIRECTORY, Self::NAME)
            .with_value("groupName", &self.name)
            .with_value("ownerIdentifier", &self.owner)
            .with_value("ownerType", "user")
            .with_value("defaultUserLoginName", &self.owner)
            .with_value("description", &self.description)
    }
}

impl Operation for AddGroup {
    type Reply = Done;
    const NAME: &'static str = "AddGroup";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/directory/AddGroup";
}

impl Ask for AddGroup {
    const SERVICE: &'static str = "UserGroup.asmx";
    const READS: bool = false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_is_also_the_first_member() {
        let request = AddGroup {
            name: "Harbour Members".to_owned(),
            owner: "HARBOUR\\svc".to_owned(),
            description: "d".to_owned(),
        }
        .to_xml();
        assert_eq!(request.child_text("ownerIdentifier"), request.child_text("defaultUserLoginName"));
        assert_eq!(request.child_text("ownerType"), "user");
    }
}

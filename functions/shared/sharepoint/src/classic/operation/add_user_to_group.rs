//! `UserGroup.asmx` AddUserToGroup (MS-UGS).

use soap::{Element, Operation, ToXml};

use super::{DIRECTORY, Done};
use crate::{Login, classic::service::Ask};

/// Adds one person to a group. Refused with 0x80131600 where the host does not know them.
pub(in crate::classic) struct AddUserToGroup {
    pub(in crate::classic) group: String,
    pub(in crate::classic) person: Login,
}

/// Longer names and addresses are cut, as the service's schema asks (`String255OrEmptyType`).
pub(super) const MOST_TEXT: usize = 255;

impl ToXml for AddUserToGroup {
    fn to_xml(&self) -> Element {
        let cut = |text: &str| text.chars().take(MOST_TEXT).collect::<String>();
        Element::new(DIRECTORY, Self::NAME)
            .with_value("groupName", &self.group)
            .with_value("userName", cut(&self.person.name))
            .with_value("userLoginName", &self.person.login)
            .with_value("userEmail", cut(&self.person.email))
            .with_value("userNotes", "")
    }
}

impl Operation for AddUserToGroup {
    type Reply = Done;
    const NAME: &'static str = "AddUserToGroup";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/directory/AddUserToGroup";
}

impl Ask for AddUserToGroup {
    const SERVICE: &'static str = "UserGroup.asmx";
    const READS: bool = false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_sent_with_name_login_and_address() {
        let person = Login {
            login: "HARBOUR\\anna".to_owned(),
            name: "Anna".repeat(100),
            email: "anna@test.example".to_owned(),
        };
        let request = AddUserToGroup { group: "G".to_owned(), person }.to_xml();
        assert_eq!(request.child_text("userLoginName"), "HARBOUR\\anna");
        assert_eq!(request.child_text("userEmail"), "anna@test.example");
        assert_eq!(request.child_text("userName").len(), 255);
    }
}

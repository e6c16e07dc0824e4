//! `UserGroup.asmx` AddUserCollectionToGroup (MS-UGS).

use soap::{Element, Operation, ToXml};

use super::{DIRECTORY, Done, add_user_to_group::MOST_TEXT};
use crate::{Login, classic::service::Ask};

/// Adds people to a group, at most [`AddUserCollectionToGroup::MOST`]. Refused with 0x80131600, without saying who,
/// where the host does not know one of them.
pub(in crate::classic) struct AddUserCollectionToGroup {
    pub(in crate::classic) group: String,
    pub(in crate::classic) people: Vec<Login>,
}

impl AddUserCollectionToGroup {
    /// What the service's schema takes in one call (`InputUsersType`).
    pub(in crate::classic) const MOST: usize = 100;
}

impl ToXml for AddUserCollectionToGroup {
    fn to_xml(&self) -> Element {
        let cut = |text: &str| text.chars().take(MOST_TEXT).collect::<String>();
        // In the service's own namespace, not CAML's: its schema names these elements.
        let user = |person: &Login| {
            Element::new(DIRECTORY, "User")
                .with_attribute("LoginName", &*person.login)
                .with_attribute("Email", cut(&person.email))
                .with_attribute("Name", cut(&person.name))
                .with_attribute("Notes", "")
        };
        let users = Element::new(DIRECTORY, "Users").with_all(self.people.iter().map(user));
        Element::new(DIRECTORY, Self::NAME)
            .with_value("groupName", &self.group)
            .with(Element::new(DIRECTORY, "usersInfoXml").with(users))
    }
}

impl Operation for AddUserCollectionToGroup {
    type Reply = Done;
    const NAME: &'static str = "AddUserCollectionToGroup";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/directory/AddUserCollectionToGroup";
}

impl Ask for AddUserCollectionToGroup {
    const SERVICE: &'static str = "UserGroup.asmx";
    const READS: bool = false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_in_the_services_namespace() {
        let person = Login { login: "HARBOUR\\anna".to_owned(), name: "Anna".to_owned(), email: String::new() };
        let request = AddUserCollectionToGroup { group: "G".to_owned(), people: vec![person] };
        let xml = format!(
            "<AddUserCollectionToGroup xmlns='{DIRECTORY}'><groupName>G</groupName><usersInfoXml><Users>\
             <User LoginName='HARBOUR\\anna' Email='' Name='Anna' Notes=''/></Users></usersInfoXml></AddUserCollectionToGroup>"
        );
        assert_eq!(request.to_xml(), soap::parse(xml.as_bytes(), soap::Limits::default()).unwrap());
    }
}

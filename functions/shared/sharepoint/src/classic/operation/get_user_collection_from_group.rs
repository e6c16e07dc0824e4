//! `UserGroup.asmx` GetUserCollectionFromGroup (MS-UGS).

use soap::{Element, Error, FromXml, Operation, ToXml};

use super::directory::{about_group, listed};
use crate::classic::service::Ask;

/// Asks for the members of a group.
pub(in crate::classic) struct GetUserCollectionFromGroup {
    pub(in crate::classic) group: String,
}

impl ToXml for GetUserCollectionFromGroup {
    fn to_xml(&self) -> Element {
        about_group(Self::NAME, &self.group)
    }
}

impl Operation for GetUserCollectionFromGroup {
    type Reply = Logins;
    const NAME: &'static str = "GetUserCollectionFromGroup";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/directory/GetUserCollectionFromGroup";
}

impl Ask for GetUserCollectionFromGroup {
    const SERVICE: &'static str = "UserGroup.asmx";
    const READS: bool = true;
}

/// The members' sign-in names.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::classic) struct Logins(pub(in crate::classic) Vec<String>);

impl FromXml for Logins {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        let name = |user: &Element| user.required_attribute("LoginName").map(ToOwned::to_owned);
        listed(body, GetUserCollectionFromGroup::NAME, ("Users", "User"), name).map(Self)
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
    fn members_have_sign_in_names() {
        let logins: Logins = read(&format!(
            "<GetUserCollectionFromGroupResponse xmlns='{DIRECTORY}'><GetUserCollectionFromGroupResult>\
             <GetUserCollectionFromGroup><Users><User ID='7' Sid='' Name='Anna Berg' LoginName='HARBOUR\\anna' Email='' \
             Notes='' IsSiteAdmin='False' IsDomainGroup='False'/></Users></GetUserCollectionFromGroup>\
             </GetUserCollectionFromGroupResult></GetUserCollectionFromGroupResponse>"
        ));
        assert_eq!(logins, Logins(vec!["HARBOUR\\anna".to_owned()]));
    }
}

//! `Permissions.asmx` GetPermissionCollection (MS-PERMS).

use soap::{Element, Error, FromXml, Operation, ToXml};

use super::{DIRECTORY, directory::listed};
use crate::classic::service::Ask;

/// Asks who may do what with a list.
pub(in crate::classic) struct GetPermissionCollection {
    /// The list's title.
    pub(in crate::classic) list: String,
}

impl ToXml for GetPermissionCollection {
    fn to_xml(&self) -> Element {
        Element::new(DIRECTORY, Self::NAME).with_value("objectName", &self.list).with_value("objectType", "list")
    }
}

impl Operation for GetPermissionCollection {
    type Reply = Permissions;
    const NAME: &'static str = "GetPermissionCollection";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/directory/GetPermissionCollection";
}

impl Ask for GetPermissionCollection {
    const SERVICE: &'static str = "Permissions.asmx";
    const READS: bool = true;
}

/// Groups with the low 32 bits of what they may do. People are left out.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::classic) struct Permissions(pub(in crate::classic) Vec<(String, i32)>);

impl FromXml for Permissions {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        let groups = listed(body, GetPermissionCollection::NAME, ("Permissions", "Permission"), group)?;
        Ok(Self(groups.into_iter().flatten().collect()))
    }
}

/// A group's name stands in `GroupName` or, for one with a role on the web, in `RoleName`.
fn group(permission: &Element) -> Result<Option<(String, i32)>, Error> {
    let Some(name) = permission.attribute("GroupName").or(permission.attribute("RoleName")) else { return Ok(None) };
    let mask = permission.required_attribute("Mask")?;
    let mask = mask.parse().map_err(|_| Error::unexpected("a mask of 32 bits", mask).under("@Mask"))?;
    Ok(Some((name.to_owned(), mask)))
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};

    /// Documented.
    #[test]
    fn groups_have_masks_and_people_are_left_out() {
        let permissions: Permissions = read(&format!(
            "<GetPermissionCollectionResponse xmlns='{DIRECTORY}'><GetPermissionCollectionResult><GetPermissionCollection>\
             <Permissions><Permission MemberID='3' Mask='-1' MemberIsUser='False' MemberGlobal='True' RoleName='Owners'/>\
             <Permission MemberID='5' Mask='138612833' MemberIsUser='False' MemberGlobal='True' GroupName='Members'/>\
             <Permission MemberID='7' Mask='1' MemberIsUser='True' MemberGlobal='False' UserLogin='HARBOUR\\anna'/>\
             </Permissions></GetPermissionCollection></GetPermissionCollectionResult></GetPermissionCollectionResponse>"
        ));
        assert_eq!(permissions.0, [("Owners".to_owned(), -1), ("Members".to_owned(), 138_612_833)]);
    }
}

//! `UserGroup.asmx` GetRolesAndPermissionsForCurrentUser (MS-UGS).

use soap::{Element, Error, FromXml, Operation, ToXml};

use super::DIRECTORY;
use crate::classic::service::Ask;

/// Asks what the caller may do on a web.
pub(in crate::classic) struct GetRolesAndPermissionsForCurrentUser;

impl ToXml for GetRolesAndPermissionsForCurrentUser {
    fn to_xml(&self) -> Element {
        Element::new(DIRECTORY, Self::NAME)
    }
}

impl Operation for GetRolesAndPermissionsForCurrentUser {
    type Reply = Permissions;
    const NAME: &'static str = "GetRolesAndPermissionsForCurrentUser";
    const ACTION: &'static str =
        "http://schemas.microsoft.com/sharepoint/soap/directory/GetRolesAndPermissionsForCurrentUser";
}

impl Ask for GetRolesAndPermissionsForCurrentUser {
    const SERVICE: &'static str = "UserGroup.asmx";
    const READS: bool = true;
}

/// All 64 bits of the caller's permissions, roles and groups together.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::classic) struct Permissions(pub(in crate::classic) u64);

impl FromXml for Permissions {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        body.within("GetRolesAndPermissionsForCurrentUserResult", |result| {
            result.within("RolesAndPermissions", |all| {
                all.within("Permissions", |permissions| {
                    let value = permissions.required_attribute("Value")?;
                    let mask = value.parse().map_err(|_| Error::unexpected("a mask of 64 bits", value).under("@Value"));
                    mask.map(Self)
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};

    /// Documented.
    #[test]
    fn permissions_are_a_number_of_64_bits() {
        let reply = |value: &str| {
            format!(
                "<GetRolesAndPermissionsForCurrentUserResponse xmlns='{DIRECTORY}'>\
                 <GetRolesAndPermissionsForCurrentUserResult><RolesAndPermissions><Permissions Value='{value}'/><Roles>\
                 <Role ID='1073741829' Name='Full Control' Description='Has full control.' Hidden='False' \
                 Type='Administrator' BasePermissions='9223372036854775807'/></Roles></RolesAndPermissions>\
                 </GetRolesAndPermissionsForCurrentUserResult></GetRolesAndPermissionsForCurrentUserResponse>"
            )
        };
        assert_eq!(read::<Permissions>(&reply("9223372036854775807")), Permissions(0x7fff_ffff_ffff_ffff));
        assert_eq!(read::<Permissions>(&reply("138612833")).0, 138_612_833);
        let root = soap::parse(reply("-1").as_bytes(), soap::Limits::default()).unwrap();
        assert!(Permissions::from_xml(&root).is_err());
    }
}

//! The operations that are used: one file each, with its request, its reply, their XML and a fixture.
//!
//! Fixtures are our own. *Documented* ones follow the shape that the protocol documents give; *invented* ones fill
//! what those leave open. None is recorded: no traffic of a 2007 host was at hand.

mod add_group;
mod add_group_to_role;
mod add_list;
mod add_permission;
mod add_user_collection_to_group;
mod add_user_to_group;
mod add_view;
mod add_web_part_to_zone;
mod copy_into_items;
mod directory;
mod enumerate_folder;
mod get_group_collection_from_web;
mod get_group_info;
mod get_list;
mod get_list_collection;
mod get_list_items;
mod get_permission_collection;
mod get_role_collection_from_group;
mod get_roles_and_permissions_for_current_user;
mod get_user_collection_from_group;
mod get_view_collection;
mod get_web;
mod get_web_part_properties2;
mod list_definition;
mod login;
mod request_security_token;
#[cfg(test)]
mod samples;
mod update_list;
mod update_list_items;
mod update_permission;

pub(super) use self::{
    add_group::AddGroup,
    add_group_to_role::AddGroupToRole,
    add_list::AddList,
    add_permission::AddPermission,
    add_user_collection_to_group::AddUserCollectionToGroup,
    add_user_to_group::AddUserToGroup,
    add_view::AddView,
    add_web_part_to_zone::AddWebPartToZone,
    copy_into_items::CopyIntoItems,
    directory::Group,
    enumerate_folder::EnumerateFolder,
    get_group_collection_from_web::GetGroupCollectionFromWeb,
    get_group_info::GetGroupInfo,
    get_list::GetList,
    get_list_collection::GetListCollection,
    get_list_items::GetListItems,
    get_permission_collection::GetPermissionCollection,
    get_role_collection_from_group::GetRoleCollectionFromGroup,
    get_roles_and_permissions_for_current_user::GetRolesAndPermissionsForCurrentUser,
    get_user_collection_from_group::GetUserCollectionFromGroup,
    get_view_collection::GetViewCollection,
    get_web::GetWeb,
    get_web_part_properties2::GetWebPartProperties2,
    list_definition::ListDefinition,
    login::{Login, LoginOutcome},
    request_security_token::{RequestSecurityToken, SecurityToken, refusal as refusal_of_a_token},
    update_list::{FieldResult, UpdateList},
    update_list_items::UpdateListItems,
    update_permission::UpdatePermission,
};

/// Namespace and action prefix of Lists, Views, Webs, SiteData, Copy and Authentication.
const SOAP: &str = "http://schemas.microsoft.com/sharepoint/soap/";
/// Namespace and action prefix of UserGroup and Permissions.
const DIRECTORY: &str = "http://schemas.microsoft.com/sharepoint/soap/directory/";
/// Namespace of WebPartPages; its actions have a slash before the operation.
const WEB_PARTS: &str = "http://microsoft.com/sharepoint/webpartpages";

/// A reply that says nothing but that it was done.
pub(super) struct Done;

impl soap::FromXml for Done {
    fn from_xml(_: &soap::Element) -> Result<Self, soap::Error> {
        Ok(Self)
    }
}

/// An element of CAML: in no namespace inside of the service's own, as real clients send it.
fn caml(local: &str) -> soap::Element {
    soap::Element::new("", local)
}

#[cfg(test)]
fn read<R: soap::FromXml>(xml: &str) -> R {
    let root = soap::parse(xml.as_bytes(), soap::Limits::default()).expect("a fixture is whole");
    R::from_xml(&root).expect("a fixture is readable")
}

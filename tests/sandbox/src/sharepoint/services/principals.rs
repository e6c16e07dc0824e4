//! Groups are made, and users, groups and roles are written as UserGroup.asmx writes them.

use soap::Element;

use crate::sharepoint::{
    list::List,
    rights::{Grant, Grants, Rights, Role},
    state::{Collection, Group, User},
};

use super::{Call, Refusal};

/// What no group's name may have (MS-UGS AddGroup).
const ILLEGAL: &[char] = &['"', '/', '\\', '[', ']', ':', '|', '<', '>', '+', '=', ';', ',', '?', '*', '\'', '@'];

/// Makes a group with its first member. Names are unique in the collection, in any case.
pub(crate) fn add_group(
    collection: &mut Collection,
    name: &str,
    description: &str,
    owner: u32,
    first: Option<u32>,
) -> Result<u32, Refusal> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 255 {
        return Err(Refusal::coded("0x80131600", "The group name is empty, or it is longer than 255 characters."));
    }
    if name.chars().any(|c| ILLEGAL.contains(&c)) {
        let text = "The group name is empty, or you are using one or more of the following invalid characters: \" / \\ \
                    [ ] : | < > + = ; , ? * ' @";
        return Err(Refusal::coded("0x8102004f", text));
    }
    if collection.group(name).is_some() {
        let text = "The specified name is already in use.\n\nTry again with a new name.";
        return Err(Refusal::coded("0x81020043", text));
    }
    let id = collection.next_member();
    let (name, description) = (name.to_owned(), description.to_owned());
    collection.groups.insert(id, Group { id, name, description, owner, members: first.into_iter().collect() });
    Ok(id)
}

/// The permissions of the call's web, if they are its own. SharePoint does not change inherited ones.
pub(super) fn own_grants<'c>(call: &'c mut Call<'_>) -> Result<&'c mut Grants, Refusal> {
    call.web_mut()?
        .grants
        .as_mut()
        .ok_or_else(|| Refusal::plain("This operation is not allowed on an object that inherits permissions."))
}

/// Gives a role on the call's web.
pub(super) fn grant_role(call: &mut Call<'_>, member: u32, role: Role) -> Result<(), Refusal> {
    own_grants(call)?.entry(member).or_default().add(&Grant::of(role));
    Ok(())
}

/// The permissions of a list, made its own by copying the web's if it had none.
pub(super) fn own_list_grants(list: &mut List, of_the_web: Grants) -> &mut Grants {
    list.grants.get_or_insert(of_the_web)
}

/// The role that a parameter names.
pub(super) fn role(call: &Call<'_>, parameter: &str) -> Result<Role, Refusal> {
    let role = Role::named(&call.text(parameter));
    role.ok_or_else(|| Refusal::coded("0x80131600", "Cannot find the role definition."))
}

/// The group that a parameter names.
pub(super) fn group<'c>(call: &'c Call<'_>, parameter: &str) -> Result<&'c Group, Refusal> {
    call.collection.group(&call.text(parameter)).ok_or_else(Refusal::no_group)
}

/// The user that a parameter names, met now if the directory knows them.
pub(super) fn resolved(call: &mut Call<'_>, parameter: &str) -> Result<u32, Refusal> {
    let login = call.text(parameter);
    call.collection.ensure_user(&login).ok_or_else(Refusal::no_user)
}

/// A user that the collection has met.
pub(super) fn met<'c>(call: &'c Call<'_>, parameter: &str) -> Result<&'c User, Refusal> {
    let found = call.collection.user(&call.text(parameter));
    found.ok_or_else(|| Refusal::coded("0x80131600", "User cannot be found."))
}

/// Whether the user may see who is there.
pub(super) fn may_browse(call: &Call<'_>) -> Result<(), Refusal> {
    call.demand(Rights::BROWSE_USERS)
}

/// Who may change a group: its owner, or who manages permissions on the web.
pub(super) fn may_change(call: &Call<'_>, group: &Group) -> Result<(), Refusal> {
    let me = call.around.user;
    let owner = call.collection.groups.get(&group.owner);
    let owns = group.owner == me || owner.is_some_and(|owner| owner.members.contains(&me));
    if owns { Ok(()) } else { call.demand(Rights::MANAGE_PERMISSIONS) }
}

pub(super) fn users_element<'u>(call: &Call<'_>, users: impl Iterator<Item = &'u User>) -> Element {
    call.element("Users").with_all(users.map(|user| user_element(call, user)))
}

pub(super) fn user_element(call: &Call<'_>, user: &User) -> Element {
    call.element("User")
        .with_attribute("ID", user.id.to_string())
        .with_attribute("Sid", "")
        .with_attribute("Name", &*user.name)
        .with_attribute("LoginName", &*user.login)
        .with_attribute("Email", &*user.email)
        .with_attribute("Notes", &*user.notes)
        .with_attribute("IsSiteAdmin", if user.is_site_admin { "True" } else { "False" })
        .with_attribute("IsDomainGroup", "False")
}

pub(super) fn groups_element<'g>(call: &Call<'_>, groups: impl Iterator<Item = &'g Group>) -> Element {
    call.element("Groups").with_all(groups.map(|group| group_element(call, group)))
}

pub(super) fn group_element(call: &Call<'_>, group: &Group) -> Element {
    call.element("Group")
        .with_attribute("ID", group.id.to_string())
        .with_attribute("Name", &*group.name)
        .with_attribute("Description", &*group.description)
        .with_attribute("OwnerID", group.owner.to_string())
        .with_attribute("OwnerIsUser", if call.collection.users.contains_key(&group.owner) { "True" } else { "False" })
}

/// The same where the permissions are a number and there is no order (`RolesOutputMaskType`).
pub(super) fn roles_with_masks(call: &Call<'_>, roles: impl Iterator<Item = Role>) -> Element {
    let element = |role: Role| {
        let (id, _, kind, description) = role.facts();
        call.element("Role")
            .with_attribute("ID", id.to_string())
            .with_attribute("Name", role.name())
            .with_attribute("Description", description)
            .with_attribute("Hidden", if role == Role::LimitedAccess { "True" } else { "False" })
            .with_attribute("Type", kind)
            .with_attribute("BasePermissions", role.rights().0.to_string())
    };
    call.element("Roles").with_all(roles.map(element))
}

pub(super) fn roles_element(call: &Call<'_>, roles: impl Iterator<Item = Role>) -> Element {
    let element = |role: Role| {
        let (id, order, kind, description) = role.facts();
        call.element("Role")
            .with_attribute("ID", id.to_string())
            .with_attribute("Name", role.name())
            .with_attribute("Description", description)
            .with_attribute("Order", order.to_string())
            .with_attribute("Hidden", if role == Role::LimitedAccess { "True" } else { "False" })
            .with_attribute("Type", kind)
            .with_attribute("BasePermissions", role.rights().names())
    };
    call.element("Roles").with_all(roles.map(element))
}

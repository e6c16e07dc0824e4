//! UserGroup.asmx: people, groups and roles of a web (MS-UGS, samples/soap).

use std::collections::BTreeSet;

use soap::Element;

use crate::sharepoint::rights::{Rights, Role};

use super::{
    Call, Refusal,
    principals::{
        add_group, grant_role, group, group_element, groups_element, may_browse, may_change, met, resolved, role,
        roles_element, roles_with_masks, user_element, users_element,
    },
};

pub(super) fn run(call: &mut Call<'_>) -> Option<Result<Element, Refusal>> {
    Some(match call.operation {
        "GetGroupCollectionFromSite" => get_group_collection_from_site(call),
        "GetGroupCollectionFromWeb" => get_group_collection_from_web(call),
        "GetGroupInfo" => get_group_info(call),
        "AddGroup" => new_group(call),
        "AddGroupToRole" => add_group_to_role(call),
        "GetRoleCollectionFromWeb" => get_role_collection_from_web(call),
        "GetRoleCollectionFromGroup" => get_role_collection_from_group(call),
        "GetRolesAndPermissionsForCurrentUser" => Ok(get_roles_and_permissions_for_current_user(call)),
        "GetUserCollectionFromGroup" => get_user_collection_from_group(call),
        "GetUserCollectionFromWeb" => get_user_collection_from_web(call),
        "GetUserInfo" => get_user_info(call),
        "AddUserToGroup" => add_user_to_group(call),
        "AddUserCollectionToGroup" => add_user_collection_to_group(call),
        "RemoveUserFromGroup" => remove_user_from_group(call),
        "AddUserToRole" => add_user_to_role(call),
        "GetUserLoginFromEmail" => get_user_login_from_email(call),
        _ => return None,
    })
}

/// The result wraps an element of the operation's own name (contract §2.1).
fn wrapped(call: &Call<'_>, content: Element) -> Element {
    call.result([call.element(call.operation).with(content)])
}

fn get_group_collection_from_site(call: &Call<'_>) -> Result<Element, Refusal> {
    may_browse(call)?;
    Ok(wrapped(call, groups_element(call, call.collection.groups.values())))
}

/// The groups that have something on this web.
fn get_group_collection_from_web(call: &Call<'_>) -> Result<Element, Refusal> {
    may_browse(call)?;
    let grants = call.collection.grants(&call.around.web);
    let groups = call.collection.groups.values().filter(|group| grants.contains_key(&group.id));
    Ok(wrapped(call, groups_element(call, groups)))
}

fn get_group_info(call: &Call<'_>) -> Result<Element, Refusal> {
    may_browse(call)?;
    let group = group(call, "groupName")?;
    Ok(wrapped(call, group_element(call, group)))
}

/// The default user becomes the first member.
fn new_group(call: &mut Call<'_>) -> Result<Element, Refusal> {
    call.demand(Rights::CREATE_GROUPS)?;
    let owner = match call.text("ownerType").to_lowercase().as_str() {
        "user" => resolved(call, "ownerIdentifier")?,
        "group" => group(call, "ownerIdentifier")?.id,
        _ => return Err(Refusal::out_of_range()),
    };
    let first = resolved(call, "defaultUserLoginName")?;
    let (name, description) = (call.text("groupName"), call.text("description"));
    add_group(call.collection, &name, &description, owner, Some(first))?;
    Ok(call.response())
}

fn add_group_to_role(call: &mut Call<'_>) -> Result<Element, Refusal> {
    call.demand(Rights::MANAGE_PERMISSIONS)?;
    let (role, group) = (role(call, "roleName")?, group(call, "groupName")?.id);
    grant_role(call, group, role)?;
    Ok(call.response())
}

fn get_role_collection_from_web(call: &Call<'_>) -> Result<Element, Refusal> {
    may_browse(call)?;
    Ok(wrapped(call, roles_element(call, Role::ALL.into_iter())))
}

fn get_role_collection_from_group(call: &Call<'_>) -> Result<Element, Refusal> {
    may_browse(call)?;
    let group = group(call, "groupName")?.id;
    let grants = call.collection.grants(&call.around.web);
    let roles = grants.get(&group).map(|grant| grant.roles.clone()).unwrap_or_default();
    Ok(wrapped(call, roles_element(call, roles.into_iter())))
}

/// What the caller may do on this web, all 64 bits, and the roles that give it (wsdl/usable/UserGroup.wsdl).
fn get_roles_and_permissions_for_current_user(call: &Call<'_>) -> Element {
    let (user, web) = (call.around.user, &call.around.web);
    let rights = call.collection.rights(user, web);
    let is_theirs = |member: &u32| {
        *member == user || call.collection.groups.get(member).is_some_and(|group| group.members.contains(&user))
    };
    let grants = call.collection.grants(web);
    let theirs = grants.iter().filter(|(member, _)| is_theirs(member));
    let roles: BTreeSet<Role> = theirs.flat_map(|(_, grant)| grant.roles.iter().copied()).collect();
    let permissions = call.element("Permissions").with_attribute("Value", rights.0.to_string());
    let all = call.element("RolesAndPermissions").with(permissions).with(roles_with_masks(call, roles.into_iter()));
    call.result([all])
}

fn get_user_collection_from_group(call: &Call<'_>) -> Result<Element, Refusal> {
    may_browse(call)?;
    let group = group(call, "groupName")?;
    let users = group.members.iter().filter_map(|member| call.collection.users.get(member));
    Ok(wrapped(call, users_element(call, users)))
}

/// Those who have something on this web, by themselves or through a group.
fn get_user_collection_from_web(call: &Call<'_>) -> Result<Element, Refusal> {
    may_browse(call)?;
    let grants = call.collection.grants(&call.around.web);
    let mut members: BTreeSet<u32> = grants.keys().copied().collect();
    for group in grants.keys().filter_map(|member| call.collection.groups.get(member)) {
        members.extend(&group.members);
    }
    let users = members.iter().filter_map(|member| call.collection.users.get(member));
    Ok(wrapped(call, users_element(call, users)))
}

fn get_user_info(call: &Call<'_>) -> Result<Element, Refusal> {
    may_browse(call)?;
    let user = met(call, "userLoginName")?;
    Ok(wrapped(call, user_element(call, user)))
}

fn add_user_to_group(call: &mut Call<'_>) -> Result<Element, Refusal> {
    let found = group(call, "groupName")?;
    may_change(call, found)?;
    let group = found.id;
    let user = resolved(call, "userLoginName")?;
    join(call, group, user);
    Ok(call.response())
}

/// All or nobody: one who cannot be resolved refuses the call.
fn add_user_collection_to_group(call: &mut Call<'_>) -> Result<Element, Refusal> {
    let found = group(call, "groupName")?;
    may_change(call, found)?;
    let group = found.id;
    let users = call.payload("usersInfoXml").into_iter().flat_map(|users| users.all("User"));
    let logins: Vec<_> = users.map(|user| user.attribute("LoginName").unwrap_or("").to_owned()).collect();
    let known = |login: &String| call.collection.user(login).is_some() || call.collection.account(login).is_some();
    if !logins.iter().all(known) {
        return Err(Refusal::no_user());
    }
    for login in logins {
        if let Some(user) = call.collection.ensure_user(&login) {
            join(call, group, user);
        }
    }
    Ok(call.response())
}

fn join(call: &mut Call<'_>, group: u32, user: u32) {
    if let Some(group) = call.collection.groups.get_mut(&group) {
        group.members.insert(user);
    }
}

fn remove_user_from_group(call: &mut Call<'_>) -> Result<Element, Refusal> {
    let found = group(call, "groupName")?;
    may_change(call, found)?;
    let group = found.id;
    let user = met(call, "userLoginName").map_err(|_| Refusal::no_user())?.id;
    if let Some(group) = call.collection.groups.get_mut(&group) {
        group.members.remove(&user);
    }
    Ok(call.response())
}

fn add_user_to_role(call: &mut Call<'_>) -> Result<Element, Refusal> {
    call.demand(Rights::MANAGE_PERMISSIONS)?;
    let role = role(call, "roleName")?;
    let user = resolved(call, "userLoginName")?;
    grant_role(call, user, role)?;
    Ok(call.response())
}

/// `SiteUser` says whether the collection has met the person. Who is nobody's has an empty login.
fn get_user_login_from_email(call: &Call<'_>) -> Result<Element, Refusal> {
    may_browse(call)?;
    let asked = call.payload("emailXml").into_iter().flat_map(|users| users.all("User"));
    let users = asked.map(|user| {
        let email = user.attribute("Email").unwrap_or("");
        let account = call
            .collection
            .directory
            .values()
            .find(|account| !account.email.is_empty() && account.email.eq_ignore_ascii_case(email.trim()));
        let met = account.is_some_and(|account| call.collection.user(&account.login).is_some());
        call.element("User")
            .with_attribute("Login", account.map_or("", |account| &account.login))
            .with_attribute("Email", email)
            .with_attribute("DisplayName", account.map_or("", |account| &account.name))
            .with_attribute("SiteUser", if met { "1" } else { "0" })
    });
    let found = call.element("GetUserLoginFromEmail").with_all(users);
    Ok(call.result([found]))
}

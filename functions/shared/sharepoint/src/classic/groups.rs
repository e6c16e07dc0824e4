//! Groups, their role on the web, and their roles on single lists.

use soap::Operation as _;

use super::{
    address, mark,
    operation::{
        AddGroup, AddGroupToRole, AddPermission, GetGroupCollectionFromWeb, GetGroupInfo, GetPermissionCollection,
        GetRoleCollectionFromGroup, Group, UpdatePermission,
    },
    refusal::{self, GROUP_EXISTS},
    service::ask,
    session::Session,
};
use crate::{GroupPlan, ListRef, Role, RoleGrant, SiteError, Web};

/// 1 call, and for each group 2 to make it, or 1 to ask for its roles where it is there; 1 more for a group of the
/// collection that has no role on this web.
///
/// Groups belong to the collection. One that is there is ours if its description ends with the mark of this web: its
/// making was interrupted. Any other is refused, because a role would let its members in (ST-04, "nobody else").
pub(super) async fn ensure(session: &Session, web: &Web, groups: &[GroupPlan]) -> Result<(), SiteError> {
    if groups.is_empty() {
        return Ok(());
    }
    let there = ask(session, &web.url, &GetGroupCollectionFromWeb).await?.0;
    for group in groups {
        let role = role_name(group.role);
        let has_role = if let Some(found) = there.iter().find(|found| same_name(&found.name, &group.name)) {
            check_ours(web, found)?;
            let roles = ask(session, &web.url, &GetRoleCollectionFromGroup { group: group.name.clone() }).await?.0;
            roles.iter().any(|name| name == role)
        } else {
            add(session, web, group).await?;
            false
        };
        if !has_role {
            ask(session, &web.url, &AddGroupToRole { group: group.name.clone(), role }).await?;
        }
    }
    Ok(())
}

async fn add(session: &Session, web: &Web, group: &GroupPlan) -> Result<(), SiteError> {
    let owner = session.user().to_owned();
    let add = AddGroup { name: group.name.clone(), owner, description: description(web, group)? };
    match ask(session, &web.url, &add).await {
        Err(error) if GROUP_EXISTS.is_why(&error) => {
            let found = ask(session, &web.url, &GetGroupInfo { group: group.name.clone() }).await?.0;
            check_ours(web, &found)
        }
        outcome => outcome.map(|_| ()),
    }
}

/// The planned description, cut to leave room, and the mark: the path of the web that the group was made for.
fn description(web: &Web, group: &GroupPlan) -> Result<String, SiteError> {
    let mark = address::path(&web.url);
    let marked = mark::write("", &mark).chars().count() + " ".len();
    let Some(room) = AddGroup::MOST_DESCRIPTION.checked_sub(marked) else {
        return Err(refusal::unsupported(AddGroup::NAME, "the address of the web does not fit into a description"));
    };
    Ok(mark::write(&group.description.chars().take(room).collect::<String>(), &mark))
}

fn check_ours(web: &Web, found: &Group) -> Result<(), SiteError> {
    if mark::read(&found.description) == Some(address::path(&web.url)) {
        return Ok(());
    }
    let why = format!("group {} is there and was not made for this site: its members would be let in", found.name);
    Err(refusal::refused(AddGroup::NAME, "not-ours", &why))
}

/// 1 call, and 1 for each grant that differs from what is there. A group that has something on the list already, if only
/// from the web, is changed, because adding less would take nothing away.
pub(super) async fn ensure_list_roles(
    session: &Session,
    web: &Web,
    list: &ListRef,
    grants: &[RoleGrant],
) -> Result<(), SiteError> {
    if grants.is_empty() {
        return Ok(());
    }
    let there = ask(session, &web.url, &GetPermissionCollection { list: list.title.clone() }).await?.0;
    for RoleGrant { group, role } in grants {
        let (list, mask) = (list.title.clone(), mask(*role));
        match there.iter().find(|(name, _)| same_name(name, group)) {
            Some((_, is)) if *is == mask => {}
            Some(_) => {
                ask(session, &web.url, &UpdatePermission { list, group: group.clone(), mask }).await?;
            }
            None => {
                ask(session, &web.url, &AddPermission { list, group: group.clone(), mask }).await?;
            }
        }
    }
    Ok(())
}

/// Names of groups are compared as SharePoint does: without case.
fn same_name(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// The roles of an English host (contract, section 4).
fn role_name(role: Role) -> &'static str {
    match role {
        Role::FullControl => "Full Control",
        Role::Contribute => "Contribute",
        Role::Read => "Read",
    }
}

/// The low 32 bits of a role's permissions, all that `Permissions.asmx` knows (contract, section 4).
fn mask(role: Role) -> i32 {
    match role {
        Role::FullControl => -1,
        Role::Contribute => 1_011_028_719,
        Role::Read => 138_612_833,
    }
}

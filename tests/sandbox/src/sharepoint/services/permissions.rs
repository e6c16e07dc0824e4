//! Permissions.asmx: what members may do on a web or a list, as 32-bit masks.

use soap::Element;
use uuid::Uuid;

use crate::sharepoint::rights::{Grant, Grants, Rights, Role};

use super::{
    Call, Refusal,
    principals::{group, met, own_grants, own_list_grants, resolved, role},
};

pub(super) fn run(call: &mut Call<'_>) -> Option<Result<Element, Refusal>> {
    Some(match call.operation {
        "GetPermissionCollection" => get_permission_collection(call),
        "AddPermission" => change(call, Change::Add),
        "UpdatePermission" => change(call, Change::Replace),
        "RemovePermission" => remove_permission(call),
        _ => return None,
    })
}

#[derive(Clone, Copy)]
enum Change {
    Add,
    Replace,
}

/// The list that is meant, or `None` for the web.
fn object(call: &Call<'_>) -> Result<Option<Uuid>, Refusal> {
    match call.text("objectType").to_lowercase().as_str() {
        "list" => call.list("objectName").map(|list| Some(list.id)),
        "web" => Ok(None),
        _ => Err(Refusal::out_of_range()),
    }
}

fn get_permission_collection(call: &Call<'_>) -> Result<Element, Refusal> {
    call.demand(Rights::MANAGE_PERMISSIONS)?;
    let list = object(call)?.map(|list| call.list_by_id(list)).transpose()?;
    let grants = match list.and_then(|list| list.grants.clone()) {
        Some(own) => own,
        None => call.collection.grants(&call.around.web),
    };
    let permissions = grants.iter().map(|(member, grant)| {
        let user = call.collection.users.get(member);
        let element = call
            .element("Permission")
            .with_attribute("MemberID", member.to_string())
            .with_attribute("Mask", grant.rights().to_mask().to_string())
            .with_attribute("MemberIsUser", if user.is_some() { "True" } else { "False" })
            .with_attribute("MemberGlobal", if user.is_some() { "False" } else { "True" });
        match user {
            Some(user) => element.with_attribute("UserLogin", &*user.login),
            None => element.with_attribute("GroupName", call.collection.member_name(*member)),
        }
    });
    let all = call.element("Permissions").with_all(permissions);
    Ok(call.result([call.element("GetPermissionCollection").with(all)]))
}

/// The member that is meant. A role stands for those who have it on the web.
fn members(call: &mut Call<'_>, meet: bool) -> Result<Vec<u32>, Refusal> {
    match call.text("permissionType").to_lowercase().as_str() {
        "user" if meet => resolved(call, "permissionIdentifier").map(|user| vec![user]),
        "user" => Ok(vec![met(call, "permissionIdentifier")?.id]),
        "group" => Ok(vec![group(call, "permissionIdentifier")?.id]),
        "role" => {
            let role = role(call, "permissionIdentifier")?;
            let grants = call.collection.grants(&call.around.web);
            Ok(grants.iter().filter(|(_, grant)| grant.roles.contains(&role)).map(|(member, _)| *member).collect())
        }
        _ => Err(Refusal::out_of_range()),
    }
}

fn change(call: &mut Call<'_>, change: Change) -> Result<Element, Refusal> {
    call.demand(Rights::MANAGE_PERMISSIONS)?;
    let mask: i32 = call.text("permissionMask").parse().map_err(|_| Refusal::out_of_range())?;
    let object = object(call)?;
    let members = members(call, true)?;
    for member in members {
        let grants = grants_of(call, object)?;
        let grant = grants.entry(member).or_default();
        match change {
            Change::Add => grant.add(&Grant::of_mask(mask)),
            Change::Replace => *grant = Grant::of_mask(mask),
        }
        if object.is_some() {
            admit(call, member);
        }
    }
    Ok(call.response())
}

fn remove_permission(call: &mut Call<'_>) -> Result<Element, Refusal> {
    call.demand(Rights::MANAGE_PERMISSIONS)?;
    let object = object(call)?;
    let members = members(call, false)?;
    for member in members {
        grants_of(call, object)?.remove(&member);
    }
    Ok(call.response())
}

/// A list that had its web's permissions gets a copy of its own before the first change (from memory: this service
/// breaks the inheritance by itself). A web that inherits stays as it is.
fn grants_of<'c>(call: &'c mut Call<'_>, object: Option<Uuid>) -> Result<&'c mut Grants, Refusal> {
    match object {
        None => own_grants(call),
        Some(list) => {
            let inherited = call.collection.grants(&call.around.web);
            Ok(own_list_grants(call.list_mut(list)?, inherited))
        }
    }
}

/// Who has something on a list is let into the web as far as the list needs it.
fn admit(call: &mut Call<'_>, member: u32) {
    if let Ok(grants) = own_grants(call) {
        grants.entry(member).or_insert_with(|| Grant::of(Role::LimitedAccess));
    }
}

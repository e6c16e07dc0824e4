//! The messages that CrmService executes (contract §6).

use domain::{CrmId, Timestamp};
use soap::Element;

use super::{
    expression,
    fault::Refusal,
    organisation::{Fields, Organisation},
    query,
    schema::Entity,
    security::{Caller, Principal, Right, Rights, read_rights, write_rights},
    service,
    wire::{self, ns},
};

/// Executes one message and returns its `Response` element.
pub(crate) fn execute(
    organisation: &mut Organisation,
    caller: &Caller,
    request: &Element,
    now: Timestamp,
) -> Result<Element, Refusal> {
    let kind = request.required_kind()?;
    let message = kind.strip_suffix("Request").unwrap_or(kind);
    let response =
        Element::new(ns::WEB_SERVICES, "Response").with_kind(ns::WEB_SERVICES, &format!("{message}Response"));
    let dynamic = request.attribute("ReturnDynamicEntities").is_some_and(|flag| matches!(flag, "true" | "1"));
    Ok(match message {
        "WhoAmI" => response
            .with_value("UserId", caller.user)
            .with_value("BusinessUnitId", organisation.business_unit)
            .with_value("OrganizationId", organisation.id),
        "Create" => {
            let (entity, fields) = target_record(organisation, request.required("Target")?)?;
            response.with_value("id", organisation.create(caller, &entity.name, &fields, now)?)
        }
        "Update" => {
            let (entity, fields) = target_record(organisation, request.required("Target")?)?;
            organisation.update(caller, &entity.name, &fields, now)?;
            response
        }
        "Delete" => {
            let (entity, id) = target(organisation, request)?;
            organisation.delete(caller, &entity.name, id)?;
            response
        }
        "Retrieve" => {
            let (entity, id) = target(organisation, request)?;
            let columns = expression::columns(request.required("ColumnSet")?)?;
            let typed = (!dynamic).then_some((ns::ENTITIES, "BusinessEntity"));
            response.with(service::retrieve(organisation, caller, (&entity.name, id), &columns, typed)?)
        }
        "RetrieveMultiple" => {
            let query = expression::read(request.required("Query")?)?;
            let page = query::run(organisation, caller, &query, now)?;
            let list = Element::new(ns::ENTITIES, "BusinessEntityCollection");
            response.with(service::collection(organisation, &page, &query.columns, list, dynamic))
        }
        "SetStateDynamicEntity" => {
            let moniker = request.required("Entity")?;
            let (name, id) = (moniker.child_text("Name"), moniker.value("Id")?);
            let state = request.child_text("State");
            let status = request.optional_value("Status")?.unwrap_or(-1);
            organisation.set_state(caller, (name.trim(), id), (state.trim(), status), now)?;
            response
        }
        "Assign" => {
            let (entity, id) = target(organisation, request)?;
            let Principal::User(user) = principal(request.required("Assignee")?)? else {
                return Err(Refusal::invalid("A team cannot own a record."));
            };
            organisation.assign(caller, (&entity.name, id), user, now)?;
            response
        }
        "RetrievePrincipalAccess" => {
            let (entity, id) = target(organisation, request)?;
            organisation.require(caller, entity, id, Right::Read)?;
            let rights = organisation.rights(principal(request.required("Principal")?)?, &entity.name, id);
            response.with_value("AccessRights", write_rights(&rights))
        }
        "RetrieveSharedPrincipalsAndAccess" => {
            let (entity, id) = target(organisation, request)?;
            organisation.require(caller, entity, id, Right::Read)?;
            let shares = organisation.shares.get(&(entity.name.clone(), id)).into_iter().flatten();
            let list = Element::new(ns::WEB_SERVICES, "PrincipalAccesses").with_all(shares.map(principal_access));
            response.with(list)
        }
        "RetrieveUserPrivileges" => {
            let user = organisation.caller(request.value("UserId")?)?;
            let privilege = |(id, depth): (CrmId, &str)| {
                Element::new(ns::OLD_CORE_TYPES, "RolePrivilege")
                    .with(Element::new(ns::OLD_CORE_TYPES, "Depth").with_text(depth))
                    .with(Element::new(ns::OLD_CORE_TYPES, "PrivilegeId").with_text(id.to_string()))
            };
            let all = organisation.privileges(&user).into_iter().map(privilege);
            response.with(Element::new(ns::WEB_SERVICES, "RolePrivileges").with_all(all))
        }
        "GrantAccess" | "ModifyAccess" => {
            let (entity, id) = shareable(organisation, caller, request)?;
            let access = request.required("PrincipalAccess")?;
            let rights = read_rights(&access.child_text("AccessMask"))?;
            let principal = known(organisation, principal(access.required("Principal")?)?)?;
            organisation.share(&entity.name, id, principal, rights);
            response
        }
        "RevokeAccess" => {
            let (entity, id) = shareable(organisation, caller, request)?;
            organisation.share(&entity.name, id, principal(request.required("Revokee")?)?, Rights::new());
            response
        }
        other => return Err(Refusal::invalid(format!("The simulator does not execute '{other}'."))),
    })
}

/// The record in a `TargetCreateDynamic`, `TargetUpdateAccount` …: its one child is the record.
fn target_record(organisation: &Organisation, target: &Element) -> Result<(&'static Entity, Fields), Refusal> {
    let kind = target.required_kind()?;
    let record = target.children().next().ok_or_else(|| Refusal::invalid("The target is empty."))?;
    if kind.ends_with("Dynamic") {
        return wire::read_dynamic(record, &organisation.zone);
    }
    let named = record.local().to_ascii_lowercase();
    wire::read_record(&record.clone().with_kind(ns::WEB_SERVICES, &named), &organisation.zone)
}

/// The record that a `TargetRetrieveDynamic`, `TargetOwnedAccount` … names: by its element, or by its type.
fn target(organisation: &Organisation, request: &Element) -> Result<(&'static Entity, CrmId), Refusal> {
    let target = request.required("Target")?;
    let kind = target.required_kind()?;
    let name = match target.child("EntityName") {
        Some(name) => name.text().trim().to_owned(),
        None => ["TargetRetrieve", "TargetOwned", "TargetDelete"]
            .iter()
            .find_map(|prefix| kind.strip_prefix(prefix))
            .unwrap_or(kind)
            .to_ascii_lowercase(),
    };
    Ok((organisation.schema.entity(&name)?, target.value("EntityId")?))
}

fn shareable(
    organisation: &Organisation,
    caller: &Caller,
    request: &Element,
) -> Result<(&'static Entity, CrmId), Refusal> {
    let (entity, id) = target(organisation, request)?;
    organisation.require(caller, entity, id, Right::Share)?;
    if entity.owned { Ok((entity, id)) } else { Err(Refusal::invalid("Such records are not shared.")) }
}

fn principal(element: &Element) -> Result<Principal, Refusal> {
    let id = element.value("PrincipalId")?;
    match element.child_text("Type").trim() {
        "User" => Ok(Principal::User(id)),
        "Team" => Ok(Principal::Team(id)),
        _ => Err(Refusal::invalid("A principal is a User or a Team.")),
    }
}

fn known(organisation: &Organisation, principal: Principal) -> Result<Principal, Refusal> {
    let (entity, id) = match principal {
        Principal::User(id) => ("systemuser", id),
        Principal::Team(id) => ("team", id),
    };
    organisation.record(entity, id).map(|_| principal).ok_or_else(|| Refusal::not_found(entity, id))
}

fn principal_access((principal, rights): (&Principal, &Rights)) -> Element {
    let (id, kind) = match principal {
        Principal::User(id) => (id, "User"),
        Principal::Team(id) => (id, "Team"),
    };
    let principal =
        Element::new(ns::OLD_CORE_TYPES, "Principal").with_value("PrincipalId", id).with_value("Type", kind);
    let mask = Element::new(ns::OLD_CORE_TYPES, "AccessMask").with_text(write_rights(rights));
    Element::new(ns::WEB_SERVICES, "PrincipalAccess").with(principal).with(mask)
}

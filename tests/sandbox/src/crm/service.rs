//! CrmService: the seven operations. What is executed is in `execute`.

use bytes::Bytes;
use domain::{CrmId, Timestamp};
use http::Response;
use soap::{
    Element,
    server::{Reply, Request},
};

use super::{
    State, execute, expression,
    fault::{Refusal, to_response},
    fetch,
    organisation::Organisation,
    query::{self, Columns, Page},
    security::{Caller, Right},
    wire::{self, ns},
};
use crate::people::Role;

/// Answers one request. `cookie` is a ticket that came as a cookie instead (one real client does that, contract §3).
pub(crate) fn handle(state: &mut State, request: &Request, cookie: Option<&str>, now: Timestamp) -> Response<Bytes> {
    let version = request.envelope.version;
    match call(state, request, cookie, now) {
        Ok(body) => to_response(Reply::result(version, body)),
        Err(refusal) => refusal.to_response(version),
    }
}

fn call(state: &mut State, request: &Request, cookie: Option<&str>, now: Timestamp) -> Result<Element, Refusal> {
    let body = &request.envelope.body;
    let (name, caller) = authenticate(state, &request.envelope.headers, cookie, now)?;
    let organisation = state.organisation_mut(&name).ok_or_else(Refusal::expired_ticket)?;
    let zone = organisation.zone.clone();
    let response = Element::new(ns::WEB_SERVICES, &format!("{}Response", body.local()));
    Ok(match body.local() {
        "Create" => {
            let (entity, fields) = wire::read_record(body.required("entity")?, &zone)?;
            // Guids that are results carry no braces (contract §5).
            response.with_value("CreateResult", organisation.create(&caller, &entity.name, &fields, now)?)
        }
        "Update" => {
            let (entity, fields) = wire::read_record(body.required("entity")?, &zone)?;
            organisation.update(&caller, &entity.name, &fields, now)?;
            response
        }
        "Delete" => {
            let (name, id) = (body.child_text("entityName"), body.value("id")?);
            organisation.delete(&caller, name.trim(), id)?;
            response
        }
        "Retrieve" => {
            let (name, id) = (body.child_text("entityName"), body.value("id")?);
            let columns = expression::columns(body.required("columnSet")?)?;
            let wanted = (ns::WEB_SERVICES, "RetrieveResult");
            response.with(retrieve(organisation, &caller, (name.trim(), id), &columns, Some(wanted))?)
        }
        "RetrieveMultiple" => {
            let query = expression::read(body.required("query")?)?;
            let page = query::run(organisation, &caller, &query, now)?;
            let result = Element::new(ns::WEB_SERVICES, "RetrieveMultipleResult");
            response.with(collection(organisation, &page, &query.columns, result, false))
        }
        "Fetch" => {
            let result = fetch::run(organisation, &caller, &body.child_text("fetchXml"), now)?;
            response.with(Element::new(ns::WEB_SERVICES, "FetchResult").with_text(result))
        }
        "Execute" => response.with(execute::execute(organisation, &caller, body.required("Request")?, now)?),
        other => return Err(Refusal::invalid(format!("CrmService has no operation '{other}'."))),
    })
}

/// One record; typed under the name that is wanted, or dynamic.
pub(crate) fn retrieve(
    organisation: &Organisation,
    caller: &Caller,
    (entity, id): (&str, CrmId),
    columns: &Columns,
    typed: Option<(&str, &str)>,
) -> Result<Element, Refusal> {
    let schema = organisation.schema.entity(entity)?;
    if let Columns::Some(names) = columns {
        names.iter().try_for_each(|name| schema.attribute(name).map(drop))?;
    }
    organisation.require(caller, schema, id, Right::Read)?;
    let record = organisation.record(&schema.name, id).ok_or_else(|| Refusal::not_found(entity, id))?;
    Ok(match typed {
        Some(name) => wire::typed(organisation, schema, record, columns, name),
        None => wire::dynamic(organisation, schema, record, columns),
    })
}

/// A page of records in the element given.
pub(crate) fn collection(
    organisation: &Organisation,
    page: &Page<'_>,
    columns: &Columns,
    element: Element,
    dynamic: bool,
) -> Element {
    let typed_name = (ns::ENTITIES, "BusinessEntity");
    let entities = page.rows.iter().map(|row| {
        if dynamic {
            wire::dynamic(organisation, page.entity, row.record, columns)
        } else {
            wire::typed(organisation, page.entity, row.record, columns, typed_name)
        }
    });
    element
        .with_attribute("EntityName", &*page.entity.name)
        .with_attribute("MoreRecords", page.more.to_string())
        .with_attribute("PagingCookie", &*page.cookie)
        .with(Element::new(ns::ENTITIES, "BusinessEntities").with_all(entities))
}

/// The organisation and the user that a call acts as: the ticket's, or the one it names if the ticket's may do that.
fn authenticate(
    state: &State,
    headers: &[Element],
    cookie: Option<&str>,
    now: Timestamp,
) -> Result<(String, Caller), Refusal> {
    let token = headers.iter().find(|header| header.is((ns::WEB_SERVICES, "CrmAuthenticationToken")));
    let token = token.ok_or_else(Refusal::expired_ticket)?;
    let text = |name: &str| token.child_text((ns::CORE_TYPES, name)).trim().to_owned();
    let organisation = state.organisation(&text("OrganizationName")).ok_or_else(Refusal::expired_ticket)?;
    // What a ticket of the other kind of organisation is here is not known; a client of the wrong kind signs in anew.
    if text("AuthenticationType") != organisation.sign_in.authentication_type() {
        return Err(Refusal::expired_ticket());
    }
    let in_header = text("CrmTicket");
    let ticket = if in_header.is_empty() { cookie.unwrap_or_default() } else { &in_header };
    let user = state.tickets.user(ticket, &organisation.name, now)?;
    let caller = organisation.caller(user)?;
    let named: Option<CrmId> = token.optional_value((ns::CORE_TYPES, "CallerId"))?;
    let caller = match named.filter(|id| !id.uuid().is_nil() && *id != user) {
        None => caller,
        Some(other) if caller.role == Role::Integration => organisation.caller(other)?,
        Some(_) => return Err(Refusal::denied()),
    };
    Ok((organisation.name.clone(), caller))
}

//! The discovery service of an IFD deployment (`/SPLA/`): which organisations there are, and tickets for them.

use bytes::Bytes;
use domain::Timestamp;
use http::Response;
use soap::{
    Element,
    server::{Reply, Request},
};

use super::{
    State,
    fault::{Refusal, to_response},
    organisation::Organisation,
    sign_in,
    wire::ns::DISCOVERY,
};

/// Answers one request.
pub(crate) fn handle(state: &mut State, request: &Request, now: Timestamp) -> Response<Bytes> {
    let version = request.envelope.version;
    match execute(state, &request.envelope.body, now) {
        Ok(response) => to_response(Reply::result(version, Element::new(DISCOVERY, "ExecuteResponse").with(response))),
        Err(refusal) => refusal.to_response(version),
    }
}

fn execute(state: &mut State, body: &Element, now: Timestamp) -> Result<Element, Refusal> {
    let request = body.required("Request")?;
    let text = |name: &str| request.child_text(name).trim().to_owned();
    let (login, password) = (text("UserId"), text("Password"));
    let response = |kind: &str| Element::new(DISCOVERY, "Response").with_kind(DISCOVERY, kind);
    match request.required_kind()? {
        "RetrieveOrganizationsRequest" => {
            let mine = state.organisations().filter(|org| sign_in::check(org, &login, &password).is_ok());
            let details: Vec<_> = mine.map(|org| detail(state, org)).collect();
            if details.is_empty() {
                return Err(Refusal::new("0x80048405", "Access is denied."));
            }
            let list = Element::new(DISCOVERY, "OrganizationDetails").with_all(details);
            Ok(response("RetrieveOrganizationsResponse").with(list))
        }
        "RetrieveCrmTicketRequest" => {
            let name = text("OrganizationName");
            let organisation =
                state.organisation(&name).ok_or_else(|| Refusal::new("0x80048405", "Access is denied."))?;
            let user = sign_in::check(organisation, &login, &password)?;
            let (name, details) = (organisation.name.clone(), detail(state, organisation));
            let (ticket, expires) = state.tickets.issue(&name, user, now);
            Ok(response("RetrieveCrmTicketResponse")
                .with_value("CrmTicket", ticket)
                .with(details)
                // A string in the culture of the server (contract §3).
                .with_value("ExpirationDate", expires.strftime("%m/%d/%Y %H:%M:%S")))
        }
        other => Err(Refusal::invalid(format!("'{other}' is not offered for this kind of sign-in."))),
    }
}

fn detail(state: &State, organisation: &Organisation) -> Element {
    let base = &state.addresses.crm;
    Element::new(DISCOVERY, "OrganizationDetail")
        .with_value("OrganizationId", organisation.id)
        .with_value("OrganizationName", &organisation.name)
        .with_value("FriendlyName", &organisation.friendly_name)
        .with_value("CrmMetadataServiceUrl", format_args!("{base}/MSCRMServices/2007/MetadataService.asmx"))
        .with_value("CrmServiceUrl", format_args!("{base}/MSCRMServices/2007/CrmService.asmx"))
        .with_value("WebApplicationUrl", format_args!("{base}/{}/", organisation.name))
}

//! The discovery services: which organisations there are, and tickets for them. `/SPLA/` knows the organisations of an
//! internet-facing deployment, by name and password; `/Passport/` those of CRM Online, by a ticket of Live ID.

use bytes::Bytes;
use domain::{CrmId, Timestamp};
use http::Response;
use soap::{
    Element,
    server::{Reply, Request},
};

use super::{
    State,
    fault::{Refusal, to_response},
    organisation::Organisation,
    sign_in::{self, SignIn},
    wire::ns::DISCOVERY,
};
use crate::live_id::passport::POLICY;

/// Answers one request to the service for organisations of this kind.
pub(crate) fn handle(state: &mut State, kind: SignIn, request: &Request, now: Timestamp) -> Response<Bytes> {
    let version = request.envelope.version;
    match execute(state, kind, &request.envelope.body, now) {
        Ok(response) => to_response(Reply::result(version, Element::new(DISCOVERY, "ExecuteResponse").with(response))),
        Err(refusal) => refusal.to_response(version),
    }
}

fn execute(state: &mut State, kind: SignIn, body: &Element, now: Timestamp) -> Result<Element, Refusal> {
    let request = body.required("Request")?;
    let text = |name: &str| request.child_text(name).trim().to_owned();
    let response = |kind: &str| Element::new(DISCOVERY, "Response").with_kind(DISCOVERY, kind);
    match (request.required_kind()?, kind) {
        ("RetrievePolicyRequest", SignIn::LiveId) => {
            Ok(response("RetrievePolicyResponse").with_value("Policy", POLICY))
        }
        ("RetrieveOrganizationsRequest", _) => {
            let known = state.organisations().filter(|org| org.sign_in == kind);
            let asked: Vec<_> = known.map(|org| (org, check(org, request, now))).collect();
            // A ticket that is none is said to be so; that nobody knows the person is the same everywhere.
            let refusal =
                asked.iter().find_map(|(_, user)| user.as_ref().err().filter(|it| it.code != DENIED)).cloned();
            let details: Vec<_> =
                asked.iter().filter(|(_, user)| user.is_ok()).map(|(org, _)| detail(state, org)).collect();
            if details.is_empty() {
                return Err(refusal.filter(|_| kind == SignIn::LiveId).unwrap_or_else(denied));
            }
            let list = Element::new(DISCOVERY, "OrganizationDetails").with_all(details);
            Ok(response("RetrieveOrganizationsResponse").with(list))
        }
        ("RetrieveCrmTicketRequest", _) => {
            let organisation = state.organisation(&text("OrganizationName")).filter(|org| org.sign_in == kind);
            let organisation = organisation.ok_or_else(denied)?;
            let user = check(organisation, request, now)?;
            let (name, details) = (organisation.name.clone(), detail(state, organisation));
            let (ticket, expires) = state.tickets.issue(&name, user, now);
            Ok(response("RetrieveCrmTicketResponse")
                .with_value("CrmTicket", ticket)
                .with(details)
                // A string in the culture of the server (contract §3).
                .with_value("ExpirationDate", expires.strftime("%m/%d/%Y %H:%M:%S")))
        }
        (other, _) => Err(Refusal::invalid(format!("'{other}' is not offered for this kind of sign-in."))),
    }
}

const DENIED: &str = "0x80048405";

fn denied() -> Refusal {
    Refusal::new(DENIED, "Access is denied.")
}

/// The user who asks an organisation, in the way of its kind.
fn check(organisation: &Organisation, request: &Element, now: Timestamp) -> Result<CrmId, Refusal> {
    let text = |name: &str| request.child_text(name).trim().to_owned();
    match organisation.sign_in {
        SignIn::Ifd => sign_in::check(organisation, &text("UserId"), &text("Password")),
        SignIn::LiveId => sign_in::check_passport(organisation, &text("PassportTicket"), now),
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

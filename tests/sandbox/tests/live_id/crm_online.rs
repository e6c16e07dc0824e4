//! CRM Online: what its discovery service says, and which proofs it takes.

use bytes::Bytes;
use http::Response;
use sandbox::{Sandbox, Service};
use soap::{Element, Envelope, Limits};

use crate::{MEMBER, PASSWORD, Rst, ask, post, sandbox, ticket, token};

pub(crate) const PASSPORT: &str = "/MSCRMServices/2007/Passport/CrmDiscoveryService.asmx";
const SPLA: &str = "/MSCRMServices/2007/SPLA/CrmDiscoveryService.asmx";
const DISCOVERY: &str = "http://schemas.microsoft.com/crm/2007/CrmDiscoveryService";

/// The response of discovery, or the code of its fault.
fn discover(sandbox: &Sandbox, path: &str, kind: &str, parts: &[(&str, &str)]) -> Result<Element, String> {
    let request = Element::new(DISCOVERY, "Request").with_kind(DISCOVERY, kind);
    let request = parts.iter().fold(request, |request, (name, text)| request.with_value(name, text));
    let body = Element::new(DISCOVERY, "Execute").with(request);
    let envelope = Envelope::new(soap::SoapVersion::V11, body).to_bytes().expect("a message");
    let body = String::from_utf8(envelope).expect("text");
    answered(&post(sandbox, Service::Crm, path, "text/xml; charset=utf-8", &body))
        .map(|body| body.required("Response").expect("a response").clone())
}

pub(crate) fn answered(response: &Response<Bytes>) -> Result<Element, String> {
    let body = Envelope::parse(response.body(), Limits::default()).expect("an envelope").into_body();
    body.map_err(|fault| fault.detail_text("code").expect("a code"))
}

pub(crate) fn crm_ticket(sandbox: &Sandbox, organization: &str, passport: &str) -> Result<String, String> {
    let parts = [("OrganizationName", organization), ("PassportTicket", passport)];
    discover(sandbox, PASSPORT, "RetrieveCrmTicketRequest", &parts).map(|found| found.child_text("CrmTicket"))
}

pub(crate) fn who_am_i(sandbox: &Sandbox, organization: &str, kind: &str, ticket: &str) -> Result<(), String> {
    let ticket = ticket.replace('&', "&amp;");
    let body = format!(
        r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header><CrmAuthenticationToken xmlns="http://schemas.microsoft.com/crm/2007/WebServices"><AuthenticationType xmlns="http://schemas.microsoft.com/crm/2007/CoreTypes">{kind}</AuthenticationType><CrmTicket xmlns="http://schemas.microsoft.com/crm/2007/CoreTypes">{ticket}</CrmTicket><OrganizationName xmlns="http://schemas.microsoft.com/crm/2007/CoreTypes">{organization}</OrganizationName></CrmAuthenticationToken></s:Header><s:Body><Execute xmlns="http://schemas.microsoft.com/crm/2007/WebServices"><Request xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="WhoAmIRequest"/></Execute></s:Body></s:Envelope>"#
    );
    let path = "/MSCRMServices/2007/CrmService.asmx";
    answered(&post(sandbox, Service::Crm, path, "application/soap+xml", &body)).map(drop)
}

/// Contract §3: the policy is asked for first, without any proof.
#[test]
fn crm_online_names_its_policy_and_its_organisations() {
    let sandbox = sandbox();
    let policy = discover(&sandbox, PASSPORT, "RetrievePolicyRequest", &[]).expect("a policy");
    assert_eq!(policy.child_text("Policy"), "MBI_SSL");
    let ticket = ticket(&sandbox);
    let found = discover(&sandbox, PASSPORT, "RetrieveOrganizationsRequest", &[("PassportTicket", &ticket)]);
    let found = found.expect("organisations").required("OrganizationDetails").expect("a list").clone();
    let names: Vec<_> = found.children().map(|it| it.child_text("OrganizationName")).collect();
    assert_eq!(names, ["lakeside"]);
}

/// Each of the two discovery services knows its own organisations only, and takes its own proof only.
#[test]
fn an_organisation_is_either_on_premise_or_online() {
    let sandbox = sandbox();
    let ticket = ticket(&sandbox);
    let denied = Err("0x80048405".to_owned());
    let invalid = Err("0x80040203".to_owned());
    let crm_ticket_of = |path: &str, organization: &str, proof: &[(&str, &str)]| {
        let parts: Vec<_> = [("OrganizationName", organization)].iter().chain(proof).copied().collect();
        discover(&sandbox, path, "RetrieveCrmTicketRequest", &parts).map(|found| found.child_text("CrmTicket"))
    };
    let harbour = [("UserId", r"HARBOUR\tieline"), ("Password", "sandbox-harbour-1")];
    let lakeside = [("UserId", MEMBER), ("Password", PASSWORD)];
    let passport = [("PassportTicket", &*ticket)];
    assert_eq!(crm_ticket_of(PASSPORT, "harbour", &passport), denied);
    assert_eq!(crm_ticket_of(PASSPORT, "harbour", &harbour), denied);
    assert_eq!(crm_ticket_of(SPLA, "lakeside", &passport), denied);
    assert_eq!(crm_ticket_of(SPLA, "lakeside", &lakeside), denied);
    assert_eq!(crm_ticket_of(PASSPORT, "lakeside", &lakeside), Err("0x8004A100".to_owned()));
    assert_eq!(discover(&sandbox, SPLA, "RetrievePolicyRequest", &[]).map(drop), invalid);
    let list = |path, proof: &[_]| discover(&sandbox, path, "RetrieveOrganizationsRequest", proof).map(drop);
    assert_eq!((list(SPLA, &lakeside), list(SPLA, &passport)), (denied.clone().map(drop), denied.map(drop)));
    assert_eq!(list(PASSPORT, &harbour), Err("0x8004A100".to_owned()));

    let (here, there) = (
        crm_ticket_of(SPLA, "harbour", &harbour).expect("one"),
        crm_ticket(&sandbox, "lakeside", &ticket).expect("one"),
    );
    let expired = Err("0x8004A101".to_owned());
    assert_eq!(
        (who_am_i(&sandbox, "harbour", "2", &here), who_am_i(&sandbox, "lakeside", "1", &there)),
        (Ok(()), Ok(()))
    );
    for (organization, kind, ticket) in [
        ("harbour", "1", &here),
        ("lakeside", "2", &there),
        ("lakeside", "", &there),
        ("lakeside", "1", &here),
        ("harbour", "2", &there),
        ("lakeside", "1", &ticket),
    ] {
        assert_eq!(who_am_i(&sandbox, organization, kind, ticket), expired, "{organization} {kind}");
    }
}

#[test]
fn crm_online_refuses_each_bad_ticket_with_its_own_code() {
    let sandbox = sandbox();
    let good = ticket(&sandbox);
    let altered = good.replacen("t=ey", "t=ez", 1);
    for (ticket, code) in
        [("", "0x8004A100"), ("t=&p=", "0x8004A105"), ("nonsense", "0x8004A105"), (&*altered, "0x8004A105")]
    {
        assert_eq!(crm_ticket(&sandbox, "lakeside", ticket), Err(code.to_owned()), "{ticket}");
        let listed = discover(&sandbox, PASSPORT, "RetrieveOrganizationsRequest", &[("PassportTicket", ticket)]);
        assert_eq!(listed.map(drop), Err(code.to_owned()), "{ticket}");
    }
    let disabled = Rst { name: "rosa.diaz@lakeside.example".to_owned(), ..Rst::of_user(String::new()) };
    let disabled = token(&ask(&sandbox, &disabled.to_xml()).expect("Live ID knows nothing of it")).text();
    assert_eq!(crm_ticket(&sandbox, "lakeside", &disabled), Err("0x80040225".to_owned()));
}

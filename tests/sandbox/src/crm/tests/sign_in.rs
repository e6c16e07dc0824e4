use domain::SignedDuration;
use soap::{Element, Envelope, SoapVersion};

use super::{DISCOVERY_PATH, Desk, SERVICE_PATH};
use crate::crm::{operation, seed, wire::ns};

#[test]
fn a_ticket_opens_the_service_in_both_versions_of_soap() {
    for version in [SoapVersion::V11, SoapVersion::V12] {
        let mut desk = Desk::harbour();
        desk.version = version;
        let me = desk.execute("WhoAmIRequest", []).expect("an answer");
        assert_eq!(me.value("UserId"), Ok(seed::user(1)));
    }
}

#[test]
fn a_ticket_expires_after_four_hours_and_a_new_one_opens_again() {
    let mut desk = Desk::harbour();
    desk.advance(SignedDuration::from_hours(4) - SignedDuration::from_secs(1));
    assert!(desk.execute("WhoAmIRequest", []).is_ok());
    desk.advance(SignedDuration::from_secs(1));
    assert_eq!(desk.execute("WhoAmIRequest", []), Err("0x8004A101".to_owned()));
    desk.ticket = desk.sign_in(r"harbour\TIELINE", "sandbox-harbour-1").expect("a ticket");
    assert!(desk.execute("WhoAmIRequest", []).is_ok());
    desk.state.expire_tickets();
    assert_eq!(desk.execute("WhoAmIRequest", []), Err("0x8004A101".to_owned()));
}

/// ST-39: the ticket of one organisation says nothing in the other.
#[test]
fn a_ticket_of_another_organisation_is_refused() {
    let mut desk = Desk::harbour();
    desk.organisation = "northwind".to_owned();
    assert_eq!(desk.execute("WhoAmIRequest", []), Err("0x8004A101".to_owned()));
    desk.organisation = "nowhere".to_owned();
    assert_eq!(desk.execute("WhoAmIRequest", []), Err("0x8004A101".to_owned()));
}

#[test]
fn a_ticket_may_come_as_a_cookie() {
    let mut desk = Desk::harbour();
    let ticket = std::mem::take(&mut desk.ticket);
    let body = Element::new(ns::WEB_SERVICES, "Execute")
        .with(Element::new(ns::WEB_SERVICES, "Request").with_kind(ns::WEB_SERVICES, "WhoAmIRequest"));
    let envelope = Envelope::new(SoapVersion::V11, body).with_header(desk.header());
    let request = |cookie: &str| {
        let bytes = envelope.to_bytes().expect("a message");
        let request = http::Request::post(SERVICE_PATH.to_uppercase()).header("cookie", cookie);
        request.header("content-type", "text/xml").body(bytes.into()).expect("a request")
    };
    let with_cookie = request(&format!("other=1; MSCRMSession=ticket={ticket}"));
    assert_eq!(operation(&with_cookie), "WhoAmI");
    assert_eq!(crate::crm::handle(&mut desk.state, &with_cookie, desk.now).status(), 200);
    assert_eq!(crate::crm::handle(&mut desk.state, &request("MSCRMSession=none"), desk.now).status(), 500);
}

#[test]
fn wrong_passwords_strangers_and_disabled_users_get_no_ticket() {
    let mut desk = Desk::harbour();
    for (login, password) in
        [(r"HARBOUR\tieline", "sandbox-harbour-2"), (r"NORTHWIND\tieline", "sandbox-northwind-1"), ("", "")]
    {
        assert_eq!(desk.sign_in(login, password), Err("0x80048405".to_owned()), "{login}");
    }
    assert_eq!(desk.sign_in(r"HARBOUR\greta.holm", "sandbox-harbour-1"), Err("0x80040225".to_owned()));
}

#[test]
fn discovery_lists_the_organisations_of_a_person() {
    let mut desk = Desk::at("northwind");
    let request = Element::new(ns::DISCOVERY, "Request")
        .with_kind(ns::DISCOVERY, "RetrieveOrganizationsRequest")
        .with_value("UserId", r"NORTHWIND\adam.able")
        .with_value("Password", "sandbox-northwind-1");
    let body = Element::new(ns::DISCOVERY, "Execute").with(request);
    let reply = desk.send(DISCOVERY_PATH, &Envelope::new(SoapVersion::V11, body)).expect("an answer");
    let details = reply.child("Response").and_then(|response| response.child("OrganizationDetails"));
    let details = details.expect("a list").clone();
    assert_eq!(details.children().count(), 1);
    let only = details.required("OrganizationDetail").expect("one");
    assert_eq!(only.child_text("OrganizationName"), "northwind");
    assert_eq!(only.child_text("CrmServiceUrl"), "http://crm.test/MSCRMServices/2007/CrmService.asmx");
}

#[test]
fn what_is_no_message_is_answered_by_a_fault() {
    let mut desk = Desk::harbour();
    for body in ["", "<a>", "<!DOCTYPE a><a/>", "<a/>"] {
        let request = http::Request::post(SERVICE_PATH).body(bytes::Bytes::from(body)).expect("a request");
        let response = crate::crm::handle(&mut desk.state, &request, desk.now);
        assert_eq!(response.status(), 500);
        assert!(super::outcome(&response).is_err());
        assert_eq!(operation(&request), "unreadable");
    }
    let body = Element::new(ns::WEB_SERVICES, "Vanish");
    assert_eq!(desk.call(body), Err("0x80040203".to_owned()));
}

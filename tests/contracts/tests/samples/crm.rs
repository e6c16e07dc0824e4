//! Samples of CRM 4.0: requests, replies and faults of `CrmService` and discovery.

mod answers;

use std::fs;

use bytes::Bytes;
use contracts::{Office, differences, folder, text};
use http::{Response, StatusCode};
use sandbox::crm::seed;
use soap::{Element, Envelope, Limits};

use self::answers::our_answer;
use crate::{Allowed, Use, each_is_of_a_sample, hold, inventory};

const FOLDER: &str = "dynamics/samples/crm4";
const SERVICE: &str = "/MSCrmServices/2007/CrmService.asmx";
const DISCOVERY: &str = "/MSCRMServices/2007/SPLA/CrmDiscoveryService.asmx";

/// What is told apart by an attribute.
const KEYS: &[(&str, &str)] = &[("Property", "Name")];

const CASE: &str = "the samples write keys in upper and in lower case: what a client reads must not depend on it";

const ALLOWED: &[Allowed] = &[
    (
        "Execute-Retrieve-dynamic.response.xml",
        "ExecuteResponse/Response/BusinessEntity/Properties/Property[Name=accountid]/Value: is {GUID}, theirs {guid}",
        CASE,
    ),
    (
        "Execute-Retrieve-dynamic.response.xml",
        "ExecuteResponse/Response/BusinessEntity/Properties/Property[Name=ownerid]/Value: is {GUID}, theirs {guid}",
        CASE,
    ),
    (
        "Execute-RetrieveMultiple-dynamic.response.xml",
        "ExecuteResponse/Response/BusinessEntityCollection/BusinessEntities/BusinessEntity/Properties/\
         Property[Name=accountid]/Value: is {GUID}, theirs {guid}",
        CASE,
    ),
    (
        "Execute-RetrieveMultiple-dynamic.response.xml",
        "ExecuteResponse/Response/BusinessEntityCollection/BusinessEntities/BusinessEntity/Properties/\
         Property[Name=ownerid]/Value: is {GUID}, theirs {guid}",
        CASE,
    ),
    (
        "Fetch-page1.response.xml",
        "FetchResponse/FetchResult/text:resultset/result/ownerid: is {GUID}, theirs {guid}",
        CASE,
    ),
    ("Fetch-resultset.payload.xml", "resultset/result/ownerid: is {GUID}, theirs {guid}", CASE),
    (
        "Retrieve-account-typed.response.xml",
        "RetrieveResponse/RetrieveResult/accountid: is {GUID}, theirs {guid}",
        CASE,
    ),
    ("Retrieve-account-typed.response.xml", "RetrieveResponse/RetrieveResult/ownerid: is {GUID}, theirs {guid}", CASE),
    (
        "Retrieve-account-typed.response.xml",
        "RetrieveResponse/RetrieveResult/primarycontactid: is {GUID}, theirs {guid}",
        CASE,
    ),
];

fn sample(file: &str) -> String {
    fs::read_to_string(folder(FOLDER).expect("asked for only where it is").join(file)).expect("a sample")
}

fn body(bytes: &[u8]) -> Element {
    Envelope::parse(bytes, Limits::default()).expect("an envelope").body
}

/// An office with two contacts, and an account that has a value in every column that the samples show.
fn office() -> Office {
    let mut office = Office::default();
    for (first, mail) in [("Adam", "adam@example.test"), ("Zed", "zed@example.test")] {
        let contact = format!(
            "<fullname>{first} Able</fullname><emailaddress1>{mail}</emailaddress1><donotbulkemail>0</donotbulkemail>"
        );
        let made = typed(&mut office, "Create", "contact", &contact);
        assert_eq!(made.status(), StatusCode::OK, "{}", text(&made));
    }
    let contact = body(typed(&mut office, "Create", "contact", "<fullname>Yvonne McKay</fullname>").body());
    let account = format!(
        "<accountid>{}</accountid><creditlimit>25000.00</creditlimit><donotbulkemail>false</donotbulkemail>\
         <industrycode>7</industrycode><numberofemployees>95</numberofemployees>\
         <primarycontactid type=\"contact\">{}</primarycontactid>",
        seed::account(1),
        contact.child_text("CreateResult"),
    );
    let done = typed(&mut office, "Update", "account", &account);
    assert_eq!(done.status(), StatusCode::OK, "{}", text(&done));
    office
}

/// Creates or updates a typed record.
fn typed(office: &mut Office, operation: &str, entity: &str, values: &str) -> Response<Bytes> {
    send(office, &format!(r#"<{operation}><entity xsi:type="{entity}">{values}</entity></{operation}>"#))
}

/// Sends an operation to `CrmService`, written as XML without namespaces.
fn send(office: &mut Office, operation: &str) -> Response<Bytes> {
    let name = operation.split(['<', '>', '/', ' ']).nth(1).expect("an element");
    let operation = operation.replacen(
        &format!("<{name}"),
        &format!("<{name} xmlns=\"http://schemas.microsoft.com/crm/2007/WebServices\""),
        1,
    );
    let core = "xmlns=\"http://schemas.microsoft.com/crm/2007/CoreTypes\"";
    let message = format!(
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soap:Header>\
         <CrmAuthenticationToken xmlns=\"http://schemas.microsoft.com/crm/2007/WebServices\">\
         <AuthenticationType {core}>2</AuthenticationType><CrmTicket {core}>{}</CrmTicket>\
         <OrganizationName {core}>harbour</OrganizationName></CrmAuthenticationToken></soap:Header>\
         <soap:Body>{operation}</soap:Body></soap:Envelope>",
        office.ticket
    );
    office.post(SERVICE, message)
}

/// Sends an `Execute` with a request of this kind.
fn execute(office: &mut Office, kind: &str, parts: &str) -> Response<Bytes> {
    let request = format!(r#"<Request xsi:type="{kind}Request"><OptionalParameters/>{parts}</Request>"#);
    send(office, &format!("<Execute>{request}</Execute>"))
}

/// A sample's message, said of ours: our organisation, our account, our ticket.
fn of_ours(office: &Office, message: &str) -> String {
    let (login, password) = Office::credentials();
    let core = "xmlns=\"http://schemas.microsoft.com/crm/2007/CoreTypes\"";
    let integrated = format!("<AuthenticationType {core}>0</AuthenticationType>");
    // With Windows' own sign-in there is no ticket; ours signs in by form.
    let ticket =
        format!("<AuthenticationType {core}>2</AuthenticationType><CrmTicket {core}>{}</CrmTicket>", office.ticket);
    let type_of = |number: u8| format!("=\"http://schemas.microsoft.com/crm/2007/CoreTypes\">{number}</");
    message
        // Most samples are of CRM Online; what they ask is the same.
        .replace(&format!("{}AuthenticationType>", type_of(1)), &format!("{}AuthenticationType>", type_of(2)))
        .replace(&format!("{}ns1:AuthenticationType>", type_of(1)), &format!("{}ns1:AuthenticationType>", type_of(2)))
        .replace(&integrated, &ticket)
        .replace("TICKET+BASE64==", &office.ticket)
        .replace("contoso", "harbour")
        .replace(r"CONTOSO\integration", login)
        .replace("<Password>secret<", &format!("<Password>{password}<"))
        .replace(" type=\"contact\">8d0f1b6e-6a3a-df11-9a6d-00155d0a0b01<", " type=\"contact\" IsNull=\"true\"><")
        .replace(
            " type=\"systemuser\">8d0f1b6e-6a3a-df11-9a6d-00155d0a0b01<",
            &format!(" type=\"systemuser\">{}<", seed::user(1)),
        )
        .replace("8d0f1b6e-6a3a-df11-9a6d-00155d0a0b01", &seed::account(1).to_string())
}

fn post_sample(office: &mut Office, file: &str) -> Response<Bytes> {
    let message = of_ours(office, &sample(file));
    office.post(if file.starts_with("discovery") { DISCOVERY } else { SERVICE }, message)
}

fn check(name: &str, meant: Use, answer: &Response<Bytes>) {
    let said = text(answer);
    match meant {
        Use::CarriedOut => assert_eq!(answer.status(), StatusCode::OK, "{name}: {said}"),
        Use::Refused(code, _) | Use::Lacking(code) => {
            assert!(answer.status() == 500 && said.contains(code), "{name}: {said}");
        }
        Use::SameShape | Use::Unused(_) => panic!("{name} is a request"),
    }
}

/// FX-01: every request is carried out, or refused for the reason that the inventory gives.
#[test]
fn what_others_ask_of_crm_is_carried_out() {
    if folder(FOLDER).is_none() {
        return;
    }
    for (file, meant) in inventory::CRM {
        if file.ends_with(".request.xml") && !matches!(meant, Use::Unused(_)) {
            check(file, *meant, &post_sample(&mut office(), file));
        }
    }
}

/// Recorded from zeep, one after the other. Those to the Passport service are Live ID's.
#[test]
fn what_a_recorded_client_asks_is_carried_out() {
    if folder(FOLDER).is_none() {
        return;
    }
    let captured = sample("zeep-client-recorded-requests.txt");
    let mut answers = Vec::new();
    for part in captured.split("--- /").skip(1) {
        let (head, message) = part.split_once('\n').expect("a head and a body");
        if head.contains("/Passport/") {
            continue;
        }
        let mut office = office();
        let ticket = office.ticket.clone();
        let message = of_ours(&office, message).replace(">T</", &format!(">{ticket}</"));
        let answer = office.post(SERVICE, message);
        let envelope = Envelope::parse(answer.body(), Limits::default()).expect("an envelope");
        let operation =
            head.rsplit_once("WebServices/").and_then(|(_, rest)| rest.split('"').next()).expect("an action");
        let said = envelope.into_body().map_or_else(|fault| fault.detail_text("code"), |_| Some("done".to_owned()));
        answers.push(format!("{operation} {}", said.unwrap_or_default()));
    }
    assert_eq!(answers, ZEEP);
}

/// What the simulator says to zeep's ten calls: the entities of campaigns are not in its schema (0x80041102), their
/// messages are none that it executes, and a fetch of nothing is none (0x80040203).
const ZEEP: &[&str] = &[
    "Execute done",
    "Execute done",
    "Create 0x80041102",
    "Create done",
    "RetrieveMultiple done",
    "Fetch 0x80040203",
    "Retrieve done",
    "Execute 0x80040203",
    "Execute done",
    "Execute done",
];

#[test]
fn our_crms_replies_have_the_shape_of_the_samples() {
    if folder(FOLDER).is_none() {
        return;
    }
    let same: Vec<_> = inventory::CRM.iter().filter(|(_, meant)| *meant == Use::SameShape).map(|it| it.0).collect();
    each_is_of_a_sample(ALLOWED, &same);
    for file in same {
        if file.ends_with(".payload.xml") {
            continue;
        }
        let (theirs, ours) = (body(sample(file).as_bytes()), our_answer(&mut office(), file));
        let fault = file.starts_with("fault-");
        assert_eq!(ours.status(), if fault { 500 } else { 200 }, "{file}: {}", text(&ours));
        let ours = body(ours.body());
        if fault {
            let words = |fault: &Element| {
                let error = fault.child("detail").and_then(|detail| detail.child("error"));
                let parts = error.map(|error| ["code", "type"].map(|part| error.child_text(part)));
                (fault.child_text("faultcode"), fault.child_text("faultstring"), parts)
            };
            assert_eq!(words(&ours), words(&theirs), "{file}");
        }
        hold(file, &differences(&theirs, &ours, KEYS), ALLOWED);
    }
}

/// The sample payload is what is inside of the sample reply.
#[test]
fn a_fetch_result_is_a_document_in_a_text() {
    if folder(FOLDER).is_none() {
        return;
    }
    let inside =
        |reply: &Element| soap::parse(reply.child_text("FetchResult").as_bytes(), Limits::default()).expect("XML");
    let payload = soap::parse(sample("Fetch-resultset.payload.xml").as_bytes(), Limits::default()).expect("XML");
    let ours = body(our_answer(&mut office(), "Fetch-page1.response.xml").body());
    hold("Fetch-resultset.payload.xml", &differences(&payload, &inside(&ours), KEYS), ALLOWED);
}

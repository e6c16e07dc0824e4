//! Who gets a token.

use bytes::Bytes;
use domain::SignedDuration;
use http::Request;
use sandbox::{
    Fault, Outage, Sandbox, Service, Switch, Times,
    live_id::{DEVICE_LIFETIME, DEVICES, TICKET_LIFETIME, TOKENS},
};
use soap::Limits;

use crate::{MEMBER, Rst, add, ask, crm_online::crm_ticket, device_token, post, sandbox, ticket};

const EARLY: &str = "<wsu:Timestamp><wsu:Created>2010-06-17T09:05:01Z</wsu:Created><wsu:Expires>2010-06-17T09:15:00Z</wsu:Expires></wsu:Timestamp>";
const LATE: &str = "<wsu:Timestamp><wsu:Created>2010-06-17T08:00:00Z</wsu:Created><wsu:Expires>2010-06-17T08:54:59Z</wsu:Expires></wsu:Timestamp>";
const TURNED: &str = "<wsu:Timestamp><wsu:Created>2010-06-17T09:00:00Z</wsu:Created><wsu:Expires>2010-06-17T09:00:00Z</wsu:Expires></wsu:Timestamp>";
const NONE: &str = "<wsu:Timestamp><wsu:Created>now</wsu:Created></wsu:Timestamp>";
const SKEWED: &str = "<wsu:Timestamp><wsu:Created>2010-06-17T09:04:59Z</wsu:Created><wsu:Expires>2010-06-17T09:10:00Z</wsu:Expires></wsu:Timestamp>";

/// ST-41: one thing wrong, one fault with its own value.
#[test]
fn each_wrong_part_of_a_request_is_refused_with_its_own_code() {
    type Change = fn(&mut Rst);
    let cases: [(&str, Change, &str); 21] = [
        ("another password", |it| it.password = "wrong".to_owned(), "0x80048821"),
        ("nobody", |it| it.name = "nobody@lakeside.example".to_owned(), "0x80048821"),
        ("a person of a tenant on premise", |it| it.name = r"HARBOUR\tieline".to_owned(), "0x80048821"),
        ("no policy", |it| it.policy = None, "0x80048831"),
        ("another policy", |it| it.policy = Some("MBI_KEY"), "0x80048831"),
        ("a federated policy", |it| it.policy = Some("MBI_FED_SSL"), "0x80048831"),
        ("another partner", |it| it.applies_to = "crm.example.com", "0x8004882A"),
        ("no partner", |it| it.applies_to = "", "0x8004882A"),
        ("a device token's partner", |it| it.applies_to = "http://Passport.NET/tb", "0x8004882A"),
        ("another action", |it| it.action = "Renew", "0x80048833"),
        (
            "another type of token",
            |it| it.more = "<wst:TokenType>urn:oasis:names:tc:SAML:1.0</wst:TokenType>",
            "0x80048833",
        ),
        ("another name for the name", |it| it.id = "person", "0x80048833"),
        (
            "a header to be understood",
            |it| it.header = r#"<x:Y xmlns:x="urn:x" s:mustUnderstand="true"/>"#,
            "0x80048834",
        ),
        ("from the future", |it| it.security.push_str(EARLY), "0x80048832"),
        ("expired", |it| it.security.push_str(LATE), "0x80048832"),
        ("at no time", |it| it.security.push_str(TURNED), "0x80048832"),
        ("without a time", |it| it.security.push_str(NONE), "0x80048832"),
        (
            "an altered device token",
            |it| it.security = it.security.replace("CipherValue>ey", "CipherValue>ez"),
            "0x80048800",
        ),
        (
            "a device token of another shape",
            |it| it.security = it.security.replace("CipherData", "Cipher"),
            "0x80048800",
        ),
        (
            "a cut device token",
            |it| it.security = it.security.replace("=</CipherValue>", "</CipherValue>"),
            "0x80048800",
        ),
        ("two names", |it| it.security.push_str("<wsse:UsernameToken/>"), "0x80048833"),
    ];
    let sandbox = sandbox();
    let device = device_token(&sandbox);
    for (what, change, code) in cases {
        let mut rst = Rst::of_user(device.clone());
        let before = rst.to_xml();
        change(&mut rst);
        assert_ne!(rst.to_xml(), before, "{what} changes nothing");
        assert_eq!(ask(&sandbox, &rst.to_xml()).err().as_deref(), Some(code), "{what}");
    }
    let tolerated: [(&str, Change); 4] = [
        ("a clock within five minutes", |it| it.security.push_str(SKEWED)),
        ("another header", |it| it.header = r#"<x:Y xmlns:x="urn:x"/>"#),
        ("the CRM's own host", |it| it.applies_to = "crm.test"),
        ("another case of the name", |it| it.name = MEMBER.to_uppercase()),
    ];
    for (what, change) in tolerated {
        let mut rst = Rst::of_user(device.clone());
        change(&mut rst);
        assert!(ask(&sandbox, &rst.to_xml()).is_ok(), "{what}");
    }
}

#[test]
fn what_is_no_request_for_a_token_is_refused() {
    let sandbox = sandbox();
    for body in [
        "",
        "<a>",
        "<a/>",
        r#"<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><a/></Body></Envelope>"#,
    ] {
        assert_eq!(ask(&sandbox, body), Err("0x80048833".to_owned()), "{body}");
    }
    let whole = Rst::of_user(String::new()).to_xml();
    let response = post(&sandbox, Service::LiveId, TOKENS, "text/xml", &whole);
    assert!(String::from_utf8_lossy(response.body()).contains("0x80048833"));
    let status = |path: &str| post(&sandbox, Service::LiveId, path, "application/soap+xml", &whole).status().as_u16();
    assert_eq!((status("/elsewhere"), status("/WSTLogin.SRF"), status("/liveidSTS.srf")), (404, 200, 200));
    let get = Request::get(TOKENS).body(Bytes::new()).expect("a request");
    assert_eq!(sandbox.handle(Service::LiveId, &get).expect("an answer").status(), 405);
}

/// The SDK reads the token service's address there.
#[test]
fn the_federation_metadata_name_the_token_service() {
    let sandbox = sandbox();
    let get = Request::get("/federationmetadata/2006-12/FederationMetaData.xml").body(Bytes::new()).expect("a request");
    let answer = sandbox.handle(Service::LiveId, &get).expect("an answer");
    let document = soap::parse(answer.body(), Limits::default()).expect("XML");
    let endpoint = document.required("Federation").and_then(|it| it.required("TargetServiceEndpoint")).expect("there");
    assert_eq!(endpoint.child_text("Address"), "http://liveid.test/liveidSTS.srf");
}

#[test]
fn device_tokens_and_tickets_expire_on_the_sandboxs_clock() {
    let sandbox = sandbox();
    let (device, ticket) = (device_token(&sandbox), ticket(&sandbox));
    let second = SignedDuration::from_secs(1);
    sandbox.advance(DEVICE_LIFETIME - second);
    assert!(ask(&sandbox, &Rst::of_user(device.clone()).to_xml()).is_ok());
    assert!(crm_ticket(&sandbox, "lakeside", &ticket).is_ok());
    sandbox.advance(second);
    assert_eq!(ask(&sandbox, &Rst::of_user(device).to_xml()), Err("0x80048801".to_owned()));
    assert_eq!(DEVICE_LIFETIME, TICKET_LIFETIME);
    assert_eq!(crm_ticket(&sandbox, "lakeside", &ticket), Err("0x8004A101".to_owned()));
}

#[test]
fn a_changed_password_counts_at_once_and_tickets_stay_good() {
    let sandbox = sandbox();
    let ticket = ticket(&sandbox);
    sandbox.world().live_id.set_password(MEMBER, "another");
    assert_eq!(ask(&sandbox, &Rst::of_user(String::new()).to_xml()), Err("0x80048821".to_owned()));
    let rst = Rst { password: "another".to_owned(), ..Rst::of_user(String::new()) };
    assert!(ask(&sandbox, &rst.to_xml()).is_ok());
    assert!(crm_ticket(&sandbox, "lakeside", &ticket).is_ok());
}

/// Every fault works on Live ID as on the others, and its own refusal has the shape of the endpoint.
#[test]
fn switches_make_live_id_misbehave() {
    let sandbox = sandbox();
    let set = |operation: &str, fault| {
        let operation = Some(operation.to_owned());
        sandbox.world().faults.set(Switch { service: Service::LiveId, operation, fault, times: Times::Next(1) });
    };
    let call = |sandbox: &Sandbox, path: &str, body: String| {
        let request = Request::post(path).header("content-type", "application/soap+xml").body(Bytes::from(body));
        sandbox.handle(Service::LiveId, &request.expect("a request"))
    };
    set("UserToken", Fault::Refuse);
    assert!(matches!(call(&sandbox, TOKENS, Rst::of_user(String::new()).to_xml()), Err(Outage::Refused)));
    set("DeviceAdd", Fault::LoseAnswer);
    let body = r#"<DeviceAddRequest><ClientInfo name="6c2f41e8-2f0c-4b6f-9b8e-0d4c7f3f8a10" version="1.0"/><Authentication><Membername>11abc</Membername><Password>secret-1</Password></Authentication></DeviceAddRequest>"#;
    assert!(matches!(call(&sandbox, DEVICES, body.to_owned()), Err(Outage::Lost)));
    assert_eq!(add(&sandbox, "11abc", "secret-1"), Err("dc13".to_owned()), "it happened");
    set("DeviceAdd", Fault::Error { code: "dc11".to_owned() });
    assert_eq!(add(&sandbox, "11def", "secret-1"), Err("dc11".to_owned()));
    set("DeviceToken", Fault::Error { code: "0x80048820".to_owned() });
    assert_eq!(ask(&sandbox, &Rst::of_device("abc", "secret-1").to_xml()), Err("0x80048820".to_owned()));
    set("UserToken", Fault::Throttle { status: 503, retry_after: Some(30) });
    let busy = call(&sandbox, TOKENS, Rst::of_user(String::new()).to_xml()).expect("an answer");
    assert_eq!((busy.status().as_u16(), &busy.headers()["retry-after"]), (503, &"30".parse().expect("text")));
}

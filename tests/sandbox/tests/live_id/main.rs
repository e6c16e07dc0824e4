//! The simulated Live ID and CRM Online: what the contract's samples send is taken, and everything else is refused with
//! its own code (ST-41).

mod crm_online;
mod registration;
mod samples;
mod tokens;

use bytes::Bytes;
use domain::{Clock as _, VirtualClock};
use http::{Request, Response};
use sandbox::{
    Addresses, Sandbox, Service, World,
    live_id::{DEVICES, Device, TOKENS},
};
use soap::{Element, Envelope, Limits};

use crm_online::{crm_ticket, who_am_i};

const MEMBER: &str = "tieline@lakeside.example";
const PASSWORD: &str = "sandbox-lakeside-1";

fn sandbox() -> Sandbox {
    let clock = VirtualClock::at("2010-06-17T09:00:00Z".parse().expect("an instant"));
    let world = World::seeded(&Addresses::by_name(|name| format!("http://{name}.test")), clock.now());
    Sandbox::with_virtual_clock(world, clock)
}

fn post(sandbox: &Sandbox, service: Service, path: &str, kind: &str, body: &str) -> Response<Bytes> {
    let request = Request::post(path).header("content-type", kind).body(Bytes::from(body.to_owned()));
    sandbox.handle(service, &request.expect("a request")).expect("an answer")
}

/// The body of an answer of the token service, or the value of its fault.
fn ask(sandbox: &Sandbox, rst: &str) -> Result<Element, String> {
    let response = post(sandbox, Service::LiveId, TOKENS, "application/soap+xml; charset=utf-8", rst);
    let body = Envelope::parse(response.body(), Limits::default()).expect("an envelope").into_body();
    body.map_err(|fault| fault.detail_text("value").expect("a value"))
}

/// The outcome of a registration: its code if it was refused.
fn add(sandbox: &Sandbox, name: &str, password: &str) -> Result<(), String> {
    let body = format!(
        r#"<DeviceAddRequest><ClientInfo name="6c2f41e8-2f0c-4b6f-9b8e-0d4c7f3f8a10" version="1.0"/><Authentication><Membername>{name}</Membername><Password>{password}</Password></Authentication></DeviceAddRequest>"#
    );
    register(sandbox, &body)
}

fn register(sandbox: &Sandbox, body: &str) -> Result<(), String> {
    let response = post(sandbox, Service::LiveId, DEVICES, "application/soap+xml; charset=UTF-8", body);
    let answer = soap::parse(response.body(), Limits::default()).expect("XML");
    if answer.child_text("success") == "true" {
        assert!(!answer.child_text("puid").is_empty());
        return Ok(());
    }
    Err(answer.required("Error").expect("an error").required_attribute("Code").expect("a code").to_owned())
}

/// A request in the shape of the contract's `sdk40-rst-*.xml`, written for this test.
struct Rst {
    id: &'static str,
    name: String,
    password: String,
    applies_to: &'static str,
    policy: Option<&'static str>,
    /// More children of `Security`.
    security: String,
    /// More headers.
    header: &'static str,
    /// More children of the request.
    more: &'static str,
    action: &'static str,
}

impl Rst {
    fn of_device(name: &str, password: &str) -> Self {
        Self {
            id: "devicesoftware",
            name: format!("11{name}"),
            password: password.to_owned(),
            applies_to: "http://Passport.NET/tb",
            policy: None,
            ..Self::of_user(String::new())
        }
    }

    fn of_user(device: String) -> Self {
        let token = |inside| {
            format!(r#"<wsse:BinarySecurityToken ValueType="urn:liveid:device">{inside}</wsse:BinarySecurityToken>"#)
        };
        Self {
            id: "user",
            name: MEMBER.to_owned(),
            password: PASSWORD.to_owned(),
            applies_to: "crm.dynamics.com",
            policy: Some("MBI_SSL"),
            security: if device.is_empty() { device } else { token(device) },
            header: "",
            more: "",
            action: "Issue",
        }
    }

    fn to_xml(&self) -> String {
        let Self { id, name, password, applies_to, policy, security, header, more, action } = self;
        let policy = policy.map(|uri| format!(r#"<wsp:PolicyReference URI="{uri}"/>"#)).unwrap_or_default();
        format!(
            r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy" xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd" xmlns:wsa="http://www.w3.org/2005/08/addressing" xmlns:wst="http://schemas.xmlsoap.org/ws/2005/02/trust"><s:Header><wsa:Action s:mustUnderstand="1">http://schemas.xmlsoap.org/ws/2005/02/trust/RST/{action}</wsa:Action><wsa:To s:mustUnderstand="1">http://Passport.NET/tb</wsa:To>{header}<wsse:Security><wsse:UsernameToken wsu:Id="{id}"><wsse:Username>{name}</wsse:Username><wsse:Password>{password}</wsse:Password></wsse:UsernameToken>{security}</wsse:Security></s:Header><s:Body><wst:RequestSecurityToken Id="RST0"><wst:RequestType>http://schemas.xmlsoap.org/ws/2005/02/trust/Issue</wst:RequestType><wsp:AppliesTo><wsa:EndpointReference><wsa:Address>{applies_to}</wsa:Address></wsa:EndpointReference></wsp:AppliesTo>{policy}{more}</wst:RequestSecurityToken></s:Body></s:Envelope>"#
        )
    }
}

fn token(response: &Element) -> Element {
    let inside = response.required("RequestedSecurityToken").expect("a token");
    inside.children().next().expect("one").clone()
}

/// A device token as clients carry it on.
fn device_token(sandbox: &Sandbox) -> String {
    sandbox.world().live_id.register(&Device::LAKESIDE);
    let Device { name, password } = Device::LAKESIDE;
    token(&ask(sandbox, &Rst::of_device(name, password).to_xml()).expect("a token")).to_xml().expect("XML")
}

fn ticket(sandbox: &Sandbox) -> String {
    let device = device_token(sandbox);
    token(&ask(sandbox, &Rst::of_user(device).to_xml()).expect("a ticket")).text()
}

/// ST-41: the whole way of the CRM 4.0 SDK, from a device that nobody knows to a call of CRM.
#[test]
fn a_device_is_registered_gets_a_token_and_with_it_a_person_gets_a_ticket_that_crm_takes() {
    let sandbox = sandbox();
    let Device { name, password } = Device::LAKESIDE;
    assert_eq!(ask(&sandbox, &Rst::of_device(name, password).to_xml()).expect_err("a fault"), "0x80048821");
    add(&sandbox, &format!("11{name}"), password).expect("it is registered");
    let issued = ask(&sandbox, &Rst::of_device(name, password).to_xml()).expect("a token");
    assert_eq!(issued.child_text("TokenType"), "urn:passport:legacy");
    let device = token(&issued).to_xml().expect("XML");
    let issued = ask(&sandbox, &Rst::of_user(device).to_xml()).expect("a ticket");
    let lifetime = issued.required("Lifetime").expect("a lifetime");
    assert_eq!(lifetime.child_text("Created"), "2010-06-17T09:00:00Z");
    assert_eq!(lifetime.child_text("Expires"), "2010-06-18T09:00:00Z");
    let ticket = token(&issued).text();
    assert!(ticket.starts_with("t=") && ticket.ends_with("&p="), "{ticket}");
    let crm_ticket = crm_ticket(&sandbox, "lakeside", &ticket).expect("a ticket of CRM");
    assert_eq!(who_am_i(&sandbox, "lakeside", "1", &crm_ticket), Ok(()));
    let calls = sandbox.world().calls()[&Service::LiveId].clone();
    let calls: Vec<_> = calls.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(calls, [("DeviceAdd", 1), ("DeviceToken", 2), ("UserToken", 1)]);
}

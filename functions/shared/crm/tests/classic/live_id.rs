//! Signing in to CRM Online with Live ID (ST-41; contract §3, steps 1 to 6), against scripted answers.
//!
//! They are invented, in the shapes of the contract's samples.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use bytes::Bytes;
use crm::{
    Crm, CrmError,
    classic::{ClassicCrm, Connection, Device, LiveId, SignIn},
};
use domain::{SignedDuration, VirtualClock};
use http::{Request, Response};
use soap::{Element, Envelope, Limits};
use transport::{BackError, CallError, Client, Guard, GuardError, InProcess, SignInError};

const POLICY: &str = "RetrievePolicy";
const DEVICE: &str = "LiveIdDeviceToken";
const ADD: &str = "LiveIdDeviceAdd";
const USER: &str = "LiveIdUserToken";
const TICKET: &str = "RetrieveCrmTicket";
const ME: &str = "WhoAmI";

/// Status, content type, body.
type Answer = (u16, &'static str, String);

#[derive(Default)]
struct Server {
    calls: Vec<String>,
    /// What is said to the next calls of an operation, before it goes well again.
    next: BTreeMap<&'static str, VecDeque<Answer>>,
    /// Of tokens and tickets.
    issued: usize,
    /// What the user's last request named: device token, policy.
    named: (String, String),
}

struct World {
    crm: ClassicCrm,
    clock: VirtualClock,
    server: Arc<Mutex<Server>>,
}

impl World {
    fn new() -> Self {
        Self::at("http://localhost:5556", Guard::loopback())
    }

    fn at(issuer: &str, guard: Guard) -> Self {
        let server = Arc::new(Mutex::new(Server::default()));
        let behind = Arc::clone(&server);
        let back = InProcess::new(move |request| Ok::<_, BackError>(behind.lock().unwrap().serve(&request)));
        let clock = VirtualClock::at("2010-06-17T09:00:00Z".parse().unwrap());
        let client = Client::new("crm", Arc::new(back), guard, Arc::new(clock.clone()));
        let connection = Connection {
            discovery: "http://localhost:5555/MSCRMServices/2007/Passport/CrmDiscoveryService.asmx".parse().unwrap(),
            organization: "lakeside".to_owned(),
            user: "tieline@lakeside.example".to_owned(),
            password: "open sesame".into(),
            sign_in: SignIn::LiveId(LiveId {
                issuer: format!("{issuer}/wstlogin.srf").parse().unwrap(),
                registration: format!("{issuer}/ppsecure/DeviceAddCredential.srf").parse().unwrap(),
                partner: "crm.dynamics.com".to_owned(),
                device: Device { name: "tieline".to_owned(), password: "device-1".into() },
            }),
        };
        Self { crm: ClassicCrm::new(connection, client), clock, server }
    }

    fn server(&self) -> MutexGuard<'_, Server> {
        self.server.lock().unwrap()
    }

    fn says(&self, operation: &'static str, answer: Answer) {
        self.server().next.entry(operation).or_default().push_back(answer);
    }

    /// What was called since the last look.
    fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.server().calls)
    }
}

impl Server {
    fn serve(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path();
        let document = soap::parse(request.body(), Limits::default()).unwrap();
        let operation = if path.ends_with("DeviceAddCredential.srf") {
            assert_eq!(document.required("Authentication").unwrap().child_text("Membername"), "11tieline");
            ADD
        } else if path == "/wstlogin.srf" {
            self.token_request(request)
        } else {
            self.message(request)
        };
        self.calls.push(operation.to_owned());
        let scripted = self.next.get_mut(operation).and_then(VecDeque::pop_front);
        let (status, kind, body) = scripted.unwrap_or_else(|| self.well(operation));
        Response::builder().status(status).header("content-type", kind).body(Bytes::from(body)).unwrap()
    }

    fn token_request(&mut self, request: &Request<Bytes>) -> &'static str {
        assert_eq!(request.headers()["content-type"], "application/soap+xml; charset=utf-8");
        let envelope = Envelope::parse(request.body(), Limits::default()).unwrap();
        let security = envelope.headers.iter().find(|header| header.is("Security")).unwrap();
        let name = security.required("UsernameToken").unwrap();
        if name.attribute("Id") == Some("devicesoftware") {
            assert_eq!(
                (name.child_text("Username"), name.child_text("Password")),
                ("11tieline".into(), "device-1".into())
            );
            return DEVICE;
        }
        assert_eq!(name.child_text("Username"), "tieline@lakeside.example");
        assert_eq!(name.child_text("Password"), "open sesame");
        let device = security.required("BinarySecurityToken").unwrap().child_text("Device");
        let policy = envelope.body.required("PolicyReference").unwrap().attribute("URI").unwrap();
        self.named = (device, policy.to_owned());
        USER
    }

    fn message(&mut self, request: &Request<Bytes>) -> &'static str {
        let envelope = Envelope::parse(request.body(), Limits::default()).unwrap();
        let message = envelope.body.required("Request").unwrap();
        match message.required_kind().unwrap() {
            "RetrievePolicyRequest" => POLICY,
            "RetrieveCrmTicketRequest" => {
                assert_eq!(message.child_text("PassportTicket"), format!("t={}&p=", self.issued));
                TICKET
            }
            "WhoAmIRequest" => {
                let token = &envelope.headers[0];
                assert_eq!(token.child_text("AuthenticationType"), "1");
                assert_eq!(token.child_text("CrmTicket"), format!("T{}", self.issued));
                ME
            }
            other => panic!("{other}"),
        }
    }

    fn well(&mut self, operation: &str) -> Answer {
        match operation {
            ADD => (200, "text/xml", "<DeviceAddResponse><success>true</success></DeviceAddResponse>".to_owned()),
            DEVICE => {
                self.issued += 1;
                issued(&format!("<Device>D{}</Device>", self.issued))
            }
            USER => {
                self.issued += 1;
                let security = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
                issued(&format!(
                    r#"<BinarySecurityToken xmlns="{security}">t={}&amp;p=</BinarySecurityToken>"#,
                    self.issued
                ))
            }
            POLICY => policy("MBI_SSL"),
            TICKET => response(&format!(
                "<CrmTicket>T{}</CrmTicket><OrganizationDetail><CrmServiceUrl>http://localhost:5555/MSCRMServices/2007/CrmService.asmx</CrmServiceUrl></OrganizationDetail>",
                self.issued
            )),
            _ => response(
                "<UserId>6b29fc40-ca47-1067-b31d-00dd010662da</UserId><BusinessUnitId>6b29fc40-ca47-1067-b31d-00dd010662da</BusinessUnitId><OrganizationId>6b29fc40-ca47-1067-b31d-00dd010662da</OrganizationId>",
            ),
        }
    }
}

fn response(inside: &str) -> Answer {
    let body = format!(
        r#"<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><ExecuteResponse xmlns=""><Response xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="WhoAmIResponse">{inside}</Response></ExecuteResponse></Body></Envelope>"#
    );
    (200, "text/xml", body)
}

fn policy(name: &str) -> Answer {
    response(&format!("<Policy>{name}</Policy>"))
}

/// A token that is good until the next day at nine.
fn issued(token: &str) -> Answer {
    let body = format!(
        r#"<S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Body><t:RequestSecurityTokenResponse xmlns:t="http://schemas.xmlsoap.org/ws/2005/02/trust"><t:Lifetime><Expires xmlns="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">2010-06-18T09:00:00Z</Expires></t:Lifetime><t:RequestedSecurityToken>{token}</t:RequestedSecurityToken></t:RequestSecurityTokenResponse></S:Body></S:Envelope>"#
    );
    (200, "application/soap+xml", body)
}

fn fault_of(who: &str, code: &str, status: u16) -> Answer {
    let body = format!(
        r#"<S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Body><S:Fault><S:Code><S:Value>S:{who}</S:Value></S:Code><S:Reason><S:Text xml:lang="en-US">Müller's password</S:Text></S:Reason><S:Detail><p:error xmlns:p="http://schemas.microsoft.com/Passport/SoapServices/SOAPFault"><p:value>{code}</p:value><p:internalerror><p:code>0x80041012</p:code><p:text>Müller</p:text></p:internalerror></p:error></S:Detail></S:Fault></S:Body></S:Envelope>"#
    );
    (status, "application/soap+xml; charset=utf-8", body)
}

/// Live ID's no.
fn fault(code: &str) -> Answer {
    fault_of("Sender", code, 200)
}

/// CRM's no.
fn crm_fault(code: &str) -> Answer {
    let body = format!(
        r#"<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body><S:Fault><faultcode>S:Server</faultcode><detail><error><code>{code}</code></error></detail></S:Fault></S:Body></S:Envelope>"#
    );
    (500, "text/xml", body)
}

fn not_added(code: &str) -> Answer {
    let body = format!(
        r#"<DeviceAddResponse Success="false"><success>false</success><Error Code="{code}"/></DeviceAddResponse>"#
    );
    (400, "text/xml", body)
}

/// The whole way once, and then only the calls that are wanted.
#[tokio::test]
async fn a_sign_in_goes_from_the_policy_over_the_device_and_the_user_to_the_ticket() {
    let world = World::new();
    let (one, two) = tokio::join!(world.crm.who_am_i(), world.crm.who_am_i());
    assert_eq!(one.unwrap(), two.unwrap());
    world.crm.who_am_i().await.unwrap();
    assert_eq!(world.calls(), [POLICY, DEVICE, USER, TICKET, ME, ME, ME]);
    assert_eq!(world.server().named, ("D1".to_owned(), "MBI_SSL".to_owned()));
}

/// Live ID registers a name once: nobody asks for it who need not.
#[tokio::test]
async fn a_device_is_registered_where_it_is_not_known_and_only_there() {
    let world = World::new();
    world.says(DEVICE, fault("0x80048821"));
    world.crm.who_am_i().await.unwrap();
    assert_eq!(world.calls(), [POLICY, DEVICE, ADD, DEVICE, USER, TICKET, ME]);
    // Its name is there: the answer to an earlier try was lost.
    let world = World::new();
    world.says(DEVICE, fault("0x80048821"));
    world.says(ADD, not_added("dc13"));
    world.crm.who_am_i().await.unwrap();
    assert_eq!(world.calls(), [POLICY, DEVICE, ADD, DEVICE, USER, TICKET, ME]);
}

/// CRM's ticket ends before the device's token: two calls sign in again (contract §3, step 6).
#[tokio::test]
async fn an_expired_ticket_is_renewed_from_the_user_on_and_once() {
    let world = World::new();
    world.crm.who_am_i().await.unwrap();
    world.calls();
    world.says(ME, crm_fault("0x8004A101"));
    world.crm.who_am_i().await.unwrap();
    assert_eq!(world.calls(), [ME, USER, TICKET, ME]);
    for _ in 0..2 {
        world.says(ME, crm_fault("0x8004A101"));
    }
    let error = world.crm.who_am_i().await.unwrap_err();
    assert!(matches!(&error, CrmError::SignIn { operation: ME, code, .. } if code == "0x8004A101"), "{error}");
    assert_eq!(world.calls(), [ME, USER, TICKET, ME]);
}

#[tokio::test]
async fn a_device_token_that_is_over_is_not_shown_again() {
    let world = World::new();
    world.crm.who_am_i().await.unwrap();
    world.clock.advance(SignedDuration::from_hours(24));
    world.calls();
    world.says(ME, crm_fault("0x8004A101"));
    world.crm.who_am_i().await.unwrap();
    assert_eq!(world.calls(), [ME, POLICY, DEVICE, USER, TICKET, ME]);
}

/// What was kept may be worth nothing any more: once, everything is asked anew.
#[tokio::test]
async fn a_renewal_that_is_refused_for_what_was_kept_begins_from_the_beginning() {
    for (operation, refused) in
        [(USER, fault("0x80048800")), (USER, fault("0x80048831")), (TICKET, crm_fault("0x8004A103"))]
    {
        let world = World::new();
        world.crm.who_am_i().await.unwrap();
        world.calls();
        world.says(ME, crm_fault("0x8004A101"));
        world.says(operation, refused);
        world.says(POLICY, policy("MBI_KEY"));
        world.crm.who_am_i().await.unwrap();
        let calls = world.calls();
        let begun = if operation == USER { vec![ME, USER] } else { vec![ME, USER, TICKET] };
        assert_eq!(calls, [begun, vec![POLICY, DEVICE, USER, TICKET, ME]].concat());
        assert_eq!(world.server().named.1, "MBI_KEY");
    }
}

/// A15: a wrong password is tried once, at the beginning and in the middle, however many wait for it.
#[tokio::test]
async fn a_refused_password_is_tried_once() {
    for code in ["0x80048821", "0x80048823"] {
        let world = World::new();
        world.says(USER, fault(code));
        let (one, two) = tokio::join!(world.crm.who_am_i(), world.crm.who_am_i());
        for outcome in [one, two] {
            let error = outcome.unwrap_err();
            assert!(matches!(&error, CrmError::SignIn { operation: USER, code: said, .. } if said == code), "{error}");
            assert!(error.refusal().is_some_and(|refusal| refusal.is_sure));
            assert!(!format!("{error:?}").contains("Müller"));
        }
        assert_eq!(world.calls(), [POLICY, DEVICE, USER]);
        world.crm.who_am_i().await.unwrap();
        world.calls();
        world.says(ME, crm_fault("0x8004A101"));
        world.says(USER, fault(code));
        world.crm.who_am_i().await.unwrap_err();
        assert_eq!(world.calls(), [ME, USER]);
    }
}

/// The name of the device is somebody else's: the account of the user is not tried at all.
#[tokio::test]
async fn a_device_that_is_refused_says_so_and_the_user_is_not_tried() {
    let world = World::new();
    for _ in 0..2 {
        world.says(DEVICE, fault("0x80048821"));
    }
    world.says(ADD, not_added("dc13"));
    let error = world.crm.who_am_i().await.unwrap_err();
    assert_eq!(error.to_string(), "LiveIdDeviceToken: sign-in to CRM was refused (code 0x80048821)");
    assert!(error.refusal().is_some_and(|refusal| refusal.is_sure));
    assert_eq!(world.calls(), [POLICY, DEVICE, ADD, DEVICE]);
    world.says(DEVICE, fault("0x80048821"));
    world.says(ADD, not_added("dc9"));
    let error = world.crm.who_am_i().await.unwrap_err();
    assert_eq!(error.to_string(), "LiveIdDeviceAdd: sign-in to CRM was refused (code dc9)");
    assert!(error.refusal().is_some_and(|refusal| refusal.is_sure));
}

/// What is of the service, the policy or the partner says nothing of the password: it is asked again soon.
#[tokio::test]
async fn what_is_not_of_the_secret_is_no_sure_refusal() {
    for (operation, answer, code) in [
        (USER, fault("0x80048831"), "0x80048831"),
        (USER, fault_of("Sender", "0x8004882A", 500), "0x8004882A"),
        (DEVICE, fault("0x80048834"), "0x80048834"),
        (TICKET, crm_fault("0x80048405"), "0x80048405"),
        (TICKET, crm_fault("0x8004A103"), "0x8004A103"),
        (POLICY, (401, "text/plain", String::new()), "HTTP 401"),
        (USER, (401, "text/plain", String::new()), "HTTP 401"),
    ] {
        let world = World::new();
        world.says(operation, answer);
        let error = world.crm.who_am_i().await.unwrap_err();
        assert!(matches!(&error, CrmError::SignIn { code: said, .. } if said == code), "{error}");
        assert!(error.refusal().is_some_and(|refusal| !refusal.is_sure), "{error}");
    }
}

/// P7: the service's own trouble passes.
#[tokio::test]
async fn live_id_in_trouble_is_no_refusal() {
    for (operation, answer) in [
        (USER, fault("0x80048820")),
        (DEVICE, fault_of("Receiver", "0x80041234", 500)),
        (
            DEVICE,
            (
                200,
                "application/soap+xml",
                "<S:Envelope xmlns:S='http://www.w3.org/2003/05/soap-envelope'><S:Bo".to_owned(),
            ),
        ),
    ] {
        let world = World::new();
        world.says(operation, answer);
        let error = world.crm.who_am_i().await.unwrap_err();
        assert!(error.is_transient() && error.refusal().is_none(), "{error}");
    }
    let world = World::new();
    world.says(DEVICE, fault("0x80048821"));
    world.says(ADD, not_added("dc11"));
    let error = world.crm.who_am_i().await.unwrap_err();
    assert!(matches!(error, CrmError::Busy { operation: ADD, .. }), "{error}");
}

#[tokio::test]
async fn an_answer_that_is_none_of_live_id_is_a_typed_error() {
    let odd = |answer: Answer, operation: &'static str| async move {
        let world = World::new();
        if operation == ADD {
            world.says(DEVICE, fault("0x80048821"));
        }
        world.says(operation, answer);
        world.crm.who_am_i().await.unwrap_err().to_string()
    };
    let page = || (200, "text/html", "<html>Müller, sign in</html>".to_owned());
    for operation in [DEVICE, USER, ADD] {
        let text = odd(page(), operation).await;
        assert_eq!(text, format!("{operation}: sign-in to CRM was refused (code sign-in page)"));
        let text = odd((404, "text/plain", "Müller".to_owned()), operation).await;
        assert_eq!(text, format!("{operation}: sign-in to CRM was refused (code HTTP 404)"));
        let text = odd((200, "text/xml", "<a>Müller</a>".to_owned()), operation).await;
        assert!(
            text.starts_with(&format!("{operation}: CRM's answer cannot be read")) && !text.contains("Müller"),
            "{text}"
        );
    }
    let elsewhere = Element::new("urn:x", "RequestSecurityTokenResponse").to_xml().unwrap();
    let body = format!(
        r#"<S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Body>{elsewhere}</S:Body></S:Envelope>"#
    );
    let text = odd((200, "application/soap+xml", body), USER).await;
    assert!(text.contains("cannot be read"), "{text}");
}

/// A5: Live ID's hosts are on the tenant's list, or nothing is sent to them.
#[tokio::test]
async fn passwords_go_only_to_hosts_that_the_guard_allows() {
    let world = World::at("https://login.example.test", Guard::loopback());
    let error = world.crm.who_am_i().await.unwrap_err();
    let CrmError::Call { operation: DEVICE, source: CallError::Refused(GuardError::Host) } = error else {
        panic!("{error}")
    };
    assert_eq!(world.calls(), [POLICY]);
    let world = World::at("http://login.live.com", Guard::sandbox(&["live.com"]).unwrap());
    let error = world.crm.who_am_i().await.unwrap_err();
    assert!(matches!(error, CrmError::Call { source: CallError::Refused(GuardError::Scheme), .. }), "{error}");
}

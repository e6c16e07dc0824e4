//! A Live ID and a CRM Online in a few lines: what they are asked goes well, unless a test says otherwise.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use bytes::Bytes;
use crm::classic::{ClassicCrm, Connection, Device, LiveId, SignIn};
use domain::VirtualClock;
use http::{Request, Response};
use soap::{Envelope, Limits};
use transport::{BackError, Client, Guard, InProcess};

use super::{ADD, DEVICE, ME, POLICY, TICKET, USER};

/// Status, content type, body.
pub(crate) type Answer = (u16, &'static str, String);

#[derive(Default)]
pub(crate) struct Server {
    calls: Vec<String>,
    /// What is said to the next calls of an operation, before it goes well again.
    next: BTreeMap<&'static str, VecDeque<Answer>>,
    /// Of tokens and tickets.
    issued: usize,
    /// What the user's last request named: device token, policy.
    pub(crate) named: (String, String),
}

pub(crate) struct World {
    pub(crate) crm: ClassicCrm,
    pub(crate) clock: VirtualClock,
    server: Arc<Mutex<Server>>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::at("http://localhost:5556", Guard::loopback())
    }

    pub(crate) fn at(issuer: &str, guard: Guard) -> Self {
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
            sign_in: SignIn::LiveId(Box::new(LiveId {
                issuer: format!("{issuer}/wstlogin.srf").parse().unwrap(),
                registration: format!("{issuer}/ppsecure/DeviceAddCredential.srf").parse().unwrap(),
                partner: "crm.dynamics.com".to_owned(),
                device: Device { name: "tieline".to_owned(), password: "device-1".into() },
            })),
        };
        Self { crm: ClassicCrm::new(connection, client), clock, server }
    }

    pub(crate) fn server(&self) -> MutexGuard<'_, Server> {
        self.server.lock().unwrap()
    }

    pub(crate) fn says(&self, operation: &'static str, answer: Answer) {
        self.server().next.entry(operation).or_default().push_back(answer);
    }

    /// What was called since the last look.
    pub(crate) fn calls(&self) -> Vec<String> {
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

pub(crate) fn policy(name: &str) -> Answer {
    response(&format!("<Policy>{name}</Policy>"))
}

/// A token that is good until the next day at nine.
fn issued(token: &str) -> Answer {
    let body = format!(
        r#"<S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Body><t:RequestSecurityTokenResponse xmlns:t="http://schemas.xmlsoap.org/ws/2005/02/trust"><t:Lifetime><Expires xmlns="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">2010-06-18T09:00:00Z</Expires></t:Lifetime><t:RequestedSecurityToken>{token}</t:RequestedSecurityToken></t:RequestSecurityTokenResponse></S:Body></S:Envelope>"#
    );
    (200, "application/soap+xml", body)
}

pub(crate) fn fault_of(who: &str, code: &str, status: u16) -> Answer {
    let body = format!(
        r#"<S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Body><S:Fault><S:Code><S:Value>S:{who}</S:Value></S:Code><S:Reason><S:Text xml:lang="en-US">Müller's password</S:Text></S:Reason><S:Detail><p:error xmlns:p="http://schemas.microsoft.com/Passport/SoapServices/SOAPFault"><p:value>{code}</p:value><p:internalerror><p:code>0x80041012</p:code><p:text>Müller</p:text></p:internalerror></p:error></S:Detail></S:Fault></S:Body></S:Envelope>"#
    );
    (status, "application/soap+xml; charset=utf-8", body)
}

/// Live ID's no.
pub(crate) fn fault(code: &str) -> Answer {
    fault_of("Sender", code, 200)
}

/// CRM's no.
pub(crate) fn crm_fault(code: &str) -> Answer {
    let body = format!(
        r#"<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body><S:Fault><faultcode>S:Server</faultcode><detail><error><code>{code}</code></error></detail></S:Fault></S:Body></S:Envelope>"#
    );
    (500, "text/xml", body)
}

pub(crate) fn not_added(code: &str) -> Answer {
    let body = format!(
        r#"<DeviceAddResponse Success="false"><success>false</success><Error Code="{code}"/></DeviceAddResponse>"#
    );
    (400, "text/xml", body)
}

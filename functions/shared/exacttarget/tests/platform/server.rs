//! A platform that answers what a test tells it to, and keeps what it was asked. Its answers have the shape of the
//! contract's recordings; their values are invented.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use domain::VirtualClock;
use exacttarget::{ApiUser, Connection, ExactTarget, NS, Package, SignIn};
use http::{Request, Response, header};
use soap::{Element, Envelope, Limits};
use transport::{BackError, Client, Guard, InProcess};

pub(crate) type Said = (u16, &'static str, String);

#[derive(Default)]
pub(crate) struct Heard {
    /// `RequestToken`, or the value of `SOAPAction`.
    pub(crate) action: String,
    /// The body as it was sent.
    pub(crate) body: Vec<u8>,
}

#[derive(Default)]
struct Server {
    heard: Vec<Heard>,
    says: VecDeque<Said>,
    issued: u32,
}

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) clock: VirtualClock,
    server: Arc<Mutex<Server>>,
}

pub(crate) const ENDPOINT: &str = "http://localhost:5601/Service.asmx";

impl World {
    /// A platform that says this, in order; tokens it gives whenever it is asked.
    pub(crate) fn saying(says: impl IntoIterator<Item = Said>) -> Self {
        let clock = VirtualClock::at("2026-01-15T18:00:00Z".parse().unwrap());
        let server = Server { says: says.into_iter().collect(), ..Server::default() };
        Self { clock, server: Arc::new(Mutex::new(server)) }
    }

    pub(crate) fn client(&self) -> Client {
        let behind = Arc::clone(&self.server);
        let back = InProcess::new(move |request| Ok::<_, BackError>(behind.lock().unwrap().serve(&request)));
        Client::new("exacttarget", Arc::new(back), Guard::loopback(), Arc::new(self.clock.clone()))
    }

    pub(crate) fn as_user(&self) -> ExactTarget {
        ExactTarget::new(user(), self.client())
    }

    pub(crate) fn as_package(&self) -> ExactTarget {
        ExactTarget::new(package(None), self.client())
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        std::mem::take(&mut self.server.lock().unwrap().heard)
    }

    /// The actions that were asked for since the last look.
    pub(crate) fn actions(&self) -> Vec<String> {
        self.heard().into_iter().map(|heard| heard.action).collect()
    }
}

pub(crate) fn user() -> Connection {
    let user = ApiUser { name: "harbour_api".to_owned(), password: "open sesame".into() };
    Connection { endpoint: Some(ENDPOINT.parse().unwrap()), sign_in: SignIn::User(user) }
}

pub(crate) fn package(endpoint: Option<&str>) -> Connection {
    let package = Package {
        token: "http://localhost:5602/v2/token".parse().unwrap(),
        client_id: "c1".to_owned(),
        client_secret: "open sesame".into(),
        account_id: Some(1_111_111),
    };
    Connection { endpoint: endpoint.map(|url| url.parse().unwrap()), sign_in: SignIn::Package(package) }
}

impl Server {
    fn serve(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let action =
            request.headers().get("soapaction").map(|value| value.to_str().unwrap().trim_matches('"').to_owned());
        let is_token = action.is_none();
        let action = action.unwrap_or_else(|| "RequestToken".to_owned());
        self.heard.push(Heard { action, body: request.body().to_vec() });
        let is_next = |said: &Said| (said.1 == JSON) == is_token;
        let (status, kind, body) = match self.says.front().filter(|said| is_next(said)) {
            Some(_) => self.says.pop_front().unwrap(),
            None if is_token => {
                self.issued += 1;
                token(&format!("T{}", self.issued))
            }
            None => panic!("nothing is left to say to {request:?}"),
        };
        Response::builder().status(status).header(header::CONTENT_TYPE, kind).body(Bytes::from(body)).unwrap()
    }
}

pub(crate) const XML: &str = "text/xml; charset=utf-8";
pub(crate) const JSON: &str = "application/json";

/// In the shape of `token/v2-token.response.http200.json`.
pub(crate) fn token(token: &str) -> Said {
    let said = serde_json::json!({
        "access_token": token, "token_type": "Bearer", "expires_in": 1079, "scope": "email_send",
        "soap_instance_url": "http://localhost:5601/", "rest_instance_url": "http://localhost:5603/",
    });
    (200, JSON, said.to_string())
}

pub(crate) fn reply(body: &str) -> Said {
    let soap = soap::ns::SOAP11;
    let xsi = soap::ns::XSI;
    (
        200,
        XML,
        format!(r#"<s:Envelope xmlns:s="{soap}" xmlns:xsi="{xsi}" xmlns="{NS}"><s:Body>{body}</s:Body></s:Envelope>"#),
    )
}

pub(crate) fn retrieved(overall: &str, request_id: &str, results: &str) -> Said {
    reply(&format!(
        "<RetrieveResponseMsg><OverallStatus>{overall}</OverallStatus><RequestID>{request_id}</RequestID>{results}\
         </RetrieveResponseMsg>"
    ))
}

/// A fault in the shape of `recorded-sfmc-sdk/expiredToken`, or of the rate limit of the documentation.
pub(crate) fn fault(code: &str, text: &str, detail: &str) -> Said {
    let (_, kind, body) = reply(&format!(
        r#"<s:Fault xmlns:q0="{}"><faultcode xmlns="">{code}</faultcode><faultstring xmlns="">{text}</faultstring>{detail}</s:Fault>"#,
        soap::ns::SECURITY,
    ));
    (500, kind, body)
}

pub(crate) fn token_expired() -> Said {
    fault("q0:Security", "Token Expired", "")
}

pub(crate) fn api_fault(code: u32) -> Said {
    let detail = format!(
        r#"<detail xmlns=""><apifault xmlns="urn:fault.partner.exacttarget.com"><Code>{code}</Code><Message>x</Message></apifault></detail>"#
    );
    fault("s:Server", "x", &detail)
}

pub(crate) fn sent(heard: &Heard) -> Envelope {
    Envelope::parse(&heard.body, Limits::default()).unwrap()
}

pub(crate) fn texts(element: &Element, name: &str) -> Vec<String> {
    element.all(name).map(Element::text).collect()
}

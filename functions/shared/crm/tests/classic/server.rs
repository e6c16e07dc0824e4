//! A CRM 4.0 in a few lines: it issues tickets, refuses stale ones, and answers what a test tells it to.

use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use bytes::Bytes;
use crm::classic::{ClassicCrm, Connection, SignIn};
use domain::{Timestamp, VirtualClock};
use http::{Request, Response};
use soap::{Element, Fault, Limits, server};
use transport::{Answer, Back, BackError, Call, Client, Guard, InProcess};

pub(crate) const DISCOVERY: &str = "http://localhost:5555/MSCRMServices/2007/SPLA/CrmDiscoveryService.asmx";
const SERVICE: &str = "http://localhost:5555/MSCrmServices/2007/CrmService.asmx";

/// What a test lets the server say to one call.
pub(crate) enum Said {
    /// The children of `Response`, or of the operation's own response.
    Reply(Element),
    /// A fault with this code.
    Fault(&'static str),
    /// Anything else: status, headers, body.
    Http(u16, Vec<(&'static str, &'static str)>, &'static str),
    /// The call has its effect, but no answer comes.
    Lost,
}

/// What CrmService is asked, without the envelope.
pub(crate) struct Asked {
    /// `Create`, or the type of an `Execute`d request without `Request`.
    pub(crate) operation: String,
    /// The body element, or the `Request` in it.
    pub(crate) message: Element,
}

type Script = dyn FnMut(&Asked) -> Said + Send;

pub(crate) struct Server {
    /// Every operation that arrived, discovery's included.
    pub(crate) calls: Vec<String>,
    /// How many tickets were issued: `T1`, `T2`, …
    pub(crate) issued: usize,
    /// The only ticket that is believed.
    pub(crate) valid: usize,
    /// How a ticket that is not believed is refused; with a fault if not said.
    pub(crate) stale: Option<fn() -> Said>,
    /// What discovery says instead of a ticket.
    pub(crate) discovery: Option<Box<dyn FnMut() -> Said + Send>>,
    /// The address that discovery gives, and whether it does so with the ticket.
    pub(crate) service: (String, bool),
    script: Box<Script>,
}

/// The adapter, and the server that it talks to.
pub(crate) struct World {
    pub(crate) crm: ClassicCrm,
    server: Arc<Mutex<Server>>,
}

impl World {
    pub(crate) fn server(&self) -> MutexGuard<'_, Server> {
        self.server.lock().unwrap()
    }

    pub(crate) fn new(script: impl FnMut(&Asked) -> Said + Send + 'static) -> Self {
        Self::at(DISCOVERY, script)
    }

    pub(crate) fn at(discovery: &str, script: impl FnMut(&Asked) -> Said + Send + 'static) -> Self {
        let server = Server {
            calls: Vec::new(),
            issued: 0,
            valid: 1,
            stale: None,
            discovery: None,
            service: (SERVICE.to_owned(), true),
            script: Box::new(script),
        };
        let server = Arc::new(Mutex::new(server));
        let behind = Arc::clone(&server);
        let back = Yielding(InProcess::new(move |request| behind.lock().unwrap().serve(&request)));
        let clock = VirtualClock::at(Timestamp::UNIX_EPOCH);
        let client = Client::new("crm", Arc::new(back), Guard::loopback(), Arc::new(clock));
        let connection = Connection {
            discovery: discovery.parse().unwrap(),
            organization: "harbour".to_owned(),
            user: "HARBOUR\\tieline".to_owned(),
            password: "open sesame".into(),
            sign_in: SignIn::Ifd,
        };
        Self { crm: ClassicCrm::new(connection, client), server }
    }
}

impl Server {
    fn serve(&mut self, request: &Request<Bytes>) -> Result<Response<Bytes>, BackError> {
        let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap());
        let content_type = header("content-type").unwrap();
        let read =
            server::Request::read(content_type, header("soapaction"), request.body(), Limits::default()).unwrap();
        let body = &read.envelope.body;
        let message = body.child("Request").unwrap_or(body).clone();
        let operation = message.kind().map_or_else(|| message.local().to_owned(), |kind| kind.local.to_string());
        let operation = operation.trim_end_matches("Request").to_owned();
        self.calls.push(operation.clone());
        let discovery = request.uri().path().ends_with("CrmDiscoveryService.asmx");
        let said = if discovery {
            assert_eq!(read.action, "http://schemas.microsoft.com/crm/2007/CrmDiscoveryService/Execute");
            assert_eq!(message.child_text("Password"), "open sesame");
            match &mut self.discovery {
                Some(say) => say(),
                None => self.issue(&operation),
            }
        } else if self.believes(&read.envelope.headers) {
            (self.script)(&Asked { operation: operation.clone(), message })
        } else {
            self.stale.map_or(Said::Fault("0x8004A101"), |say| say())
        };
        let reply = match said {
            Said::Reply(content) if body.is("Execute") => {
                let response = Element::new("", "Response").with_kind("urn:x", &format!("{operation}Response"));
                let response = response.with_all(content.children().cloned());
                server::Reply::result(read.envelope.version, Element::new("", "ExecuteResponse").with(response))
            }
            Said::Reply(content) => {
                let response = Element::new("", &format!("{operation}Response"));
                server::Reply::result(read.envelope.version, response.with_all(content.children().cloned()))
            }
            Said::Fault(code) => {
                let error = Element::new("", "error").with_value("code", code).with_value("description", "Müller");
                let fault = Fault::server("Server was unable to process request.").with_detail([error]);
                server::Reply::fault(read.envelope.version, &fault)
            }
            Said::Http(status, headers, body) => {
                let response = Response::builder().status(status);
                let response =
                    headers.into_iter().fold(response, |response, (name, value)| response.header(name, value));
                return Ok(response.body(Bytes::from_static(body.as_bytes())).unwrap());
            }
            Said::Lost => return Err(BackError::lost()),
        };
        let reply = reply.unwrap();
        let response = Response::builder().status(reply.status).header("content-type", reply.content_type);
        Ok(response.body(Bytes::from(reply.body)).unwrap())
    }

    fn issue(&mut self, operation: &str) -> Said {
        let (service, with_ticket) = &self.service;
        let detail = Element::new("", "OrganizationDetail")
            .with_value("OrganizationName", "Harbour")
            .with_value("CrmServiceUrl", service);
        if operation == "RetrieveOrganizations" {
            return Said::Reply(Element::new("", "x").with(Element::new("", "OrganizationDetails").with(detail)));
        }
        self.issued += 1;
        let reply = Element::new("", "x").with_value("CrmTicket", format_args!("T{}", self.issued));
        let reply = if *with_ticket { reply.with(detail) } else { reply };
        Said::Reply(reply.with_value("ExpirationDate", "17.06.2010 11:52:13"))
    }

    fn believes(&self, headers: &[Element]) -> bool {
        let [token] = headers else { panic!("one header, not {headers:?}") };
        let children: Vec<&str> = token.children().map(Element::local).collect();
        assert_eq!(children, ["AuthenticationType", "CrmTicket", "OrganizationName", "CallerId"]);
        assert_eq!(
            (token.child_text("AuthenticationType"), token.child_text("OrganizationName")),
            ("2".into(), "harbour".into())
        );
        token.child_text("CrmTicket") == format!("T{}", self.valid)
    }
}

/// Lets other callers run between a call and its answer, as a network does.
struct Yielding(InProcess);

#[async_trait]
impl Back for Yielding {
    async fn send(&self, call: &Call) -> Result<Answer, BackError> {
        let answer = self.0.send(call).await;
        tokio::task::yield_now().await;
        answer
    }
}

/// An answer of one text child.
pub(crate) fn reply(local: &str, text: &str) -> Said {
    Said::Reply(Element::new("", "x").with_value(local, text))
}

/// The answer to `WhoAmI`.
pub(crate) fn me() -> Said {
    let id = "6b29fc40-ca47-1067-b31d-00dd010662da";
    let identity = Element::new("", "x");
    Said::Reply(
        ["UserId", "BusinessUnitId", "OrganizationId"].iter().fold(identity, |all, name| all.with_value(name, id)),
    )
}

//! A host that keeps state and answers, as little of a 2007 host as these tests need. Invented, after the contract.

mod page;
mod services;
mod sts;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use bytes::Bytes;
use domain::{SignedDuration, VirtualClock};
use http::{HeaderName, Request, Response, StatusCode, header};
use sharepoint::{
    Web,
    classic::{ClassicSharePoint, Connection},
};
use soap::{Element, Envelope, Fault, Limits, SoapVersion, server::Reply};
use transport::{Attempt, BackError, Client, Guard, InProcess, Kept, Token, TokenStore, Turn, Unshared};

pub(crate) use sts::{answer_of, body, psf_error, refusal, sts_fault};

pub(crate) use page::{DIGEST_REFUSED, PAGE};

pub(crate) const SOAP: &str = "http://schemas.microsoft.com/sharepoint/soap/";
pub(crate) const HOST: &str = "https://crm.test.example";
pub(crate) const PARENT: &str = "https://crm.test.example/sites/harbour";

pub(crate) type Outcome = Result<Response<Bytes>, BackError>;

/// What lies on the host, and what was asked of it.
#[derive(Default)]
pub(crate) struct World {
    /// Path of each web to its description.
    pub(crate) webs: BTreeMap<String, String>,
    pub(crate) lists: Vec<List>,
    pub(crate) groups: BTreeMap<String, Group>,
    pub(crate) known: BTreeSet<String>,
    pub(crate) files: BTreeSet<String>,
    /// Address of a page to the titles of its parts.
    pub(crate) parts: BTreeMap<String, Vec<String>>,
    /// Answers that come before any real one, by operation (`GET`, `POST` for the pages).
    pub(crate) instead: BTreeMap<&'static str, VecDeque<Outcome>>,
    /// The call of that number, from 0, gets no answer; whether it has its effect all the same.
    pub(crate) lose: Option<(usize, bool)>,
    /// The cookie that is good now; where it is set, Basic is not taken.
    pub(crate) session: Option<String>,
    pub(crate) log_ins: usize,
    /// What came, in order.
    pub(crate) asked: Vec<Asked>,
    /// The form fields of each POST to the page.
    pub(crate) posted: Vec<BTreeMap<String, String>>,
}

/// One call.
pub(crate) struct Asked {
    /// `GET` and `POST` for pages.
    pub(crate) operation: String,
    pub(crate) body: Bytes,
}

#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) description: String,
    /// On the web.
    pub(crate) role: Option<String>,
    pub(crate) members: BTreeSet<String>,
}

#[derive(Default)]
pub(crate) struct List {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) template: String,
    pub(crate) version: u32,
    pub(crate) settings: BTreeMap<String, String>,
    /// Name to title.
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) views: Vec<String>,
    pub(crate) rows: Vec<BTreeMap<String, String>>,
    pub(crate) masks: BTreeMap<String, String>,
}

/// The store of a connection whose credentials were taken, and that is asked to try them anew all the same.
struct Taken;

#[async_trait]
impl TokenStore for Taken {
    async fn take(&self, refused: Option<&Token>) -> Result<Kept, SignedDuration> {
        let token = Token { text: "taken".to_owned().into(), expires_at: None };
        Ok(if refused.is_some() { Kept::Turn(Turn(0)) } else { Kept::Token(token) })
    }

    async fn end(&self, _: Turn, _: Attempt<'_>) {}
}

#[derive(Clone, Default)]
pub(crate) struct Host(Arc<Mutex<World>>);

impl Host {
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    /// The adapter, with Basic credentials that were taken before.
    pub(crate) fn adapter(&self) -> ClassicSharePoint {
        self.adapter_keeping("basic", Arc::new(Taken))
    }

    pub(crate) fn adapter_with(&self, sign_in: &str) -> ClassicSharePoint {
        self.adapter_keeping(sign_in, Arc::new(Unshared))
    }

    /// With claims, of a sign-in service at this address.
    pub(crate) fn adapter_at_sts(&self, sts: &str) -> ClassicSharePoint {
        self.adapter_of("claims", &format!(r#", "sts": "{sts}""#), Arc::new(Unshared))
    }

    fn adapter_keeping(&self, sign_in: &str, tokens: Arc<dyn TokenStore>) -> ClassicSharePoint {
        self.adapter_of(sign_in, "", tokens)
    }

    fn adapter_of(&self, sign_in: &str, more: &str, tokens: Arc<dyn TokenStore>) -> ClassicSharePoint {
        let sign_in = format!(r#"{{"{sign_in}": {{"user": "HARBOUR\\svc", "password": "pw"{more}}}}}"#);
        let json = format!(r#"{{"parent": "{PARENT}/", "sign_in": {sign_in}}}"#);
        let connection: Connection = serde_json::from_str(&json).unwrap();
        let host = self.clone();
        let back = InProcess::new(move |request| host.serve(&request));
        let clock = VirtualClock::at("2026-03-01T12:00:00Z".parse().unwrap());
        let guard = Guard::new(&["crm.test.example", "login.microsoftonline.com"]).unwrap();
        let client = Client::new("sharepoint", Arc::new(back), guard, Arc::new(clock));
        ClassicSharePoint::with_tokens(connection, client, tokens)
    }

    /// The next call of an operation is answered so, and has no effect.
    pub(crate) fn instead(&self, operation: &'static str, outcome: Outcome) {
        self.world().instead.entry(operation).or_default().push_back(outcome);
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.world().asked.iter().map(|asked| asked.operation.clone()).collect()
    }

    pub(crate) fn forget(&self) {
        self.world().asked.clear();
    }

    fn serve(&self, request: &Request<Bytes>) -> Outcome {
        let mut world = self.world();
        let number = world.asked.len();
        match world.lose {
            Some((lost, effect)) if lost == number => {
                world.lose = None;
                if effect {
                    let _ = world.serve(request);
                }
                Err(BackError::lost())
            }
            _ => world.serve(request),
        }
    }
}

impl World {
    fn serve(&mut self, request: &Request<Bytes>) -> Outcome {
        let action =
            request.headers().get("soapaction").map(|action| action.to_str().unwrap().trim_matches('"').to_owned());
        let operation = match &action {
            Some(action) => action.rsplit('/').next().unwrap().to_owned(),
            None => sts::operation(request).map_or_else(|| request.method().to_string(), str::to_owned),
        };
        self.asked.push(Asked { operation: operation.clone(), body: request.body().clone() });
        if let Some(outcome) = self.instead.get_mut(&*operation).and_then(VecDeque::pop_front) {
            return outcome;
        }
        if operation == "Login" {
            return Ok(self.log_in(&soap_body(request)));
        }
        if sts::operation(request).is_some() {
            return Ok(sts::answer_to(self, request));
        }
        if !self.is_signed_in(request) {
            let to = format!("{HOST}/_layouts/login.aspx?ReturnUrl=%2f");
            return Ok(answer(302, &[(header::LOCATION, &to)], ""));
        }
        Ok(if action.is_some() {
            let path = request.uri().path();
            let (web, service) = path.split_once("/_vti_bin/").unwrap();
            match self.answer(&operation, &percent_decoded(web), service, &soap_body(request)) {
                Ok(body) => reply(Reply::result(SoapVersion::V11, body)),
                Err((code, words)) => fault(code, words),
            }
        } else {
            self.page(request)
        })
    }

    fn is_signed_in(&self, request: &Request<Bytes>) -> bool {
        match &self.session {
            Some(session) => request.headers().get(header::COOKIE).is_some_and(|cookie| cookie == session.as_str()),
            // "HARBOUR\svc:pw"
            None => {
                request.headers().get(header::AUTHORIZATION).is_some_and(|basic| basic == "Basic SEFSQk9VUlxzdmM6cHc=")
            }
        }
    }

    fn log_in(&mut self, request: &Element) -> Response<Bytes> {
        self.log_ins += 1;
        let good = request.child_text("username") == "HARBOUR\\svc" && request.child_text("password") == "pw";
        let result = Element::new(SOAP, "LoginResult")
            .with_value("ErrorCode", if good { "NoError" } else { "PasswordNotMatch" });
        let mut response = reply(Reply::result(SoapVersion::V11, Element::new(SOAP, "LoginResponse").with(result)));
        if good {
            let session = format!(".ASPXAUTH=T{}", self.log_ins);
            response.headers_mut().insert(header::SET_COOKIE, format!("{session}; path=/; HttpOnly").parse().unwrap());
            self.session = Some(session);
        }
        response
    }
}

fn soap_body(request: &Request<Bytes>) -> Element {
    Envelope::parse(request.body(), Limits::default()).expect("requests are whole").body
}

fn reply(reply: Result<Reply, soap::Error>) -> Response<Bytes> {
    let reply = reply.unwrap();
    let mut response = Response::new(Bytes::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap();
    response.headers_mut().insert(header::CONTENT_TYPE, reply.content_type.parse().unwrap());
    response
}

/// A fault as the services write it; an empty code is left out, as 2007 often does.
pub(crate) fn fault(code: &str, words: &str) -> Response<Bytes> {
    let mut detail = vec![Element::new(SOAP, "errorstring").with_text(words)];
    if !code.is_empty() {
        detail.push(Element::new(SOAP, "errorcode").with_text(code));
    }
    let fault = Fault::server("Exception of type 'SoapServerException' was thrown.").with_detail(detail);
    reply(Reply::fault(SoapVersion::V11, &fault))
}

pub(crate) fn answer(status: u16, headers: &[(HeaderName, &str)], body: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::copy_from_slice(body.as_bytes()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

pub(crate) fn html(body: &str) -> Response<Bytes> {
    answer(200, &[(header::CONTENT_TYPE, "text/html; charset=utf-8")], body)
}

fn percent_decoded(path: &str) -> String {
    percent_encoding::percent_decode_str(path).decode_utf8().unwrap().into_owned()
}

/// An answer of a service with this body.
pub(crate) fn envelope(body: &str) -> Response<Bytes> {
    let xml =
        format!("<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>{body}</s:Body></s:Envelope>");
    answer(200, &[(header::CONTENT_TYPE, "text/xml; charset=utf-8")], &xml)
}

/// The web that most tests work on.
pub(crate) fn web() -> Web {
    Web { url: format!("{PARENT}/berg").parse().unwrap() }
}

//! A simulated CRM 4.0, internet-facing (IFD) for some organisations and CRM Online for others: discovery, CrmService,
//! and pages for people.
//!
//! Start at [`handle`]. What each part enforces is said in its file, with the section of the contract it comes from.

mod discovery;
mod execute;
mod expression;
mod fault;
mod fetch;
mod index;
mod mailing;
mod organisation;
mod pages;
mod paging;
mod press;
mod query;
mod schema;
mod security;
pub mod seed;
mod service;
mod sieve;
mod sign_in;
#[cfg(test)]
mod tests;
mod value;
mod wire;

use std::collections::BTreeMap;

use bytes::Bytes;
use domain::Timestamp;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use serde_json::{Value as Json, json};
use soap::{Limits, SoapVersion, server};

pub use fault::Refusal;
pub use mailing::{NewPerson, NewSend};
pub use organisation::{Fields, Organisation, Record};
pub use security::{Caller, Principal, Right, Rights};
pub use value::Value;

use crate::Addresses;
use sign_in::{SignIn, Tickets};

/// The CRM: its organisations, and who is signed in.
#[derive(Clone, Debug)]
pub struct State {
    addresses: Addresses,
    organisations: BTreeMap<String, Organisation>,
    tickets: Tickets,
    sessions: pages::Sessions,
}

impl State {
    /// The seeded organisations.
    pub fn seeded(addresses: &Addresses, now: Timestamp) -> Self {
        Self {
            addresses: addresses.clone(),
            organisations: seed::organisations(now).map(|org| (org.name.clone(), org)).into(),
            tickets: Tickets::default(),
            sessions: pages::Sessions::default(),
        }
    }

    /// All organisations, by name.
    pub fn organisations(&self) -> impl Iterator<Item = &Organisation> {
        self.organisations.values()
    }

    /// An organisation, whatever the case of its name.
    pub fn organisation(&self, name: &str) -> Option<&Organisation> {
        self.organisations.get(&name.to_ascii_lowercase())
    }

    /// An organisation, to be changed behind the service's back.
    pub fn organisation_mut(&mut self, name: &str) -> Option<&mut Organisation> {
        self.organisations.get_mut(&name.to_ascii_lowercase())
    }

    /// Makes every ticket that was handed out expire now.
    pub fn expire_tickets(&mut self) {
        self.tickets.expire();
    }

    /// The tickets that are good, as clients send them.
    pub fn tickets(&self) -> impl Iterator<Item = &str> {
        self.tickets.texts()
    }

    /// What there is, in numbers, for `/control/state`.
    pub fn summary(&self) -> Json {
        let counts = |org: &Organisation| {
            let entities =
                schema::SCHEMA.entities().map(|entity| (entity.name.clone(), org.records(&entity.name).count()));
            entities.collect::<BTreeMap<_, _>>()
        };
        json!(self.organisations.iter().map(|(name, org)| (name, counts(org))).collect::<BTreeMap<_, _>>())
    }
}

/// Answers one request.
pub fn handle(state: &mut State, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
    let Some(endpoint) = Endpoint::of(request.uri().path()) else {
        return pages::handle(state, request, now);
    };
    if request.method() != Method::POST {
        let mut response = Response::new(Bytes::from_static(b"This is a web service: it answers to POST."));
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        return response;
    }
    match (endpoint, read(request)) {
        (_, Err(error)) => fault::misunderstood(SoapVersion::V11, &error.to_string()),
        (Endpoint::Discovery(kind), Ok(message)) => discovery::handle(state, kind, &message, now),
        (Endpoint::Service, Ok(message)) => {
            let cookie = cookie(request.headers(), "MSCRMSession");
            let ticket = cookie.as_deref().and_then(|session| session.strip_prefix("ticket="));
            service::handle(state, &message, ticket, now)
        }
    }
}

/// The operation that a request asks for: `Create`, `Fetch`, … and for `Execute` the message: `WhoAmI`,
/// `RetrieveCrmTicket`, …; a page is `page` or, when it is sent to, `page POST`.
pub fn operation(request: &Request<Bytes>) -> String {
    if Endpoint::of(request.uri().path()).is_none() {
        return if request.method() == Method::GET { "page".to_owned() } else { format!("page {}", request.method()) };
    }
    let Ok(message) = read(request) else { return "unreadable".to_owned() };
    let body = &message.envelope.body;
    let executed = body.child("Request").and_then(|request| request.required_kind().ok());
    match executed.filter(|_| body.is("Execute")) {
        Some(kind) => kind.strip_suffix("Request").unwrap_or(kind).to_owned(),
        None => body.local().to_owned(),
    }
}

/// A fault with this code, in the shape that fits the request.
pub fn refusal(request: &Request<Bytes>, code: &str) -> Response<Bytes> {
    let version = read(request).map_or(SoapVersion::V11, |message| message.envelope.version);
    Refusal::new(code, "As a switch of the sandbox says.").to_response(version)
}

enum Endpoint {
    /// For organisations of this kind: the others are not known there.
    Discovery(SignIn),
    Service,
}

impl Endpoint {
    /// IIS does not distinguish case in paths.
    fn of(path: &str) -> Option<Self> {
        match path.to_ascii_lowercase().as_str() {
            "/mscrmservices/2007/spla/crmdiscoveryservice.asmx" => Some(Self::Discovery(SignIn::Ifd)),
            "/mscrmservices/2007/passport/crmdiscoveryservice.asmx" => Some(Self::Discovery(SignIn::LiveId)),
            "/mscrmservices/2007/crmservice.asmx" => Some(Self::Service),
            _ => None,
        }
    }
}

fn read(request: &Request<Bytes>) -> Result<server::Request, soap::Error> {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let content_type = text(header::CONTENT_TYPE.as_str()).unwrap_or_default();
    server::Request::read(content_type, text("SOAPAction"), request.body(), Limits::default())
}

/// The value of a cookie.
fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = pairs.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
}

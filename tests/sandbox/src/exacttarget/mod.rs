//! A simulated ExactTarget, today Salesforce Marketing Cloud Engagement: partnerAPI over SOAP, tokens, imports of files,
//! sends that really mail, what people do with the mails, and pages that show it.
//!
//! Facts are of the contract `exacttarget/README.md`; each file names the section. Start at [`handle`]. One address serves
//! all accounts: who signs in says which one is meant. What takes the platform time happens when somebody next looks:
//! [`State::settle`].

mod account;
mod answer;
mod audience;
mod catalogue;
mod columns;
mod events;
mod fault;
mod files;
mod filter;
mod history;
mod import;
mod job;
mod objects;
mod pages;
mod personal;
mod retrieve;
pub mod seed;
mod service;
mod sign_in;

use std::sync::Arc;

use bytes::Bytes;
use domain::Timestamp;
use http::{Method, Request, Response, StatusCode, header};
use serde_json::{Value as Json, json};
use soap::{Limits, server};

pub use account::{Account, Status, Subscriber};
pub use events::{Event, What};
pub use files::{FileRefused, Folder};
pub use job::{Job, Mail};
pub use personal::Person;

use crate::Addresses;
use sign_in::Tokens;

/// The namespace of messages and objects.
const NS: &str = "http://exacttarget.com/wsdl/partnerAPI";

/// The platform: its accounts, and who is signed in.
#[derive(Clone, Debug)]
pub struct State {
    address: String,
    /// Shared until one changes: a world is copied at every fork of a history.
    accounts: Vec<Arc<Account>>,
    tokens: Tokens,
    sessions: retrieve::Sessions,
    /// How many answers were given: their ids.
    answers: u64,
}

impl State {
    /// The accounts of the seeded tenants, with two years of sends behind them.
    pub fn seeded(addresses: &Addresses, now: Timestamp) -> Self {
        Self {
            address: addresses.exacttarget.clone(),
            accounts: seed::accounts(now).map(Arc::new).collect(),
            tokens: Tokens::default(),
            sessions: retrieve::Sessions::default(),
            answers: 0,
        }
    }

    /// Every account.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter().map(|account| &**account)
    }

    /// The account of a tenant.
    pub fn account(&self, tenant: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.tenant == tenant).map(|account| &**account)
    }

    /// The account of a tenant, to be changed behind the service's back.
    pub fn account_mut(&mut self, tenant: &str) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.tenant == tenant).map(Arc::make_mut)
    }

    /// Makes every token that was handed out expire now.
    pub fn expire_tokens(&mut self) {
        self.tokens.expire();
    }

    /// The tokens that were handed out, as clients send them.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        self.tokens.texts()
    }

    /// Forgets every retrieve of which pages are left: their next page is refused.
    pub fn forget_sessions(&mut self) {
        self.sessions.forget();
    }

    /// Lets everything happen that is due by now: imports, sends, and what people do with their mails.
    pub fn settle(&mut self, now: Timestamp) {
        for account in &mut self.accounts {
            if account.has_something_due(now) {
                Arc::make_mut(account).settle(now);
            }
        }
    }

    /// What there is, in numbers, for `/control/state`.
    pub fn summary(&self) -> Json {
        let of = |account: &Account| {
            json!({
                "subscribers": account.subscribers.len(), "lists": account.lists.len(),
                "tables": account.tables.len(), "files": account.folder.names().count(),
                "imports": account.imports.len(), "jobs": account.jobs.len(),
                "mails": account.mail_count(), "events": account.events.len(),
            })
        };
        self.accounts.iter().map(|account| (account.tenant.to_owned(), of(account))).collect()
    }

    /// An account by the number in its list.
    fn at(&self, number: usize) -> &Account {
        &self.accounts[number]
    }

    fn at_mut(&mut self, number: usize) -> &mut Account {
        Arc::make_mut(&mut self.accounts[number])
    }
}

/// Answers one request.
pub fn handle(state: &mut State, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
    state.settle(now);
    match (Endpoint::of(request.uri().path()), request.method()) {
        (Endpoint::Service, &Method::POST) => service::handle(state, request, now),
        (Endpoint::Token, &Method::POST) => sign_in::token(state, request.body(), now),
        (Endpoint::LegacyToken, &Method::POST) => sign_in::legacy_token(state, request.body(), now),
        (Endpoint::Discovery, &Method::GET) => sign_in::discover(state, request, now),
        (Endpoint::Pages, _) => pages::handle(state, request, now),
        _ => {
            let mut response = Response::new(Bytes::from_static(b"This is a web service: it answers to POST."));
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            response
        }
    }
}

/// Whether a request is for the service, and not for a token or a page.
pub(crate) fn is_message(request: &Request<Bytes>) -> bool {
    matches!(Endpoint::of(request.uri().path()), Endpoint::Service)
}

/// The operation that a request asks for: `Retrieve`, `Create`, …, `RequestToken`, or `page`.
pub fn operation(request: &Request<Bytes>) -> String {
    let name = match Endpoint::of(request.uri().path()) {
        Endpoint::Service => return read(request).map_or("unreadable".to_owned(), |it| it.operation().to_owned()),
        Endpoint::Token | Endpoint::LegacyToken => "RequestToken",
        Endpoint::Discovery => "Endpoints",
        Endpoint::Pages if request.method() == Method::GET => "page",
        Endpoint::Pages => return format!("page {}", request.method()),
    };
    name.to_owned()
}

/// What the platform says with this code: a number is an `apifault`, `Token Expired` and `Login Failed` are faults of
/// security, a text that begins with `Error` is an overall status with HTTP 200, and anything else is `error` of the
/// token endpoint.
pub fn refusal(request: &Request<Bytes>, code: &str, now: Timestamp) -> Response<Bytes> {
    if !matches!(Endpoint::of(request.uri().path()), Endpoint::Service) {
        return sign_in::refused(StatusCode::UNAUTHORIZED, code);
    }
    let answered = answer::To::of(request, now);
    match code.parse() {
        Ok(number) => fault::Fault::api(number).to_response(&answered),
        Err(_) if code.starts_with("Error") => answered.overall(code),
        Err(_) => fault::Fault::security(code).to_response(&answered),
    }
}

enum Endpoint {
    Service,
    Token,
    LegacyToken,
    Discovery,
    Pages,
}

impl Endpoint {
    fn of(path: &str) -> Self {
        match path.to_ascii_lowercase().as_str() {
            "/service.asmx" => Self::Service,
            "/v2/token" => Self::Token,
            "/v1/requesttoken" => Self::LegacyToken,
            "/platform/v1/endpoints/soap" => Self::Discovery,
            _ => Self::Pages,
        }
    }
}

fn read(request: &Request<Bytes>) -> Result<server::Request, soap::Error> {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let content_type = text(header::CONTENT_TYPE.as_str()).unwrap_or_default();
    server::Request::read(content_type, text("SOAPAction"), request.body(), Limits::default())
}

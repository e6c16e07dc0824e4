//! Who is asking: Basic credentials of service accounts, or the cookie that `Login` or a sign-in page gave.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{SignedDuration, Timestamp};
use http::{HeaderMap, header};
use sha2::{Digest as _, Sha256};

use super::{generation::Generation, state::State};

/// How long a ticket lives after its last use: ASP.NET's default, sliding.
pub(crate) const LIFETIME: SignedDuration = SignedDuration::from_mins(30);

/// The tickets in force.
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    tickets: BTreeMap<String, Ticket>,
    issued: u64,
}

#[derive(Clone, Debug)]
struct Ticket {
    login: String,
    expires: Timestamp,
}

impl Sessions {
    /// Gives a ticket to a login.
    pub(crate) fn open(&mut self, seal: &str, login: &str, now: Timestamp) -> String {
        self.issued += 1;
        let hash = Sha256::digest(format!("{seal}\n{}\n{login}", self.issued).as_bytes());
        let ticket = hash.iter().fold(String::new(), |text, byte| text + &format!("{byte:02X}"));
        self.tickets.insert(ticket.clone(), Ticket { login: login.to_owned(), expires: now + LIFETIME });
        ticket
    }

    pub(crate) fn close(&mut self, ticket: &str) {
        self.tickets.remove(ticket);
    }

    fn login(&mut self, ticket: &str, now: Timestamp) -> Option<String> {
        self.tickets.retain(|_, ticket| ticket.expires > now);
        let ticket = self.tickets.get_mut(ticket)?;
        ticket.expires = now + LIFETIME;
        Some(ticket.login.clone())
    }
}

/// What a request says about who sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Somebody whom the host knows, by login.
    Known(String),
    /// Nobody said who it is, or the ticket is over.
    Anonymous,
    /// Credentials that are wrong.
    Refused,
}

/// Finds out who sends a request.
pub(crate) fn identify(state: &mut State, headers: &HeaderMap, now: Timestamp) -> Caller {
    if let Some(claims) = state.claims.as_mut() {
        return claims.login(headers, now).map_or(Caller::Anonymous, Caller::Known);
    }
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let account = value.to_str().ok().and_then(basic_credentials).and_then(|(login, password)| {
            let account = state.account(&login)?;
            (account.password.as_deref() == Some(password.as_str())).then(|| account.login.clone())
        });
        return account.map_or(Caller::Refused, Caller::Known);
    }
    match ticket(state.generation, headers).and_then(|ticket| state.sessions.login(&ticket, now)) {
        Some(login) => Caller::Known(login),
        None => Caller::Anonymous,
    }
}

/// The ticket in the cookie header.
pub(crate) fn ticket(generation: Generation, headers: &HeaderMap) -> Option<String> {
    cookie(headers, generation.cookie())
}

/// The value of a cookie.
pub(crate) fn cookie(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value.to_owned())
}

fn basic_credentials(header: &str) -> Option<(String, String)> {
    let (scheme, rest) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    text.split_once(':').map(|(login, password)| (login.to_owned(), password.to_owned()))
}

//! Who is asking: a user's name and password in every call, or a token of an installed package (contract §3).

use std::collections::BTreeMap;

use bytes::Bytes;
use domain::{SignedDuration, Timestamp};
use http::{HeaderValue, Request, Response, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use soap::{Element, ns};

use super::{State, account::Account, fault::Fault};

/// The namespace of the headers that carry a token (contract §3).
const FUEL: &str = "http://exacttarget.com";
/// How long a token says that it lasts, in seconds; the same in every recording (contract §3).
pub(crate) const LIFETIME: u32 = 1_079;
/// `UsernameToken` of WS-Security 1.0 with the password as it is.
const PASSWORD_TEXT: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText";
/// The scope of a recorded token.
const SCOPE: &str = "offline email_read email_send email_write list_and_subscribers_read list_and_subscribers_write \
                     data_extensions_read data_extensions_write file_locations_read tracking_events_read";

/// The tokens that were handed out: text to account and end.
#[derive(Clone, Debug, Default)]
pub(super) struct Tokens {
    issued: BTreeMap<String, (usize, Timestamp)>,
}

impl Tokens {
    pub(super) fn expire(&mut self) {
        for (_, end) in self.issued.values_mut() {
            *end = Timestamp::MIN;
        }
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.issued.keys().map(String::as_str)
    }

    fn issue(&mut self, account: usize, now: Timestamp) -> String {
        // Opaque; the number makes it one of a kind.
        let text = format!("sandbox-token-{account}-{}", self.issued.len() + 1);
        let end = now + SignedDuration::from_secs(LIFETIME.into());
        self.issued.insert(text.clone(), (account, end));
        text
    }

    fn account(&self, text: &str, now: Timestamp) -> Result<usize, Fault> {
        match self.issued.get(text.trim()) {
            None => Err(Fault::security("Login Failed")),
            Some((_, end)) if *end <= now => Err(Fault::security("Token Expired")),
            Some((account, _)) => Ok(*account),
        }
    }
}

/// The number of the account that a call is for.
pub(super) fn account(state: &State, headers: &[Element], now: Timestamp) -> Result<usize, Fault> {
    let header = |ns: &str, local: &str| headers.iter().find(|header| header.is((ns, local)));
    if let Some(token) = header(FUEL, "fueloauth") {
        return state.tokens.account(&token.text(), now);
    }
    // The tokens of the packages of old come with a user whose name and password are stars.
    if let Some(token) = header(FUEL, "oAuth") {
        return state.tokens.account(&token.child_text("oAuthToken"), now);
    }
    let refused = || Fault::security("Login Failed");
    let user = header(ns::SECURITY, "Security").and_then(|it| it.child("UsernameToken")).ok_or_else(refused)?;
    let password = user.child("Password").ok_or_else(refused)?;
    // A digest is not among what the platform takes.
    if password.attribute("Type").is_some_and(|kind| kind != PASSWORD_TEXT) {
        return Err(refused());
    }
    let is_meant = |account: &Account| {
        account.user.name == user.child_text("Username").trim() && account.user.password == password.text()
    };
    state.accounts.iter().position(|account| is_meant(account)).ok_or_else(refused)
}

#[derive(Deserialize)]
struct Asked {
    grant_type: Option<String>,
    client_id: String,
    client_secret: String,
    account_id: Option<Value>,
}

/// `POST /v2/token`.
pub(super) fn token(state: &mut State, body: &[u8], now: Timestamp) -> Response<Bytes> {
    let Ok(asked) = serde_json::from_slice::<Asked>(body) else {
        return refused(StatusCode::BAD_REQUEST, "invalid_request");
    };
    if asked.grant_type.as_deref() != Some("client_credentials") {
        return refused(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    let Some(number) = by_package(state, &asked.client_id, &asked.client_secret) else {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    };
    let member = state.at(number).member;
    // A number, or the same in a text.
    if asked.account_id.is_some_and(|id| id.to_string().trim_matches('"') != member.to_string()) {
        return refused(StatusCode::BAD_REQUEST, "invalid_request");
    }
    let text = state.tokens.issue(number, now);
    let said = json!({
        "access_token": text, "token_type": "Bearer", "expires_in": LIFETIME, "scope": SCOPE,
        "soap_instance_url": format!("{}/", state.address), "rest_instance_url": format!("{}/", state.address),
    });
    reply(StatusCode::OK, &said)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AskedOfOld {
    client_id: String,
    client_secret: String,
}

/// `POST /v1/requestToken?legacy=1`.
pub(super) fn legacy_token(state: &mut State, body: &[u8], now: Timestamp) -> Response<Bytes> {
    let asked = serde_json::from_slice::<AskedOfOld>(body).ok();
    let number = asked.and_then(|asked| by_package(state, &asked.client_id, &asked.client_secret));
    let Some(number) = number else { return refused(StatusCode::UNAUTHORIZED, "invalid_client") };
    let text = state.tokens.issue(number, now);
    reply(StatusCode::OK, &json!({ "accessToken": text, "expiresIn": LIFETIME, "legacyToken": text }))
}

/// `GET /platform/v1/endpoints/soap`: where the service of a token is (contract §2).
pub(super) fn discover(state: &State, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
    let bearer = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = bearer.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    match state.tokens.account(token, now) {
        Ok(_) => reply(StatusCode::OK, &json!({ "url": format!("{}/Service.asmx", state.address) })),
        Err(_) => refused(StatusCode::UNAUTHORIZED, "invalid_token"),
    }
}

fn by_package(state: &State, id: &str, secret: &str) -> Option<usize> {
    state.accounts.iter().position(|account| account.package.name == id && account.package.password == secret)
}

/// RFC 6749, section 5.2.
pub(super) fn refused(status: StatusCode, error: &str) -> Response<Bytes> {
    reply(
        status,
        &json!({
            "error": error, "error_description": "As the sandbox says.", "error_uri": "https://developer.salesforce.com/docs",
        }),
    )
}

fn reply(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

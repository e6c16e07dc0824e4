//! The claims sign-in of SharePoint Online: a token of the sign-in service for two cookies (contract §7 C).
//!
//! The service's tokens are opaque to everybody but the host that they are for. Here they carry what they say, under a
//! seal that only the two simulators know.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use domain::{SignedDuration, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    pages,
    route::{Visit, redirect},
    session::cookie,
    state::State,
};

/// The cookie that is good for the host. The one beside it, `rtFa`, is for the sign-in service and says nothing here.
pub(crate) const SESSION: &str = "FedAuth";
const ROOT: &str = "rtFa";

/// How long a session lives, whether it is used or not. Invented: the contract knows only that it ends.
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(8);

/// What stands in for the keys that the sign-in service and the hosts share. Not a secret: the sandbox keeps none.
const TRUST: &str = "sandbox-claims-trust";

/// What a host that trusts the sign-in service remembers.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// Tokens that were turned in: each is good once.
    used: BTreeSet<u64>,
    sessions: BTreeMap<String, Session>,
    opened: u64,
}

#[derive(Clone, Debug)]
struct Session {
    login: String,
    expires: Timestamp,
}

impl Claims {
    /// Ends every session, as a host does whose keys change.
    pub fn expire_sessions(&mut self) {
        self.sessions.clear();
    }

    /// The cookies in force.
    pub fn cookies(&self) -> impl Iterator<Item = &str> {
        self.sessions.keys().map(String::as_str)
    }

    fn open(&mut self, seal: &str, login: &str, now: Timestamp) -> String {
        self.opened += 1;
        let text = URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{seal}\n{SESSION}\n{}\n{login}", self.opened)));
        let session = Session { login: login.to_owned(), expires: now + LIFETIME };
        self.sessions.insert(text.clone(), session);
        text
    }

    /// Whose session the cookies of a request name.
    pub(crate) fn login(&mut self, headers: &HeaderMap, now: Timestamp) -> Option<String> {
        self.sessions.retain(|_, session| session.expires > now);
        Some(self.sessions.get(&cookie(headers, SESSION)?)?.login.clone())
    }

    pub(crate) fn close(&mut self, headers: &HeaderMap) {
        if let Some(text) = cookie(headers, SESSION) {
            self.sessions.remove(&text);
        }
    }
}

/// What a token of the sign-in service says: who, for which host, until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SecurityToken {
    /// Its number: each is good once.
    pub(crate) number: u64,
    /// The user's name at the sign-in service.
    pub(crate) user: String,
    /// Scheme, host and port of the host that it is for.
    pub(crate) audience: String,
    /// When it ends.
    pub(crate) expires: Timestamp,
}

impl SecurityToken {
    /// As it goes over the wire: `t=` in front, `&p=` behind, as the real ones have it.
    pub(crate) fn write(&self) -> String {
        let said = URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default());
        format!("t={said}.{}&p=", seal(&said))
    }

    fn read(text: &str) -> Option<Self> {
        let (said, sealed) = text.trim().strip_prefix("t=")?.strip_suffix("&p=")?.split_once('.')?;
        let said = (seal(said) == sealed).then(|| URL_SAFE_NO_PAD.decode(said).ok())??;
        serde_json::from_slice(&said).ok()
    }
}

fn seal(said: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{TRUST}\n{said}")))
}

/// The name under which a claims host knows a user of the sign-in service.
pub(crate) fn login_of(user: &str) -> String {
    format!("i:0#.f|membership|{}", user.trim().to_lowercase())
}

/// `/_forms/default.aspx`. A token is turned in with `wa=wsignin1.0`; a browser chooses a person.
pub(super) fn sign_in(state: &mut State, visit: &Visit<'_>) -> Response<Bytes> {
    let is_a_token = visit.parameter("wa").is_some_and(|wa| wa.eq_ignore_ascii_case("wsignin1.0"));
    if !(is_a_token && visit.is_post()) {
        return pages::sign_in(state, visit);
    }
    match turn_in(state, visit) {
        Some(login) => {
            // 200 and no redirect: SharePlum takes its cookies from the first answer.
            let mut response = pages::signed_in();
            set_cookies(state, visit, &login, &mut response);
            response
        }
        // To the sign-in service, without a reason (invented).
        None => redirect("/_layouts/Authenticate.aspx?Source=%2F"),
    }
}

fn turn_in(state: &mut State, visit: &Visit<'_>) -> Option<String> {
    let token = SecurityToken::read(std::str::from_utf8(visit.request.body()).ok()?)?;
    let login = state.account(&login_of(&token.user))?.login.clone();
    let good = token.audience.eq_ignore_ascii_case(&visit.base) && token.expires > visit.now;
    let claims = state.claims.as_mut().filter(|_| good)?;
    claims.used.insert(token.number).then_some(login)
}

/// Opens a session for a login.
pub(super) fn set_cookies(state: &mut State, visit: &Visit<'_>, login: &str, response: &mut Response<Bytes>) {
    let Some(claims) = state.claims.as_mut() else { return };
    let session = claims.open(&state.seal, login, visit.now);
    let secure = if visit.base.starts_with("https:") { "; secure" } else { "" };
    // `rtFa` belongs to all of sharepoint.com; on another host there is no such domain to name.
    let domain = if visit.base.ends_with(".sharepoint.com") { "; domain=sharepoint.com" } else { "" };
    let root = URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{}\n{ROOT}\n{session}", state.seal)));
    for cookie in [
        format!("{ROOT}={root}{domain}; path=/{secure}; HttpOnly"),
        format!("{SESSION}={session}; path=/{secure}; HttpOnly"),
    ] {
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}

/// Services, and whoever says that it takes forms, are told where with 403 (MS-OFBA, from memory); browsers are led
/// there (contract §1). Basic credentials are not looked at.
pub(super) fn sign_in_first(visit: &Visit<'_>, is_service: bool) -> Response<Bytes> {
    let wanted = visit.request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let query =
        |name: &str| -> String { form_urlencoded::Serializer::new(String::new()).append_pair(name, wanted).finish() };
    if !is_service && !visit.request.headers().contains_key("x-forms_based_auth_accepted") {
        return redirect(&format!("/_layouts/Authenticate.aspx?{}", query("Source")));
    }
    let mut response = Response::new(Bytes::from_static(b"403 FORBIDDEN"));
    *response.status_mut() = StatusCode::FORBIDDEN;
    let address = format!("{}/_forms/default.aspx?{}", visit.base, query("ReturnUrl"));
    if let Ok(address) = HeaderValue::from_str(&address) {
        response.headers_mut().insert(HeaderName::from_static("x-forms_based_auth_required"), address);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written_and_no_letter_of_it_can_be_changed() {
        let expires = "2012-06-15T18:00:00Z".parse().expect("a time");
        let (user, audience) = ("svc@lakeside.example".to_owned(), "https://lakeside.sharepoint.com".to_owned());
        let token = SecurityToken { number: 7, user, audience, expires };
        let text = token.write();
        assert_eq!(SecurityToken::read(&text), Some(token));
        for at in 2..text.len() - 3 {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).expect("ASCII");
            assert_eq!(SecurityToken::read(&other), None, "{at}");
        }
    }
}

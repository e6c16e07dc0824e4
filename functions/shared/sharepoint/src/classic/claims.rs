//! The claims sign-in of SharePoint Online: a token of the sign-in service, turned in at the host for its cookies
//! (contract, section 7 C).

use http::{HeaderValue, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use soap::{Envelope, FromXml, Limits};
use transport::{Answer, Call, Token, passport};
use url::Url;

use super::{
    address, instead,
    operation::{RequestSecurityToken, SecurityToken, refusal_of_a_token},
    refusal,
    session::{Expects, Session, page_instead},
};
use crate::SiteError;

/// Asking the sign-in service for a token, as errors and counts name it.
pub const TOKEN: &str = RequestSecurityToken::NAME;
/// Turning a token in at the host, as errors and counts name it.
pub const TURN_IN: &str = "TurnInToken";
/// The cookies that prove a session. Without the first there is none.
const COOKIES: [&str; 2] = ["FedAuth", "rtFa"];
/// The code of an answer to a token that brings no cookie.
const NO_COOKIES: &str = "no cookies";

/// Two calls: the token is asked for, which may be repeated, and turned in, which may not: it is good once.
pub(super) async fn sign_in(
    session: &Session,
    user: &str,
    password: &SecretString,
    sts: &Url,
) -> Result<Token, SiteError> {
    let token = ask(session, user, password, sts).await?;
    turn_in(session, token).await
}

async fn ask(session: &Session, user: &str, password: &SecretString, sts: &Url) -> Result<SecurityToken, SiteError> {
    let operation = TOKEN;
    let site = session.parent.origin().ascii_serialization();
    let request = RequestSecurityToken { sts, site, user, password };
    let document = request.to_envelope().to_bytes().map_err(|error| refusal::unsendable(operation, &error))?;
    let call = Call::post(sts.clone(), operation, document)
        .header(header::CONTENT_TYPE, HeaderValue::from_static("application/soap+xml; charset=utf-8"))
        .repeatable();
    let answer = session.send(call, Expects::Soap).await?.ok_or_else(|| page_instead(operation))?;
    if !answer.is_xml() {
        return Err(refusal::from_status(operation, &answer));
    }
    let unreadable = |source| SiteError::Unreadable { operation, source };
    let envelope = Envelope::parse(&answer.body, Limits::default()).map_err(unreadable)?;
    let code = refusal_of_a_token(&envelope.body);
    let fault = match (&code, envelope.into_body()) {
        (None, Ok(body)) => return SecurityToken::from_xml(&body).map_err(unreadable),
        (_, body) => body.err(),
    };
    let code = code.unwrap_or_else(|| passport::NO_CODE.to_owned());
    Err(if passport::is_trouble(&code, fault.as_ref().map(|fault| &*fault.code)) {
        SiteError::Busy { operation, code }
    } else {
        SiteError::SignIn { operation, code, until: None }
    })
}

async fn turn_in(session: &Session, token: SecurityToken) -> Result<Token, SiteError> {
    let mut url = address::below(&address::root(&session.parent), ["_forms", "default.aspx"]);
    url.set_query(Some("wa=wsignin1.0"));
    let call = Call::post(url, TURN_IN, token.0.expose_secret().as_bytes().to_vec())
        .header(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    let refused = || SiteError::SignIn { operation: TURN_IN, code: NO_COOKIES.to_owned(), until: None };
    let answer = session.send(call, Expects::Cookies).await?.ok_or_else(refused)?;
    let cookies = cookies(&answer);
    if cookies.iter().any(|cookie| cookie.starts_with("FedAuth=")) {
        return Ok(Token { text: cookies.join("; ").into(), expires_at: None });
    }
    // Any page, sign-in pages and the ways to them among them, is a no.
    if answer.status == StatusCode::OK || answer.is_redirect() || instead::is_sign_in_required(&answer) {
        return Err(refused());
    }
    Err(refusal::from_status(TURN_IN, &answer))
}

/// Name and value of each.
fn cookies(answer: &Answer) -> Vec<String> {
    let set = answer.headers.get_all(header::SET_COOKIE).iter();
    let pairs = set.filter_map(|cookie| cookie.to_str().ok()?.split(';').next()).map(str::trim);
    let is_ours =
        |pair: &&str| pair.split_once('=').is_some_and(|(name, value)| COOKIES.contains(&name) && !value.is_empty());
    pairs.filter(is_ours).map(ToOwned::to_owned).collect()
}

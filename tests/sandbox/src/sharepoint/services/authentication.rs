//! Authentication.asmx: the forms sign-in. Asked before anybody is signed in.

use domain::Timestamp;
use soap::Element;

use crate::sharepoint::{session, state::State};

use super::SOAP;

/// The answer, and the ticket to set as a cookie.
pub(crate) fn answer(
    state: &mut State,
    operation: &str,
    body: &Element,
    now: Timestamp,
) -> Option<(Element, Option<String>)> {
    match operation {
        "Mode" => Some((Element::new(SOAP, "ModeResponse").with_value("ModeResult", "Forms"), None)),
        "Login" => Some(login(state, body, now)),
        _ => None,
    }
}

fn login(state: &mut State, body: &Element, now: Timestamp) -> (Element, Option<String>) {
    let text = |name| body.child((SOAP, name)).map(Element::text).unwrap_or_default();
    let (login, password) = (text("username"), text("password"));
    let account = session::account(state, &login).filter(|account| account.password.as_deref() == Some(&*password));
    let login = account.map(|account| account.login.clone());
    let ticket = login.map(|login| state.sessions.open(&state.seal, &login, now));
    let result = Element::new(SOAP, "LoginResult");
    // No CookieName when it failed (MS-AUTHWS R74), no TimeoutSeconds in 2007 (R190).
    let result = match ticket {
        Some(_) => result.with_value("CookieName", session::COOKIE).with_value("ErrorCode", "NoError"),
        None => result.with_value("ErrorCode", "PasswordNotMatch"),
    };
    (Element::new(SOAP, "LoginResponse").with(result), ticket)
}

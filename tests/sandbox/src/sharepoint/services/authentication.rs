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
        // That of an online host is invented: no document names it.
        "Mode" => {
            let mode = if state.claims.is_some() { "Passport" } else { "Forms" };
            Some((Element::new(SOAP, "ModeResponse").with_value("ModeResult", mode), None))
        }
        "Login" => Some(login(state, body, now)),
        _ => None,
    }
}

fn login(state: &mut State, body: &Element, now: Timestamp) -> (Element, Option<String>) {
    let text = |name| body.child((SOAP, name)).map(Element::text).unwrap_or_default();
    let (login, password) = (text("username"), text("password"));
    if state.claims.is_some() {
        // R83.
        let result = Element::new(SOAP, "LoginResult").with_value("ErrorCode", "NotInFormsAuthenticationMode");
        return (Element::new(SOAP, "LoginResponse").with(result), None);
    }
    let account = state.account(&login).filter(|account| account.password.as_deref() == Some(&*password));
    let login = account.map(|account| account.login.clone());
    let ticket = login.map(|login| state.sessions.open(&state.seal, &login, now));
    let result = Element::new(SOAP, "LoginResult");
    // No CookieName when it failed (MS-AUTHWS R74); TimeoutSeconds since 2010 (R190, R191).
    let result = match ticket {
        Some(_) => {
            let cookie = state.generation.cookie();
            let result = result.with_value("CookieName", cookie).with_value("ErrorCode", "NoError");
            let seconds = session::LIFETIME.as_secs();
            if state.generation.is_2010() { result.with_value("TimeoutSeconds", seconds) } else { result }
        }
        None => result.with_value("ErrorCode", "PasswordNotMatch"),
    };
    (Element::new(SOAP, "LoginResponse").with(result), ticket)
}

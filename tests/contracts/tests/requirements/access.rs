//! `Authentication`.

use contracts::{SOAP, Site, TOP, operation};
use http::header;
use sandbox::sharepoint::Credentials;
use soap::{Element, Envelope, Limits};

use crate::found;

/// What a sign-in is answered, and the cookie that came with it.
fn sign_in(site: &mut Site, login: &str, password: &str) -> (Element, Option<String>) {
    let body = operation(SOAP, "Login", &[("username", login), ("password", password)]);
    let answer = site.answer_at(TOP, "Authentication", &body);
    assert_eq!(answer.status(), 200, "no redirect to a page");
    let cookie = answer.headers().get(header::SET_COOKIE).map(|cookie| cookie.to_str().expect("text").to_owned());
    (Envelope::parse(answer.body(), Limits::default()).expect("an envelope").body, cookie)
}

/// MS-AUTHWS R41, R43, R44, R45, R48, R128, R129, R69, R70, R72, R75, R80, R81, R127, R190, R113
#[test]
fn who_signs_in_gets_a_ticket_and_the_name_of_its_cookie() {
    let mut site = Site { cookie: Some(String::new()), ..Site::default() };
    let Credentials { login, password } = Credentials::of("harbour");
    let (reply, cookie) = sign_in(&mut site, &login, &password);
    let result = found(&reply, "LoginResult");
    assert_eq!(result.children().map(Element::local).collect::<Vec<_>>(), ["CookieName", "ErrorCode"]);
    assert_eq!(
        (result.child_text("CookieName"), result.child_text("ErrorCode")),
        (".ASPXAUTH".into(), "NoError".into())
    );
    let cookie = cookie.expect("a ticket");
    assert!(cookie.starts_with(".ASPXAUTH="), "the cookie is named as told");
    // Without it nobody is let in, with it the services open.
    let lists = operation(SOAP, "GetListCollection", &[]);
    assert_ne!(site.answer_at(TOP, "Lists", &lists).status(), 200);
    site.cookie = cookie.split(';').next().map(ToOwned::to_owned);
    assert_eq!(site.answer_at(TOP, "Lists", &lists).status(), 200);
}

/// MS-AUTHWS R74, R83, R84, R85
#[test]
fn who_is_unknown_or_has_another_password_gets_nothing() {
    let mut site = Site { cookie: Some(String::new()), ..Site::default() };
    let Credentials { login, password } = Credentials::of("harbour");
    for (login, password) in [(login.as_str(), "wrong"), ("HARBOUR\\nobody", &*password), ("", "")] {
        let (reply, cookie) = sign_in(&mut site, login, password);
        let result = found(&reply, "LoginResult");
        assert_eq!(result.children().map(Element::local).collect::<Vec<_>>(), ["ErrorCode"]);
        assert_eq!((result.child_text("ErrorCode"), cookie), ("PasswordNotMatch".into(), None));
    }
}

/// MS-AUTHWS R42, R86, R133, R107
#[test]
fn the_mode_is_told_before_anybody_signs_in() {
    let mut site = Site { cookie: Some(String::new()), ..Site::default() };
    let answer = site.answer_at(TOP, "Authentication", &operation(SOAP, "Mode", &[]));
    let body = Envelope::parse(answer.body(), Limits::default()).expect("an envelope").body;
    assert_eq!(body.child_text("ModeResult"), "Forms");
}

/// A claims host: its mode is the one of Live ID, and nobody signs in by form there.
///
/// MS-AUTHWS R82, R111, R136
#[test]
fn a_host_that_is_signed_in_to_elsewhere_says_so() {
    let mut site = Site { cookie: Some(String::new()), ..Site::online() };
    let answer = site.answer_at("/sites/lakeside", "Authentication", &operation(SOAP, "Mode", &[]));
    let body = Envelope::parse(answer.body(), Limits::default()).expect("an envelope").body;
    assert_eq!(body.child_text("ModeResult"), "Passport");
    let Credentials { login, password } = Credentials::online("lakeside");
    let right = operation(SOAP, "Login", &[("username", &login), ("password", &password)]);
    let answer = site.answer_at("/sites/lakeside", "Authentication", &right);
    assert!(answer.headers().get(header::SET_COOKIE).is_none());
    let body = Envelope::parse(answer.body(), Limits::default()).expect("an envelope").body;
    assert_eq!(found(&body, "LoginResult").child_text("ErrorCode"), "NotInFormsAuthenticationMode");
}

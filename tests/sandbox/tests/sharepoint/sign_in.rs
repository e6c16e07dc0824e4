//! Who may come in.

use domain::SignedDuration;
use http::{Request, StatusCode, header};

use crate::host::{As, Host, SOAP, location, operation, text};

#[test]
fn who_is_not_signed_in_is_sent_to_the_page_or_told_to() {
    let mut host = Host::new();
    for path in ["/sites/harbour", "/sites/harbour/_layouts/newsbweb.aspx", "/sites/harbour/_vti_bin/Lists.asmx"] {
        let response = host.get(path, &As::Nobody);
        assert_eq!(response.status(), StatusCode::FOUND, "{path}");
        assert!(location(&response).starts_with("/_layouts/login.aspx?ReturnUrl=%2Fsites%2Fharbour"), "{path}");
        let windows = Request::builder().uri(path).header("X-FORMS_BASED_AUTH_ACCEPTED", "f");
        assert_eq!(host.send(windows, "", &As::Nobody).status(), StatusCode::UNAUTHORIZED, "{path}");
        let wrong = Request::builder().uri(path).header(header::AUTHORIZATION, "Basic eDp5");
        let response = host.send(wrong, "", &As::Nobody);
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Basic realm=\"SharePoint\"");
    }
}

#[test]
fn a_forms_ticket_opens_the_services_until_it_is_idle_for_half_an_hour() {
    let mut host = Host::new();
    let login =
        operation(SOAP, "Login", &[("username", "HARBOUR\\svc-sharepoint"), ("password", "sandbox-sp-harbour-1")]);
    let response = host.call_as("/sites/harbour", "Authentication", &login, &As::Nobody);
    assert!(text(&response).contains("<CookieName>.ASPXAUTH</CookieName><ErrorCode>NoError</ErrorCode>"));
    let cookie = response.headers()[header::SET_COOKIE].to_str().expect("text").to_owned();
    let cookie = cookie.split(';').next().expect("a cookie");
    let lists = operation(SOAP, "GetListCollection", &[]);
    for (minutes, status) in [(0, 200), (29, 200), (29, 200), (30, 302)] {
        host.wait(SignedDuration::from_mins(minutes));
        let response = host.call_as("/sites/harbour", "Lists", &lists, &As::Cookie(cookie));
        assert_eq!(response.status().as_u16(), status, "after {minutes} minutes");
    }
}

#[test]
fn a_wrong_password_gets_no_ticket() {
    let mut host = Host::new();
    let login =
        operation(SOAP, "Login", &[("username", "HARBOUR\\svc-sharepoint"), ("password", "sandbox-sp-northwind-1")]);
    let response = host.call_as("/sites/harbour", "Authentication", &login, &As::Nobody);
    assert!(text(&response).contains("PasswordNotMatch"));
    assert!(!text(&response).contains("CookieName"));
    assert!(response.headers().get(header::SET_COOKIE).is_none());
}

/// ST-04: a person finds out by looking.
#[test]
fn a_person_sees_only_the_webs_they_are_a_member_of() {
    let mut host = Host::with_web("acme");
    let anna = host.person("HARBOUR\\anna.berg");
    assert_eq!(host.get("/sites/harbour", &As::Cookie(&anna)).status(), StatusCode::OK);
    let denied = host.get("/sites/harbour/acme", &As::Cookie(&anna));
    assert_eq!(denied.status(), StatusCode::FORBIDDEN);
    assert!(text(&denied).contains("Access Denied"));
    assert_eq!(host.get("/sites/harbour/none", &As::Cookie(&anna)).status(), StatusCode::NOT_FOUND);
}

/// ST-39: one tenant's people and service are nobody at the other's.
#[test]
fn tenants_do_not_see_each_other() {
    let mut host = Host::with_web("acme");
    let adam = host.person("NORTHWIND\\adam.able");
    for path in ["/sites/harbour", "/sites/harbour/acme"] {
        assert_eq!(host.get(path, &As::Cookie(&adam)).status(), StatusCode::FORBIDDEN);
        assert_eq!(host.get(path, &As::Service("northwind")).status(), StatusCode::FORBIDDEN);
        let lists = operation(SOAP, "GetListCollection", &[]);
        assert_eq!(host.call_as(path, "Lists", &lists, &As::Service("northwind")).status(), StatusCode::UNAUTHORIZED);
    }
}

#[test]
fn signing_in_leads_back_to_this_host_only() {
    let mut host = Host::new();
    let chosen = [("login".to_owned(), "HARBOUR\\anna.berg".to_owned())];
    for (asked, led) in
        [("%2Fsites%2Fharbour", "/sites/harbour"), ("https%3A%2F%2Fevil.example", "/"), ("%2F%2Fevil.example", "/")]
    {
        let response = host.post(&format!("/_layouts/login.aspx?ReturnUrl={asked}"), &chosen, &As::Nobody);
        assert_eq!(location(&response), led);
    }
    let page = text(&host.get("/_layouts/login.aspx?ReturnUrl=%2Fsites%2Fharbour", &As::Nobody));
    assert!(page.contains("Anna Berg") && !page.contains("Adam Able"));
}

#[test]
fn signing_out_ends_the_ticket() {
    let mut host = Host::new();
    let anna = host.person("HARBOUR\\anna.berg");
    host.get("/_layouts/signout.aspx", &As::Cookie(&anna));
    assert_eq!(host.get("/sites/harbour", &As::Cookie(&anna)).status(), StatusCode::FOUND);
}

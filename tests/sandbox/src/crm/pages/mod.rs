//! The CRM as a person sees it: accounts, the account form with the *Create site* button, and e-mail sends.
//!
//! Looks like CRM 4.0; works by keyboard, without inline script. Nothing comes from elsewhere but the script behind
//! the button, which the engine serves (ST-24).

mod form;
mod list;
mod sends;
mod sign_in;

use std::collections::BTreeMap;

use bytes::Bytes;
use domain::{CrmId, Timestamp};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use maud::{DOCTYPE, Markup, html};

use super::{State, cookie, organisation::Organisation};

const STYLE: &str = include_str!("crm.css");
const SCRIPT: &str = include_str!("press.js");

/// The cookie of a person who is signed in.
const SESSION: &str = "sandbox-crm-session";

/// Who is signed in where: cookie value to organisation and user.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sessions {
    signed_in: BTreeMap<String, (String, CrmId)>,
    begun: u64,
}

/// A person looking at an organisation.
struct Visitor<'s> {
    state: &'s State,
    organisation: &'s Organisation,
    user: CrmId,
}

/// Answers a request for a page.
pub(crate) fn handle(state: &mut State, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
    let path = request.uri().path().trim_matches('/').to_owned();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let is_get = request.method() == Method::GET;
    match parts.as_slice() {
        [] if is_get => page(state, StatusCode::OK, &organisations(state)),
        ["assets", "crm.css"] if is_get => asset("text/css; charset=utf-8", STYLE),
        ["assets", "press.js"] if is_get => asset("text/javascript; charset=utf-8", SCRIPT),
        // Browsers ask; an empty answer keeps their console quiet.
        ["favicon.ico"] => asset("image/x-icon", ""),
        [name, rest @ ..] => match state.organisation(name).map(|organisation| organisation.name.clone()) {
            Some(name) => inside(state, &name, rest, request, now),
            None => not_found(state),
        },
        _ => not_found(state),
    }
}

fn inside(state: &mut State, name: &str, rest: &[&str], request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
    let is_get = request.method() == Method::GET;
    let is_post = request.method() == Method::POST;
    if let ["signin"] = rest {
        return if is_post { sign_in::enter(state, name, request) } else { sign_in::show(state, name, request) };
    }
    let user = cookie(request.headers(), SESSION)
        .and_then(|session| state.sessions.signed_in.get(&session).cloned())
        .filter(|(organisation, _)| organisation == name)
        .map(|(_, user)| user);
    let Some(user) = user else {
        return if is_get { sign_in::ask(name, request) } else { reply(state, StatusCode::UNAUTHORIZED) };
    };
    if is_post {
        return match rest {
            ["signout"] => sign_in::leave(state, name, request),
            ["accounts", id, "requests"] => match id.parse() {
                Ok(account) => form::press(state, name, user, account, request, now),
                Err(_) => not_found(state),
            },
            ["sends"] => sends::press(state, name, user, request, now),
            ["sends", id] => match id.parse() {
                Ok(send) => sends::act(state, name, user, send, request, now),
                Err(_) => not_found(state),
            },
            _ => not_found(state),
        };
    }
    let Some(organisation) = state.organisation(name).filter(|_| is_get) else { return not_found(state) };
    let visitor = Visitor { state, organisation, user };
    match rest {
        [] => page(state, StatusCode::OK, &list::show(&visitor, request.uri().query().unwrap_or_default())),
        ["sends"] => page(state, StatusCode::OK, &sends::show(&visitor, request.uri().query().unwrap_or_default())),
        // The address that CRM 4.0 gives an account's form, as links in other systems know it.
        ["sfa", "accts", "edit.aspx"] => {
            let id = crate::form::value(request.uri().query().unwrap_or_default().as_bytes(), "id");
            match id.and_then(|id| id.parse::<CrmId>().ok()) {
                Some(id) => see(&format!("/{name}/accounts/{id}")),
                None => not_found(state),
            }
        }
        ["accounts", id] => match id.parse().ok().and_then(|id| form::show(&visitor, id, request.uri().query())) {
            Some(markup) => page(state, StatusCode::OK, &markup),
            None => not_found(state),
        },
        _ => not_found(state),
    }
}

impl Visitor<'_> {
    /// A page of the organisation with its bar at the top.
    fn frame(&self, title: &str, content: &Markup) -> Markup {
        let Organisation { name, friendly_name, .. } = self.organisation;
        let person = self.organisation.name_of("systemuser", self.user).unwrap_or_default();
        let bar = html! {
            header.bar {
                a.product href={ "/" (name) "/" } { "Customer Relationship Management" }
                span.organisation dir="auto" { (friendly_name) }
                form.person method="post" action={ "/" (name) "/signout" } {
                    span dir="auto" { (person) }
                    button type="submit" { "Sign out" }
                }
            }
        };
        document(&format!("{title} – {friendly_name}"), &html! { (bar) main id="content" { (content) } })
    }
}

/// A whole document.
fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="stylesheet" href="/assets/crm.css";
            }
            body { (body) }
        }
    }
}

fn organisations(state: &State) -> Markup {
    document(
        "Organizations",
        &html! {
            header.bar { span.product { "Customer Relationship Management" } span.organisation { "Sandbox" } }
            main id="content" {
                h1 { "Organizations" }
                ul.choices {
                    @for organisation in state.organisations() {
                        li { a href={ "/" (organisation.name) "/" } dir="auto" { (organisation.friendly_name) } }
                    }
                }
            }
        },
    )
}

fn page(state: &State, status: StatusCode, markup: &Markup) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(markup.0.clone()));
    *response.status_mut() = status;
    let engine = &state.addresses.engine;
    let policy = format!(
        "default-src 'self'; script-src 'self' {engine}; connect-src 'self' {engine}; object-src 'none'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(policy) = policy.parse() {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn asset(content_type: &'static str, text: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn not_found(state: &State) -> Response<Bytes> {
    reply(state, StatusCode::NOT_FOUND)
}

fn reply(state: &State, status: StatusCode) -> Response<Bytes> {
    let reason = match status {
        StatusCode::UNAUTHORIZED => "Sign in first.",
        StatusCode::FORBIDDEN => "This page was sent from elsewhere.",
        _ => "There is no such record, or you may not see it.",
    };
    page(
        state,
        status,
        &document("Not available", &html! { main id="content" { h1 { "Not available" } p { (reason) } } }),
    )
}

fn see(location: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(location) = location.parse() {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Whether a POST comes from one of our own pages. Clients that do not say are no browsers.
fn is_from_here(request: &Request<Bytes>) -> bool {
    request.headers().get("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none")
}

//! The sign-in page. People choose themselves: the sandbox is no vault.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use maud::{Markup, html};

use crate::sharepoint::{
    address, claims,
    route::{Visit, redirect},
    session,
    state::{Account, State, collection_key},
};

use super::{frame::bare, html, trouble};

/// Choosing a person gives a ticket and leads back.
pub(in crate::sharepoint) fn sign_in(state: &mut State, visit: &Visit<'_>) -> Response<Bytes> {
    let back = visit.parameter("ReturnUrl").filter(|address| is_local(address)).unwrap_or_else(|| "/".to_owned());
    if !visit.is_post() {
        return html(StatusCode::OK, &page(state, &back));
    }
    let form = visit.form();
    let chosen = address::parameter(&form, "login").unwrap_or("");
    let Some(login) = state.account(chosen).map(|account| account.login.clone()) else {
        return trouble::error_page("The server could not sign you in. Make sure your user name is correct.");
    };
    let mut response = redirect(&back);
    if state.claims.is_some() {
        claims::set_cookies(state, visit, &login, &mut response);
        return response;
    }
    let ticket = state.sessions.open(&state.seal, &login, visit.now);
    let name = state.generation.cookie();
    if let Ok(cookie) = HeaderValue::from_str(&format!("{name}={ticket}; path=/; HttpOnly; SameSite=Lax")) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// A path on this host and nothing else.
fn is_local(address: &str) -> bool {
    address.starts_with('/') && !address.starts_with("//") && !address.contains(['\\', '\r', '\n'])
}

fn page(state: &State, back: &str) -> Markup {
    let wanted = collection_key(&address::decode(back));
    let collections = state.collections.iter().filter(|(key, _)| wanted.as_ref().is_none_or(|wanted| *key == wanted));
    let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("ReturnUrl", back).finish();
    let action = format!("{}?{query}", address_of(state));
    bare(
        "Sign In",
        &html! {
            main.ms-signin {
                h1 { "Sign In" }
                form name="aspnetForm" id="aspnetForm" method="post" action=(action) {
                    @for (_, collection) in collections {
                        @let title = collection.web(&collection.path).map_or("", |web| web.title.as_str());
                        fieldset {
                            legend dir="auto" { (title) }
                            @for account in collection.directory.values() { (choice(account)) }
                        }
                    }
                }
            }
        },
    )
}

/// Where the page is.
fn address_of(state: &State) -> &'static str {
    if state.claims.is_some() { "/_forms/default.aspx" } else { "/_layouts/login.aspx" }
}

/// What stands there when a token was taken.
pub(in crate::sharepoint) fn signed_in() -> Response<Bytes> {
    html(StatusCode::OK, &bare("Signed In", &html! { main.ms-signin { h1 { "You are signed in" } } }))
}

fn choice(account: &Account) -> Markup {
    html! {
        button type="submit" name="login" value=(account.login) {
            bdi { (account.name) } " " span.ms-login { (account.login) }
        }
    }
}

/// Ends the ticket.
pub(in crate::sharepoint) fn sign_out(state: &mut State, visit: &Visit<'_>) -> Response<Bytes> {
    let headers = visit.request.headers();
    if let Some(ticket) = session::ticket(state.generation, headers) {
        state.sessions.close(&ticket);
    }
    if let Some(claims) = state.claims.as_mut() {
        claims.close(headers);
    }
    let mut response = redirect(address_of(state));
    let over = format!("{}=; path=/; Max-Age=0", state.generation.cookie());
    if let Ok(cookie) = HeaderValue::from_str(&over) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// The host's root: the collections.
pub(in crate::sharepoint) fn collections(state: &State) -> Response<Bytes> {
    let page = bare(
        "Site Collections",
        &html! {
            main.ms-signin {
                h1 { "Site Collections" }
                ul {
                    @for collection in state.collections.values() {
                        @let title = collection.web(&collection.path).map_or("", |web| web.title.as_str());
                        li { a href=(address::encode(&collection.path)) dir="auto" { (title) } }
                    }
                }
            }
        },
    );
    html(StatusCode::OK, &page)
}

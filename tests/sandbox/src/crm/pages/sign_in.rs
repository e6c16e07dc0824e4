//! Who is looking: the seeded people as choices, no password asked.

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use maud::html;

use crate::form::value;

use super::{SESSION, State, cookie, document, is_from_here, not_found, page, reply, see};
use crate::people::{self, Role};

/// Sends a visitor to the choice of people, and back here afterwards.
pub(super) fn ask(name: &str, request: &Request<Bytes>) -> Response<Bytes> {
    let next: String = form_urlencoded::byte_serialize(request.uri().to_string().as_bytes()).collect();
    see(&format!("/{name}/signin?next={next}"))
}

/// The choice of people.
pub(super) fn show(state: &State, name: &str, request: &Request<Bytes>) -> Response<Bytes> {
    let Some(organisation) = state.organisation(name) else { return not_found(state) };
    let next = value(request.uri().query().unwrap_or_default().as_bytes(), "next").unwrap_or_default();
    let body = html! {
        header.bar {
            span.product { "Customer Relationship Management" }
            span.organisation dir="auto" { (organisation.friendly_name) }
        }
        main id="content" {
            h1 { "Sign in" }
            p { "Who are you in this sandbox? No password is needed here." }
            form method="post" action={ "/" (name) "/signin" } {
                input type="hidden" name="next" value=(next);
                ul.choices {
                    @for person in people::of(name) {
                        li {
                            button type="submit" name="login" value=(person.login) disabled[person.disabled] {
                                bdi { (person.name) }
                                " "
                                small { (duty(person)) }
                            }
                        }
                    }
                }
            }
        }
    };
    page(state, StatusCode::OK, &document(&format!("Sign in – {}", organisation.friendly_name), &body))
}

/// Begins a session as the person chosen.
pub(super) fn enter(state: &mut State, name: &str, request: &Request<Bytes>) -> Response<Bytes> {
    if !is_from_here(request) {
        return reply(state, StatusCode::FORBIDDEN);
    }
    let login = value(request.body(), "login").unwrap_or_default();
    let organisation = state.organisation(name);
    let user = organisation.and_then(|org| org.user(&login).filter(|user| org.is_enabled(*user)));
    let Some(user) = user else { return reply(state, StatusCode::UNAUTHORIZED) };
    state.sessions.begun += 1;
    // Guessable, which would be wrong anywhere but in a sandbox: the same story gives the same cookie.
    let session = format!("{name}-{}", state.sessions.begun);
    state.sessions.signed_in.insert(session.clone(), (name.to_owned(), user));
    // Back to a page of this organisation only: never to another host.
    let next = value(request.body(), "next").filter(|next| next.starts_with(&format!("/{name}/")));
    let mut response = see(&next.unwrap_or_else(|| format!("/{name}/")));
    let cookie = format!("{SESSION}={session}; Path=/{name}/; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Ends the session.
pub(super) fn leave(state: &mut State, name: &str, request: &Request<Bytes>) -> Response<Bytes> {
    if let Some(session) = cookie(request.headers(), SESSION).filter(|_| is_from_here(request)) {
        state.sessions.signed_in.remove(&session);
    }
    see(&format!("/{name}/signin"))
}

fn duty(person: &people::Person) -> &'static str {
    match (person.disabled, person.role) {
        (true, _) => "disabled",
        (_, Role::Integration) => "the engine's own user",
        (_, Role::Sales) => "sales: may request sites",
        (_, Role::Assistant) => "assistant: may not request sites",
    }
}

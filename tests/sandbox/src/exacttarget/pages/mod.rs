//! The platform as people see it: what accounts hold, the mails that were sent, and the page behind a mail's link to
//! decline. Opening a mail and following its links are events, as with the real one. Works without a script.

mod account;
mod frame;
mod mail;
mod unsubscribe;

use bytes::Bytes;
use domain::Timestamp;
use http::{Method, Request, Response};

use super::State;

/// Answers a request for a page.
pub(super) fn handle(state: &mut State, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
    let path = request.uri().path().trim_matches('/').to_owned();
    let parts: Vec<&str> = path.split('/').collect();
    let query = request.uri().query().unwrap_or_default();
    match (request.method(), parts.as_slice()) {
        (&Method::GET, [""]) => account::all(state),
        (&Method::GET, ["assets", "exacttarget.css"]) => frame::style(),
        // Browsers ask; an empty answer keeps their console quiet.
        (&Method::GET, ["favicon.ico"]) => frame::nothing(),
        (&Method::GET, ["unsubscribe"]) => unsubscribe::show(state, query),
        (&Method::POST, ["unsubscribe"]) => unsubscribe::decline(state, request, now),
        (&Method::GET, ["click"]) => mail::follow(state, query, now),
        (&Method::GET, [tenant, rest @ ..]) => {
            let Some(number) = state.accounts.iter().position(|account| account.tenant == *tenant) else {
                return frame::not_found();
            };
            match rest {
                [] => account::one(state.at(number), now),
                ["subscribers"] => account::subscribers(state.at(number)),
                ["mailboxes"] => mail::boxes(state, number),
                ["mailboxes", address] => mail::one_box(state, number, &decoded(address)),
                ["jobs", id] => match id.parse().ok().and_then(|id| state.at(number).job(id)) {
                    Some(job) => account::job(state.at(number), job, now),
                    None => frame::not_found(),
                },
                ["mails", job, key] => match job.parse() {
                    Ok(job) => mail::open(state, number, job, &decoded(key), now),
                    Err(_) => frame::not_found(),
                },
                _ => frame::not_found(),
            }
        }
        _ => frame::not_found(),
    }
}

fn decoded(part: &str) -> String {
    percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned()
}

/// A text as a part of a path.
fn encoded(part: &str) -> String {
    percent_encoding::utf8_percent_encode(part, percent_encoding::NON_ALPHANUMERIC).to_string()
}

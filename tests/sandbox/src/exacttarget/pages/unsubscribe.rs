//! The page behind a mail's link to decline: it only shows; the decision is a POST.

use bytes::Bytes;
use domain::Timestamp;
use http::{Request, Response, StatusCode};
use maud::html;

use super::{
    frame::{page, said},
    mail::named,
};
use crate::exacttarget::{State, events::What};
use crate::form::value;

const INVALID: &str = "This link is not one of a mail of this sandbox. Open the mail again and follow its link.";

/// Asks what is declined.
pub(super) fn show(state: &State, query: &str) -> Response<Bytes> {
    let Some((number, job, key)) = named(state, query.as_bytes()) else {
        return said(StatusCode::BAD_REQUEST, "Not a valid link", INVALID);
    };
    let account = state.at(number);
    let list = account.job(job).and_then(|job| account.lists.get(&job.list?));
    let address = account.subscribers.get(&key).map_or("", |subscriber| &subscriber.address);
    let content = html! {
        p { "For " span dir="auto" { (address) } }
        form method="post" action="/unsubscribe" {
            @for name in ["m", "j", "k", "s"] {
                input type="hidden" name=(name) value=(value(query.as_bytes(), name).unwrap_or_default());
            }
            fieldset {
                legend { "No more mails of" }
                @if let Some(list) = list {
                    p { label { input type="radio" name="of" value="list" checked; " " span dir="auto" { (list.name) } } }
                }
                p { label { input type="radio" name="of" value="all" checked[list.is_none()]; " any kind" } }
            }
            button type="submit" { "Decline" }
        }
    };
    page(None, "Decline further mails", &content)
}

/// Declines.
pub(super) fn decline(state: &mut State, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
    let Some((number, job, key)) = named(state, request.body()) else {
        return said(StatusCode::BAD_REQUEST, "Not a valid link", INVALID);
    };
    let of_all = value(request.body(), "of").as_deref() == Some("all");
    let account = state.at_mut(number);
    let list = account.job(job).and_then(|job| job.list);
    let declined = list.filter(|_| !of_all);
    account.decline(&key, declined, now);
    account.log(job, &key.as_str().into(), list, now, What::Unsubscribe(declined.is_none()));
    said(StatusCode::OK, "Declined", "No more mails of this kind will be sent to you.")
}

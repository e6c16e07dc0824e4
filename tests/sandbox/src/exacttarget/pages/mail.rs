//! Mailboxes, and a mail as its reader sees it. To open one, and to follow a link in it, are events.

use std::collections::BTreeMap;

use bytes::Bytes;
use domain::Timestamp;
use http::{Response, StatusCode};
use maud::{Markup, html};

use super::{
    encoded,
    frame::{not_found, page, said, time},
};
use crate::exacttarget::{
    State,
    account::Account,
    events::{What, url_id},
    service::seal,
};
use crate::form::value;

/// The addresses that mail went to.
pub(super) fn boxes(state: &State, number: usize) -> Response<Bytes> {
    let account = state.at(number);
    let mut boxes: BTreeMap<String, usize> = BTreeMap::new();
    for mail in account.jobs.values().flat_map(|job| job.mails(|_, _| String::new())) {
        *boxes.entry(mail.person.address).or_default() += 1;
    }
    let content = html! {
        @if boxes.is_empty() { p { "No mail was sent since the sandbox began." } } @else {
            table {
                thead { tr { th { "Mailbox" } th.number { "Mails" } } }
                tbody {
                    @for (address, count) in boxes.iter().take(500) {
                        tr {
                            td { a href={ "/" (account.tenant) "/mailboxes/" (encoded(address)) } { (address) } }
                            td.number { (count) }
                        }
                    }
                }
            }
        }
    };
    page(Some(account.tenant), "Mailboxes", &content)
}

/// The mails of one address, the newest first.
pub(super) fn one_box(state: &State, number: usize, address: &str) -> Response<Bytes> {
    let account = state.at(number);
    let mails = account.jobs.values().rev().flat_map(|job| job.mails(|_, _| String::new()));
    let mails: Vec<_> = mails.filter(|mail| mail.person.address.eq_ignore_ascii_case(address)).collect();
    let content = html! {
        @if mails.is_empty() { p { "The mailbox is empty." } } @else {
            table {
                thead { tr { th { "Subject" } th { "Came" } } }
                tbody {
                    @for mail in &mails {
                        tr {
                            td {
                                a dir="auto" href={ "/" (account.tenant) "/mails/" (mail.job) "/" (encoded(&mail.person.key)) } {
                                    (mail.subject)
                                }
                            }
                            td { (time(mail.at)) }
                        }
                    }
                }
            }
        }
    };
    page(Some(account.tenant), &format!("Mailbox of {address}"), &content)
}

/// Opens a mail.
pub(super) fn open(state: &mut State, number: usize, job: u32, key: &str, now: Timestamp) -> Response<Bytes> {
    let address = state.address.clone();
    let member = state.at(number).member;
    let decline = |job: u32, key: &str| format!("{address}/unsubscribe?{}", link(member, job, key));
    let account = state.at_mut(number);
    let Some(of) = account.jobs.get(&job) else { return not_found() };
    let list = of.list;
    let Some(mail) = of.mails(decline).find(|mail| mail.person.key == key) else { return not_found() };
    account.log(job, &key.into(), list, now, What::Open);
    let content = html! {
        p { "To " span dir="auto" { (mail.person.address) } ", " (time(mail.at)) }
        div.mail dir="auto" { (with_links(account, job, key, &mail.body)) }
    };
    page(Some(account.tenant), &mail.subject, &content)
}

/// Addresses become links: one of the mail's own by way of the platform, which counts them.
fn with_links(account: &Account, job: u32, key: &str, body: &str) -> Markup {
    let links = account.jobs.get(&job).map(super::super::Job::links).unwrap_or_default();
    html! {
        @for part in body.split_inclusive(char::is_whitespace) {
            @let word = part.trim_end();
            @let own = links.iter().position(|link| **link == *word);
            @if let Some(own) = own {
                a href={ "/click?" (link(account.member, job, key)) "&l=" (own) } { (word) } (part[word.len()..])
            } @else if word.contains("/unsubscribe?") {
                a href=(word) { "Decline further mails" } (part[word.len()..])
            } @else {
                (part)
            }
        }
    }
}

/// What names a mail in its links, and proves that it is the reader's.
fn link(member: u32, job: u32, key: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("m", &member.to_string()).append_pair("j", &job.to_string()).append_pair("k", key);
    query.append_pair("s", &seal(member, job, key)).finish()
}

/// The mail that a link names: the account's number, the job, the key.
pub(super) fn named(state: &State, query: &[u8]) -> Option<(usize, u32, String)> {
    let member: u32 = value(query, "m")?.parse().ok()?;
    let job = value(query, "j")?.parse().ok()?;
    let key = value(query, "k")?;
    let number = state.accounts.iter().position(|account| account.member == member)?;
    (value(query, "s")? == seal(member, job, &key)).then_some((number, job, key))
}

/// Follows a link. The page behind it is elsewhere, and is not called.
pub(super) fn follow(state: &mut State, query: &str, now: Timestamp) -> Response<Bytes> {
    let Some((number, job, key)) = named(state, query.as_bytes()) else { return not_found() };
    let account = state.at_mut(number);
    let place: Option<usize> = value(query.as_bytes(), "l").and_then(|place| place.parse().ok());
    let Some((of, place)) = account.jobs.get(&job).zip(place) else { return not_found() };
    let Some(url) = of.links().get(place).cloned() else { return not_found() };
    let list = of.list;
    account.log(job, &key.as_str().into(), list, now, What::Click(url_id(job, place), url.clone()));
    said(StatusCode::OK, "A link was followed", &format!("It leads to {url}, which is not part of the sandbox."))
}

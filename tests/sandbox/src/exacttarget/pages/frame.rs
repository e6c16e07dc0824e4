//! What all pages have around them.

use bytes::Bytes;
use domain::Timestamp;
use http::{HeaderValue, Response, StatusCode, header};
use maud::{DOCTYPE, Markup, html};

use crate::exacttarget::objects::server_time;

const STYLE: &str = include_str!("exacttarget.css");
/// Nothing from elsewhere, no script, no frame.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page of an account, or of all of them.
pub(super) fn page(tenant: Option<&str>, title: &str, content: &Markup) -> Response<Bytes> {
    let bar = html! {
        header.bar {
            a.product href="/" { "E-mail platform" }
            span { "Sandbox: nothing leaves this machine" }
            @if let Some(tenant) = tenant {
                nav aria-label="Account" {
                    a href={ "/" (tenant) "/" } { "Overview" }
                    a href={ "/" (tenant) "/mailboxes" } { "Mailboxes" }
                    a href={ "/" (tenant) "/subscribers" } { "Subscribers" }
                }
            }
        }
    };
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) @if let Some(tenant) = tenant { " – " (tenant) } }
                link rel="stylesheet" href="/assets/exacttarget.css";
            }
            body { (bar) main id="content" { h1 dir="auto" { (title) } (content) } }
        }
    };
    with_headers(document.0, "text/html; charset=utf-8")
}

/// A page that says one thing.
pub(super) fn said(status: StatusCode, title: &str, text: &str) -> Response<Bytes> {
    let mut response = page(None, title, &html! { p { (text) } });
    *response.status_mut() = status;
    response
}

pub(super) fn not_found() -> Response<Bytes> {
    said(StatusCode::NOT_FOUND, "Not available", "There is no such page in this sandbox.")
}

pub(super) fn style() -> Response<Bytes> {
    with_headers(STYLE.to_owned(), "text/css; charset=utf-8")
}

pub(super) fn nothing() -> Response<Bytes> {
    with_headers(String::new(), "image/x-icon")
}

/// A time as the platform's people see it: the server's.
pub(super) fn time(at: Timestamp) -> Markup {
    let shown = server_time(at).strftime("%Y-%m-%d %H:%M:%S").to_string();
    html! { time datetime=(at.to_string()) { (shown) } }
}

fn with_headers(text: String, content_type: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

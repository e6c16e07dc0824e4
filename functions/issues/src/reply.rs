//! Answers of this function.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use operators::Refusal;
use serde_json::{Value, json};

/// How long a caller should wait to whom the platform did not answer.
const COME_BACK_AFTER: i64 = 5;

pub(crate) fn reply(status: StatusCode, value: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(value.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    response
}

pub(crate) fn error(status: StatusCode, code: &str, text: &str) -> Response<Bytes> {
    reply(status, &json!({ "code": code, "error": text }))
}

pub(crate) fn later() -> Response<Bytes> {
    let text = "something that is needed for this does not answer";
    let mut response = error(StatusCode::SERVICE_UNAVAILABLE, "later", text);
    response.headers_mut().insert(header::RETRY_AFTER, COME_BACK_AFTER.into());
    response
}

pub(crate) fn refusal(refusal: &Refusal) -> Response<Bytes> {
    let mut response = error(refusal.status(), refusal.code(), &refusal.to_string());
    let headers = response.headers_mut();
    if let Some(challenge) = refusal.challenge() {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    if let Some(seconds) = refusal.retry_after() {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

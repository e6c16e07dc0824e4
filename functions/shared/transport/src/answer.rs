//! What came back.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use jiff::{SignedDuration, Timestamp};

use crate::{CallError, allowance, retry_after};

/// A whole answer: the body is never cut.
///
/// Its `Debug` shows only what may be logged: no header, no body.
#[derive(Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Answer {
    /// The first value of a header, or nothing when it is absent or not readable as text.
    pub fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether this is a web page: by its content type, or by its first bytes where no type is given.
    pub fn is_html(&self) -> bool {
        match self.media_type() {
            Some(kind) => kind == "text/html" || kind == "application/xhtml+xml",
            None => begins_with(self.text(), b"<!doctype html") || begins_with(self.text(), b"<html"),
        }
    }

    /// Whether this is XML that is not a web page. A SOAP fault inside HTTP 500 is.
    pub fn is_xml(&self) -> bool {
        if self.is_html() {
            return false;
        }
        match self.media_type() {
            Some(kind) if kind.contains("xml") || kind.contains("soap") => true,
            // Some services send their faults as text/plain.
            _ => begins_with(self.text(), b"<?xml") || begins_with(self.text(), b"<soap"),
        }
    }

    /// Whether this is a redirect: 301, 302, 303, 307 or 308.
    pub fn is_redirect(&self) -> bool {
        matches!(self.status.as_u16(), 301 | 302 | 303 | 307 | 308)
    }

    /// Whether the service says *later* or is in trouble, instead of answering the call: 408, 429, 502, 503, 504, 509, and
    /// 500 without XML. A SOAP fault inside HTTP 500 is an answer.
    pub fn is_trouble(&self) -> bool {
        match self.status.as_u16() {
            408 | 429 | 502..=504 | 509 => true,
            500 => !self.is_xml(),
            _ => false,
        }
    }

    /// How long the service wants to be left alone: what an error's `Retry-After` says, or that its allowance is used up
    /// (see `allowance.rs`). At most an hour.
    pub fn asks_to_wait(&self, now: Timestamp) -> Option<SignedDuration> {
        let is_error = self.status.is_client_error() || self.status.is_server_error();
        let retry_after = is_error.then(|| retry_after::read(&self.headers, now)).flatten();
        retry_after.max(allowance::wait(&self.headers))
    }

    /// The `Location` header as it was sent: possibly relative, never checked.
    pub fn location(&self) -> Option<&str> {
        self.header(header::LOCATION)
    }

    /// The content type in lower case, without parameters.
    fn media_type(&self) -> Option<String> {
        let value = self.header(header::CONTENT_TYPE)?;
        let kind = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        (!kind.is_empty()).then_some(kind)
    }

    /// The body after a byte order mark and white space.
    fn text(&self) -> &[u8] {
        self.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.body).trim_ascii_start()
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status.as_u16())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Takes an answer to a SOAP call, unless it is the way to a sign-in page.
///
/// SharePoint answers a call without a valid session with its sign-in page (200 and `text/html`) or a redirect to it
/// (SharePoint contract, sign-in). Neither is ever an answer to a SOAP call, so 401 with a page, a page inside 2xx,
/// and any redirect become [`CallError::SignInPage`]. Other 4xx pages (403, 404) keep their meaning and stay answers.
pub fn soap_answer(answer: Answer, service: &'static str, operation: &'static str) -> Result<Answer, CallError> {
    let said_otherwise = answer.status.is_client_error() && answer.status != StatusCode::UNAUTHORIZED;
    if answer.is_redirect() || (answer.is_html() && !said_otherwise) {
        return Err(CallError::SignInPage { service, operation });
    }
    Ok(answer)
}

fn begins_with(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn answer(status: u16, content_type: Option<&'static str>, body: &'static str) -> Answer {
        let mut headers = HeaderMap::new();
        if let Some(kind) = content_type {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        Answer { status: StatusCode::from_u16(status).unwrap(), headers, body: Bytes::from_static(body.as_bytes()) }
    }

    #[test]
    fn a_page_is_known_by_its_type_and_else_by_its_first_bytes() {
        assert!(answer(200, Some("Text/HTML; charset=utf-8"), "").is_html());
        assert!(answer(200, Some("application/xhtml+xml"), "<?xml version='1.0'?>").is_html());
        assert!(answer(200, None, "\u{feff}\r\n <!DOCTYPE HTML><html>").is_html());
        assert!(!answer(200, Some("text/xml"), "<html>").is_html());
        assert!(!answer(200, None, "<?xml version='1.0'?><soap:Envelope/>").is_html());
    }

    #[test]
    fn xml_is_known_by_its_type_and_else_by_its_first_bytes() {
        assert!(answer(500, Some("application/soap+xml"), "").is_xml());
        assert!(answer(500, Some("text/plain"), "\u{feff}<?xml version='1.0'?>").is_xml());
        assert!(answer(500, None, "<soap:Envelope/>").is_xml());
        assert!(!answer(500, Some("text/html"), "<?xml version='1.0'?><!DOCTYPE html>").is_xml());
        assert!(!answer(500, None, "out of order").is_xml());
    }

    #[test]
    fn a_page_or_a_redirect_in_answer_to_a_soap_call_is_a_sign_in_page() {
        let sign_in = |a| matches!(soap_answer(a, "sharepoint", "GetList"), Err(CallError::SignInPage { .. }));
        assert!(sign_in(answer(200, Some("text/html"), "<html>Sign in</html>")));
        assert!(sign_in(answer(401, Some("text/html"), "<html>401</html>")));
        assert!(sign_in(answer(302, None, "")));
        assert!(!sign_in(answer(404, Some("text/html"), "<html>not here</html>")));
        assert!(!sign_in(answer(403, Some("text/html"), "<html>no</html>")));
        assert!(!sign_in(answer(401, None, "")));
        assert!(!sign_in(answer(200, Some("text/xml"), "<a/>")));
        assert!(!sign_in(answer(500, Some("text/xml"), "<a/>")));
    }
}

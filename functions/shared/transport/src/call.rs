//! What is sent.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use url::Url;

/// One outgoing HTTP call.
///
/// Its `Debug` shows only what may be logged: no address, no header, no body.
#[derive(Clone)]
pub struct Call {
    /// The HTTP method.
    pub method: Method,
    /// Where to. Checked by the client's [`Guard`](crate::Guard) before anything is sent; the fragment is not sent.
    pub url: Url,
    /// The headers. `Host` and `Content-Length` are set by the back.
    pub headers: HeaderMap,
    /// The body, empty for none.
    pub body: Bytes,
    /// Whether the same call may be sent again without a second effect.
    pub repeatable: bool,
    /// The name for errors, spans and counts, for example `RetrieveMultiple`.
    pub operation: &'static str,
}

impl Call {
    /// A `GET`, which is repeatable.
    pub fn get(url: Url, operation: &'static str) -> Self {
        Self { method: Method::GET, url, headers: HeaderMap::new(), body: Bytes::new(), repeatable: true, operation }
    }

    /// A `POST`, which is not repeatable until [`Call::repeatable`] says so.
    pub fn post(url: Url, operation: &'static str, body: impl Into<Bytes>) -> Self {
        Self { method: Method::POST, url, headers: HeaderMap::new(), body: body.into(), repeatable: false, operation }
    }

    /// Sets a header, in place of any earlier value.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Says that the same call may be sent again without a second effect: a reading `POST`, or one with a key.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation)
            .field("method", &self.method.as_str())
            .field("repeatable", &self.repeatable)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

//! A simulated SharePoint 2007.

use bytes::Bytes;
use domain::Timestamp;
use http::{Request, Response};
use serde_json::Value;

use crate::Addresses;

/// The SharePoint.
#[derive(Clone, Debug)]
pub struct State {}

impl State {
    /// The seeded site collections.
    pub fn seeded(_addresses: &Addresses, _now: Timestamp) -> Self {
        Self {}
    }

    /// What there is, in numbers, for `/control/state`.
    pub fn summary(&self) -> Value {
        Value::Null
    }
}

/// Answers one request.
pub fn handle(_state: &mut State, _request: &Request<Bytes>, _now: Timestamp) -> Response<Bytes> {
    Response::new(Bytes::new())
}

/// The operation that a request asks for.
pub fn operation(request: &Request<Bytes>) -> String {
    request.uri().path().to_owned()
}

/// A fault with this code, in the shape that fits the request.
pub fn refusal(_request: &Request<Bytes>, code: &str) -> Response<Bytes> {
    Response::new(Bytes::from(code.to_owned()))
}

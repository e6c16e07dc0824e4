//! `/control/`: switches, clock, and what was asked, for people and for tests from outside.

use bytes::Bytes;
use domain::SignedDuration;
use http::{Method, Request, Response, StatusCode, header};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{Fault, Sandbox, Service, Switch, Times};

/// Answers a request below `/control/`. Changes ask for a JSON content type, so that no foreign page can make them.
pub(crate) fn handle(sandbox: &Sandbox, request: &Request<Bytes>) -> Response<Bytes> {
    let reply = match (request.method(), request.uri().path()) {
        (&Method::GET, "/control/state") => Ok(state(sandbox)),
        (&Method::GET, "/control/calls") => Ok(json!(sandbox.world().calls())),
        (&Method::POST, "/control/faults") => body(request).map(|order| set(sandbox, order)),
        (&Method::DELETE, "/control/faults") => {
            sandbox.world().faults.clear();
            Ok(json!({ "faults": [] }))
        }
        (&Method::DELETE, "/control/calls") => {
            sandbox.world().forget_calls();
            Ok(json!({}))
        }
        (&Method::POST, "/control/keys") => body(request).map(|Rotate {}| rotate(sandbox)),
        (&Method::POST, "/control/clock") => body(request).and_then(|order| advance(sandbox, &order)),
        _ => Err((StatusCode::NOT_FOUND, "no such control".to_owned())),
    };
    let (status, value) = match reply {
        Ok(value) => (StatusCode::OK, value),
        Err((status, reason)) => (status, json!({ "error": reason })),
    };
    let mut response = Response::new(Bytes::from(value.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}

type Refusal = (StatusCode, String);

/// `{"service": "crm", "operation": "Create", "fault": {"kind": "lose_answer"}, "times": 1}`; without `operation` any,
/// without `times` until cleared.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetFault {
    service: Service,
    operation: Option<String>,
    fault: Fault,
    times: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u32,
}

/// `{}`: Entra ID signs with a new key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotate {}

fn body<T: DeserializeOwned>(request: &Request<Bytes>) -> Result<T, Refusal> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(|value| value.starts_with("application/json")) {
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "send application/json".to_owned()));
    }
    serde_json::from_slice(request.body()).map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))
}

fn set(sandbox: &Sandbox, order: SetFault) -> Value {
    let SetFault { service, operation, fault, times } = order;
    let times = times.map_or(Times::UntilCleared, Times::Next);
    let mut world = sandbox.world();
    world.faults.set(Switch { service, operation, fault, times });
    json!({ "faults": world.faults.switches() })
}

fn rotate(sandbox: &Sandbox) -> Value {
    let mut world = sandbox.world();
    world.identity.rotate_keys();
    world.identity.summary()
}

fn advance(sandbox: &Sandbox, order: &Advance) -> Result<Value, Refusal> {
    if sandbox.advance(SignedDuration::from_secs(order.advance_seconds.into())) {
        Ok(json!({ "now": sandbox.now() }))
    } else {
        Err((StatusCode::CONFLICT, "this sandbox lives by the machine's clock".to_owned()))
    }
}

fn state(sandbox: &Sandbox) -> Value {
    let world = sandbox.world();
    json!({
        "now": sandbox.now(),
        "faults": world.faults.switches(),
        "calls": world.calls(),
        "crm": world.crm.summary(),
        "sharepoint": world.sharepoint.summary(),
        "sharepointonline": world.sharepoint_online.summary(),
        "identity": world.identity.summary(),
        "liveid": world.live_id.summary(),
        "exacttarget": world.exacttarget.summary(),
    })
}

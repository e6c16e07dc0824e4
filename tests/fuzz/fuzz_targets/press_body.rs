//! The body of a press, through the front door: one that is taken says the same press when it is written again.
#![no_main]

use std::sync::Arc;

use bytes::Bytes;
use domain::{CrmId, TenantId, Timestamp, VirtualClock};
use fuzz::canary;
use http::{Request, StatusCode};
use libfuzzer_sys::fuzz_target;
use platform::memory::Memory;
use provisioning::{Deps, request_site};
use serde_json::{Value, json};
use tenants::{Connections, Reach};
use tokio::runtime::{Builder, Runtime};
use transport::{BackError, InProcess};

thread_local! {
    static WORLD: (Runtime, Deps) = world();
}

/// An engine without tenants: whatever is rung, nobody is called.
fn world() -> (Runtime, Deps) {
    let clock = VirtualClock::at(Timestamp::UNIX_EPOCH);
    let platform = Memory::new(Arc::new(clock), 0).platform();
    let nobody = InProcess::new(|_| -> Result<_, BackError> { panic!("a press of nobody's called somebody") });
    let connections = Connections::new(&platform, Arc::new(nobody), Reach::Public);
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    (runtime, Deps { platform, connections: Arc::new(connections), engine: None })
}

/// The status and the code that the door answers.
fn ring(body: &[u8]) -> (StatusCode, String) {
    let request = Request::post("/v1/presses").body(Bytes::copy_from_slice(body)).expect("a request");
    let answer =
        WORLD.with(|(runtime, deps)| runtime.block_on(request_site::handle(deps, request))).expect("an answer");
    let body: Value = serde_json::from_slice(answer.body()).expect("the door speaks JSON");
    (answer.status(), body["code"].as_str().unwrap_or_default().to_owned())
}

fuzz_target!(|body: &[u8]| {
    let answer = ring(body);
    let (status, code) = (answer.0.as_u16(), answer.1.as_str());
    assert!(matches!((status, code), (400, "malformed") | (404, "unknown-tenant")), "{status} {code}");
    let press = press(body);
    canary!(press.as_ref().is_some_and(|(tenant, _)| !["harbour", "northwind"].contains(&tenant.as_str())));
    assert!(press.is_some() || status == 400, "what is no press is not taken");
    if let Some((tenant, request)) = press {
        let written = json!({ "tenant": tenant, "request": request }).to_string();
        assert_eq!(ring(written.as_bytes()), (StatusCode::NOT_FOUND, "unknown-tenant".to_owned()));
    }
});

/// The press as a judge of its own reads it: an object of exactly two texts, each of which is an id.
fn press(body: &[u8]) -> Option<(TenantId, CrmId)> {
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else { return None };
    let text = |name: &str| members.get(name)?.as_str();
    if members.len() != 2 { None } else { Some((text("tenant")?.parse().ok()?, text("request")?.parse().ok()?)) }
}

//! The services over real sockets, the faults they can be given, and the control endpoint.

use bytes::Bytes;
use domain::{Clock as _, SignedDuration, VirtualClock};
use http::Request;
use sandbox::{Addresses, Fault, Outage, Sandbox, Service, Serving, Switch, Times, World, crm::seed};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

fn sandbox() -> Sandbox {
    let clock = VirtualClock::at("2026-11-22T10:00:00Z".parse().expect("an instant"));
    let addresses = Addresses::by_name(|name| format!("http://{name}.test"));
    let world = World::seeded(&addresses, clock.now());
    Sandbox::with_virtual_clock(world, clock)
}

/// A call that makes a session: its effect can be seen from outside.
fn sign_in(login: &str) -> Request<Bytes> {
    let body = format!("login={}", login.replace('\\', "%5C"));
    Request::post("/harbour/signin").body(Bytes::from(body)).expect("a request")
}

/// A page that only the session with this number may see.
fn page_of(session: u32) -> Request<Bytes> {
    let request = Request::get("/harbour/").header("cookie", format!("sandbox-crm-session=harbour-{session}"));
    request.body(Bytes::new()).expect("a request")
}

fn set(sandbox: &Sandbox, fault: Fault) {
    let operation = Some("page POST".to_owned());
    sandbox.world().faults.set(Switch { service: Service::Crm, operation, fault, times: Times::Next(1) });
}

/// Whether the first sign-in had its effect.
fn happened(sandbox: &Sandbox) -> bool {
    sandbox.handle(Service::Crm, &page_of(1)).expect("an answer").status() == 200
}

#[test]
fn a_fault_says_whether_the_effect_happened() {
    let call = sign_in(r"HARBOUR\anna.berg");
    for (fault, effect) in [
        (Fault::Refuse, false),
        (Fault::Stall, false),
        (Fault::LoseAnswer, true),
        (Fault::Twice, true),
        (Fault::Throttle { status: 429, retry_after: Some(30) }, false),
        (Fault::Html, false),
        (Fault::Error { code: "0x80044151".to_owned() }, false),
    ] {
        let sandbox = sandbox();
        set(&sandbox, fault.clone());
        let answer = sandbox.handle(Service::Crm, &call);
        match (&fault, &answer) {
            (Fault::Twice, Ok(answer)) => assert!(answer.status().is_redirection(), "the second one's answer"),
            (Fault::Refuse, Err(Outage::Refused))
            | (Fault::Stall, Err(Outage::Stalled))
            | (Fault::LoseAnswer, Err(Outage::Lost)) => {}
            (Fault::Throttle { .. }, Ok(busy)) => {
                assert_eq!(
                    (busy.status().as_u16(), &busy.headers()["retry-after"]),
                    (429, &"30".parse().expect("text"))
                );
            }
            (Fault::Html, Ok(page)) => assert!(page.body().starts_with(b"<!DOCTYPE html>")),
            (Fault::Error { code }, Ok(refusal)) => {
                let body = String::from_utf8_lossy(refusal.body());
                assert!(refusal.status() == 500 && body.contains(code.as_str()), "{body}");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(happened(&sandbox), effect, "{fault:?}");
        assert_eq!(sandbox.world().calls()[&Service::Crm]["page POST"], 1, "a call that failed counts");
        assert_eq!(sandbox.handle(Service::Crm, &call).expect("an answer").status(), 303, "the switch is used up");
    }
}

#[test]
fn a_late_effect_lands_when_its_time_has_come() {
    let sandbox = sandbox();
    set(&sandbox, Fault::LateEffect { seconds: 60 });
    assert!(matches!(sandbox.handle(Service::Crm, &sign_in(r"HARBOUR\anna.berg")), Err(Outage::Late)));
    sandbox.advance(SignedDuration::from_secs(59));
    assert!(!happened(&sandbox));
    sandbox.advance(SignedDuration::from_secs(1));
    assert!(happened(&sandbox));
}

#[test]
fn a_truncated_answer_announces_what_does_not_come() {
    let sandbox = sandbox();
    let fault = Switch { service: Service::Crm, operation: None, fault: Fault::Truncate, times: Times::Next(1) };
    sandbox.world().faults.set(fault);
    let request = Request::get("/assets/crm.css").body(Bytes::new()).expect("a request");
    let Err(Outage::Truncated(cut)) = sandbox.handle(Service::Crm, &request) else { panic!("not cut") };
    let announced: usize = cut.headers()["content-length"].to_str().expect("text").parse().expect("a length");
    assert_eq!(announced, sandbox.handle(Service::Crm, &request).expect("whole").body().len());
    assert_eq!(cut.body().len(), announced / 2);
}

#[test]
fn request_bodies_are_recorded_by_service_and_operation() {
    let folder = tempfile::tempdir().expect("a folder");
    let sandbox = sandbox().record_to(folder.path()).expect("a recorder");
    sandbox.handle(Service::Crm, &sign_in(r"HARBOUR\anna.berg")).expect("an answer");
    sandbox.handle(Service::Crm, &page_of(1)).expect("an answer");
    let names: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").filter_map(Result::ok).collect();
    assert_eq!(names.len(), 1, "a call without a body is not recorded");
    assert_eq!(names[0].file_name(), "crm-00001-page_POST.xml");
}

async fn serve(sandbox: &Sandbox) -> (Serving, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    (sandbox.serve(Service::Crm, listener), address)
}

/// Everything that comes back, or as much as came before the connection ended.
async fn send(address: &str, method: &str, path: &str, body: &str) -> String {
    let mut socket = TcpStream::connect(address).await.expect("a connection");
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\n"
    );
    let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    socket.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(count @ 1..) = socket.read(&mut chunk).await {
        answer.extend_from_slice(&chunk[..count]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

async fn control(address: &str, method: &str, path: &str, body: Value) -> Value {
    let answer = send(address, method, path, &body.to_string()).await;
    let (_, body) = answer.split_once("\r\n\r\n").expect("an answer");
    serde_json::from_str(body).expect("JSON")
}

#[tokio::test]
async fn switches_and_clock_can_be_moved_from_outside() {
    let sandbox = sandbox();
    let (serving, address) = serve(&sandbox).await;
    let order =
        json!({ "service": "crm", "fault": { "kind": "throttle", "status": 503, "retry_after": 7 }, "times": 1 });
    control(&address, "POST", "/control/faults", order).await;
    let busy = send(&address, "GET", "/harbour/", "").await;
    assert!(busy.starts_with("HTTP/1.1 503") && busy.contains("retry-after: 7"), "{busy}");
    assert!(send(&address, "GET", "/harbour/", "").await.starts_with("HTTP/1.1 303"));
    let calls = control(&address, "GET", "/control/calls", Value::Null).await;
    assert_eq!(calls, json!({ "crm": { "page": 2 } }));
    let moved = control(&address, "POST", "/control/clock", json!({ "advance_seconds": 3600 })).await;
    assert_eq!(moved, json!({ "now": "2026-11-22T11:00:00Z" }));
    let state = control(&address, "GET", "/control/state", Value::Null).await;
    assert_eq!(state["crm"]["harbour"]["account"], seed::HARBOUR_ACCOUNTS.len());
    let unknown =
        control(&address, "POST", "/control/faults", json!({ "service": "crm", "fault": { "kind": "x" } })).await;
    assert!(unknown["error"].is_string());
    serving.shutdown().await;
    assert!(TcpStream::connect(&address).await.is_err());
}

#[tokio::test]
async fn a_lost_and_a_cut_answer_end_the_connection() {
    let sandbox = sandbox();
    let (_serving, address) = serve(&sandbox).await;
    for fault in [json!({ "kind": "refuse" }), json!({ "kind": "lose_answer" })] {
        let order = json!({ "service": "crm", "operation": "page", "fault": fault, "times": 1 });
        control(&address, "POST", "/control/faults", order).await;
        let answer = send(&address, "GET", "/assets/crm.css", "").await;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        assert!(body.is_empty(), "{answer}");
    }
    let order = json!({ "service": "crm", "fault": { "kind": "truncate" }, "times": 1 });
    control(&address, "POST", "/control/faults", order).await;
    let cut = send(&address, "GET", "/assets/crm.css", "").await;
    let whole = send(&address, "GET", "/assets/crm.css", "").await;
    assert!(cut.len() < whole.len() && whole.starts_with("HTTP/1.1 200"));
    assert!(cut.is_empty() || cut.contains("content-length"));
}

#[tokio::test]
async fn a_foreign_page_cannot_set_a_switch() {
    let sandbox = sandbox();
    let (_serving, address) = serve(&sandbox).await;
    let mut socket = TcpStream::connect(&address).await.expect("a connection");
    let body = r#"{"service":"crm","fault":{"kind":"refuse"}}"#;
    let head = format!(
        "POST /control/faults HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: text/plain\r\n"
    );
    let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    socket.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 415"));
    assert!(sandbox.world().faults.switches().is_empty());
}

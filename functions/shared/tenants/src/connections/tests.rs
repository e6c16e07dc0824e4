use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use domain::{SignedDuration, Timestamp, VirtualClock};
use exacttarget::{ExactTargetError, TOKEN_REQUEST, operations::GetSystemStatus};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use platform::memory::Memory;
use serde_json::json;
use transport::{Answer, BackError, Call};

use super::*;
use crate::{Budgets, Hosts, LoginRule, Timeouts, onboard};

/// Nobody is there.
struct Nobody;

#[async_trait]
impl Back for Nobody {
    async fn send(&self, _: &Call) -> Result<Answer, BackError> {
        Err(BackError::lost())
    }
}

fn settings() -> Settings {
    Settings {
        name: "A customer".to_owned(),
        active: true,
        origins: Vec::new(),
        jsonp: false,
        hosts: Hosts::default(),
        crm_web: "http://127.0.0.1/harbour/".parse().expect("a URL"),
        logins: LoginRule::Login,
        directory: None,
        budgets: Budgets::default(),
        timeouts: Timeouts::default(),
        mailing: None,
    }
}

fn secret(password: &str) -> serde_json::Value {
    let discovery = "http://127.0.0.1/MSCRMServices/2007/SPLA/CrmDiscoveryService.asmx";
    json!({ "discovery": discovery, "organization": "harbour", "user": "u", "password": password })
}

/// ST-40: however old what was fetched is, another secret than the refused connection's is told from the same one.
#[tokio::test]
async fn a_rotated_secret_is_another_one_also_when_what_was_kept_has_run_out() {
    for (minutes, rotated) in [(0, true), (0, false), (6, true), (6, false)] {
        let clock = VirtualClock::at(Timestamp::UNIX_EPOCH);
        let memory = Memory::new(Arc::new(clock.clone()), 0);
        let tenant: TenantId = "harbour".parse().expect("a tenant id");
        let connections = Connections::new(&memory.platform(), Arc::new(Nobody), Reach::Loopback);
        memory.put_secret(&tenant, "crm", &secret("old"));
        connections.crm(&tenant, &settings()).await.expect("a connection");
        clock.advance(SignedDuration::from_mins(minutes));
        if rotated {
            memory.put_secret(&tenant, "crm", &secret("new"));
        }
        assert_eq!(connections.forget(&tenant, "crm").await, rotated, "after {minutes} minutes");
        assert!(!connections.forget(&tenant, "crm").await, "nothing was made of it since");
    }
}

/// An e-mail platform that gives tokens, or believes nobody, and counts; its answers have the shape of recordings.
#[derive(Default)]
struct Mailing {
    believes_nobody: bool,
    tokens: AtomicUsize,
    calls: AtomicUsize,
}

#[async_trait]
impl Back for Mailing {
    async fn send(&self, call: &Call) -> Result<Answer, BackError> {
        tokio::task::yield_now().await;
        let body = |namespace: &str, inside: &str| {
            format!(r#"<s:Envelope xmlns:s="{namespace}"><s:Body>{inside}</s:Body></s:Envelope>"#)
        };
        let soap = "http://schemas.xmlsoap.org/soap/envelope/";
        let (status, kind, body) = if call.operation == TOKEN_REQUEST {
            self.tokens.fetch_add(1, Ordering::SeqCst);
            let token = r#"{"access_token":"T","expires_in":1079,"soap_instance_url":"http://127.0.0.1:7/"}"#;
            (StatusCode::OK, "application/json", token.to_owned())
        } else {
            self.calls.fetch_add(1, Ordering::SeqCst);
            if self.believes_nobody {
                let fault =
                    "<s:Fault><faultcode>q0:Security</faultcode><faultstring>Login Failed</faultstring></s:Fault>";
                (StatusCode::INTERNAL_SERVER_ERROR, "text/xml", body(soap, fault))
            } else {
                let fine = "<M><Results><Result><SystemStatus>OK</SystemStatus></Result></Results></M>";
                (StatusCode::OK, "text/xml", body(soap, fine))
            }
        };
        tokio::task::yield_now().await;
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(kind))]);
        Ok(Answer { status, headers, body: Bytes::from(body) })
    }
}

/// Ten calls each from ten processes, all at once: how each ended.
async fn a_hundred_calls(back: Arc<Mailing>, secret: &serde_json::Value) -> Vec<Result<(), ExactTargetError>> {
    let memory = Memory::new(Arc::new(VirtualClock::at(Timestamp::UNIX_EPOCH)), 0);
    let tenant: TenantId = "harbour".parse().expect("a tenant id");
    memory.put_secret(&tenant, "exacttarget", secret);
    onboard(&memory.platform().ledger, &tenant, &settings()).await.expect("the ledger");
    let mut calls = Vec::new();
    for _ in 0..10 {
        let connections = Connections::new(&memory.platform(), Arc::clone(&back) as Arc<dyn Back>, Reach::Loopback)
            .sealing_with(NonZeroU32::MIN);
        let connections = Arc::new(connections);
        for _ in 0..10 {
            let (connections, tenant) = (Arc::clone(&connections), tenant.clone());
            calls.push(tokio::spawn(async move {
                let platform = connections.email(&tenant, &settings()).await.expect("a connection");
                platform.send(&GetSystemStatus).await.map(drop)
            }));
        }
    }
    let mut ended = Vec::new();
    for call in calls {
        ended.push(call.await.expect("no panic"));
    }
    ended
}

/// P10: a hundred users in ten processes ask for one token.
#[tokio::test(start_paused = true)]
async fn a_hundred_users_in_ten_processes_share_one_token_of_the_platform() {
    let back = Arc::new(Mailing::default());
    let package = json!({ "sign_in": { "package": {
        "token": "http://127.0.0.1:7/v2/token", "client_id": "c", "client_secret": "open sesame" } } });
    for ended in a_hundred_calls(Arc::clone(&back), &package).await {
        ended.expect("it goes well");
    }
    assert_eq!((back.tokens.load(Ordering::SeqCst), back.calls.load(Ordering::SeqCst)), (1, 100));
}

/// EX-39: a refused password is not tried again by who comes later, in whatever process.
#[tokio::test(start_paused = true)]
async fn a_password_that_the_platform_refused_is_left_alone_by_all_processes() {
    let back = Arc::new(Mailing { believes_nobody: true, ..Mailing::default() });
    let user = json!({ "endpoint": "http://127.0.0.1:7/Service.asmx",
        "sign_in": { "user": { "name": "api", "password": "open sesame" } } });
    let memory = Memory::new(Arc::new(VirtualClock::at(Timestamp::UNIX_EPOCH)), 0);
    let tenant: TenantId = "harbour".parse().expect("a tenant id");
    memory.put_secret(&tenant, "exacttarget", &user);
    onboard(&memory.platform().ledger, &tenant, &settings()).await.expect("the ledger");
    for _ in 0..10 {
        let connections = Connections::new(&memory.platform(), Arc::clone(&back) as Arc<dyn Back>, Reach::Loopback)
            .sealing_with(NonZeroU32::MIN);
        let platform = connections.email(&tenant, &settings()).await.expect("a connection");
        let refused = platform.send(&GetSystemStatus).await;
        assert!(
            matches!(&refused, Err(ExactTargetError::SignIn { code, .. }) if code == "Login Failed"),
            "{refused:?}"
        );
    }
    assert_eq!(back.calls.load(Ordering::SeqCst), 1);
}

use async_trait::async_trait;
use domain::{SignedDuration, Timestamp, VirtualClock};
use platform::memory::Memory;
use serde_json::json;
use transport::{Answer, BackError, Call};

use super::*;
use crate::{Budgets, Hosts, LoginRule, Timeouts};

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

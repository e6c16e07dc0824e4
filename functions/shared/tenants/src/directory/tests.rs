use std::{
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use domain::{Timestamp, VirtualClock};
use platform::memory::Memory;

use super::*;
use crate::{Budgets, Hosts, LoginRule, Timeouts};

const OLD: &str = "https://old.example.com";
const KEPT: &str = "https://kept.example.com";
const NEW: &str = "https://new.example.com";

fn ledger() -> Table {
    Memory::new(Arc::new(VirtualClock::at(Timestamp::UNIX_EPOCH)), 0).platform().ledger
}

fn id(name: &str) -> TenantId {
    name.parse().expect("a tenant id")
}

fn settings(origins: &[&str], entra: u128) -> Settings {
    Settings {
        name: "A customer".to_owned(),
        active: true,
        origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
        jsonp: false,
        hosts: Hosts::default(),
        crm_web: "https://crm.example.com/harbour/".parse().expect("a URL"),
        logins: LoginRule::Login,
        directory: Some(Uuid::from_u128(entra)),
        budgets: Budgets::default(),
        timeouts: Timeouts::default(),
        mailing: None,
    }
}

/// Lets it run for so many polls.
async fn run_for<F: Future>(mut work: Pin<&mut F>, polls: usize) -> Option<F::Output> {
    for _ in 0..polls {
        if let Poll::Ready(done) = std::future::poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await {
            return Some(done);
        }
    }
    None
}

async fn owners(ledger: &Table, key: Key) -> Vec<String> {
    let row = ledger.get::<OwnersRow>(&key).await.expect("the ledger answers");
    row.into_iter().flat_map(|row| row.value.tenants).map(|tenant| tenant.to_string()).collect()
}

/// The directory has exactly what the settings in force have.
async fn is_right(ledger: &Table, tenant: &TenantId) {
    let settings = Settings::read(ledger, tenant).await.expect("the ledger answers").expect("it was added");
    for origin in [OLD, KEPT, NEW] {
        let is_known = is_known_origin(ledger, origin).await.expect("the ledger answers");
        assert_eq!(is_known, settings.allows_origin(origin), "{origin}");
    }
    for entra in [1, 2].map(Uuid::from_u128) {
        let tenants = tenants_of(ledger, entra).await.expect("the ledger answers");
        assert_eq!(tenants.contains(tenant), settings.directory == Some(entra), "{entra}");
    }
}

/// EX-48: two customers with the same origin and Entra directory come at once, and both are known.
#[tokio::test]
async fn of_two_tenants_that_come_at_once_neither_is_lost() {
    let mut polls = 0;
    loop {
        let (ledger, one, other) = (ledger(), id("one"), id("other"));
        let both = settings(&[KEPT], 1);
        let mut first = pin!(onboard(&ledger, &one, &both));
        let done = run_for(first.as_mut(), polls).await;
        onboard(&ledger, &other, &both).await.expect("it is added");
        let is_over = done.is_some();
        match done {
            Some(done) => done,
            None => first.await,
        }
        .expect("it is added");
        for key in [origin_key(KEPT), entra_key(Uuid::from_u128(1))] {
            assert_eq!(owners(&ledger, key).await, ["one", "other"], "after {polls} polls");
        }
        assert_eq!(tenants(&ledger).await.expect("the ledger answers"), ["one", "other"].map(id));
        if is_over {
            break;
        }
        polls += 1;
    }
    assert!(polls > 8, "adding has more points than {polls}");
}

/// A replace that dies anywhere, or meets somebody else's change: the settings in force stay known.
#[tokio::test]
async fn the_directory_has_what_the_settings_in_force_have() {
    for meets_a_change in [false, true] {
        let mut polls = 0;
        loop {
            let (ledger, tenant) = (ledger(), id("one"));
            onboard(&ledger, &tenant, &settings(&[OLD, KEPT], 1)).await.expect("it is added");
            let next = settings(&[KEPT, NEW], 2);
            let is_over = {
                let mut replace = pin!(onboard(&ledger, &tenant, &next));
                let done = run_for(replace.as_mut(), polls).await;
                let is_over = done.is_some();
                if meets_a_change {
                    switch(&ledger, &tenant, false).await.expect("the ledger answers");
                    let refused = if is_over { done } else { Some(replace.await) }.is_some_and(|done| done.is_err());
                    switch(&ledger, &tenant, true).await.expect("the ledger answers");
                    let now = Settings::read(&ledger, &tenant).await.expect("the ledger answers").expect("added");
                    assert_eq!(refused, now.directory == Some(Uuid::from_u128(1)), "after {polls} polls");
                }
                is_over
            };
            is_right(&ledger, &tenant).await;
            if is_over {
                break;
            }
            polls += 1;
        }
        assert!(polls > 8, "replacing has more points than {polls}");
    }
}

/// ST-14: what could never be equal to an `Origin` header is refused when it is typed.
#[test]
fn only_an_origin_as_browsers_write_it_is_one() {
    for good in ["https://crm.example.com", "http://127.0.0.1:7001", "https://crm.example.com:8443"] {
        assert!(is_origin(good), "{good}");
    }
    for bad in [
        "",
        "null",
        "*",
        "crm.example.com",
        "https://crm.example.com/",
        "https://CRM.example.com",
        "https://crm.example.com:443",
        "ftp://crm.example.com",
        "https://u@crm.example.com",
    ] {
        assert!(!is_origin(bad), "{bad}");
    }
}

//! What lies in mailboxes, and what a send record says.

use std::collections::BTreeMap;

use domain::CrmId;
use sandbox::crm::Value;

use super::TENANT;
use crate::System;

/// What left the platform.
#[derive(Clone, Debug, Default)]
pub(super) struct Mails {
    /// How many mails each address got.
    pub(super) by_address: BTreeMap<String, usize>,
}

impl Mails {
    pub(super) fn of(system: &System) -> Self {
        let mut mails = Self::default();
        let mut world = system.instance.sandbox.world();
        let account = world.exacttarget.account_mut(TENANT).expect("a seeded account");
        for job in account.jobs.values().filter(|job| job.definition.is_some()) {
            for mail in job.mails(|_, _| String::new()) {
                *mails.by_address.entry(mail.person.address).or_default() += 1;
            }
        }
        mails
    }

    /// Without those from before.
    pub(super) fn since(mut self, before: &Self) -> Self {
        for (address, count) in &before.by_address {
            if let Some(all) = self.by_address.get_mut(address) {
                *all -= count;
            }
        }
        self.by_address.retain(|_, count| *count > 0);
        self
    }
}

/// How many jobs there are, and how many of them are done.
pub(super) fn jobs(system: &System) -> (usize, usize) {
    let mut world = system.instance.sandbox.world();
    let account = world.exacttarget.account_mut(TENANT).expect("a seeded account");
    (account.jobs.len(), account.jobs.values().filter(|job| job.done.is_some()).count())
}

/// What a send record says.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) status: i64,
    pub(super) listed: Option<i64>,
    pub(super) accepted: Option<i64>,
}

pub(super) fn told(system: &System, send: CrmId) -> Told {
    let world = system.instance.sandbox.world();
    let record = world.crm.organisation(TENANT).and_then(|it| it.record("tl_send", send));
    let number = |name: &str| record.and_then(|record| record.get(name)).and_then(Value::as_number);
    Told { status: number("tl_status").unwrap_or(1), listed: number("tl_listed"), accepted: number("tl_accepted") }
}

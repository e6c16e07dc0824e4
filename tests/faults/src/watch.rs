//! What is seen of one history while it runs: who called whom when, what was met, and what must never be.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::{SignedDuration, Timestamp};
use sandbox::Service;

use crate::{Event, News, StoreFault, Violation};

/// How late a delivery under way hears what another one was told (README, "One sign-in, one budget").
const HEARD_AFTER: SignedDuration = SignedDuration::from_secs(2);

/// Shared by all processes of one history.
#[derive(Debug, Default)]
pub(crate) struct Watch(Mutex<Seen>);

#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Calls to services, by process.
    pub(crate) calls: BTreeMap<u32, u32>,
    /// Requests to the ledger.
    pub(crate) ledger: u32,
    /// Requests to queues.
    pub(crate) queue: u32,
    /// Requests to the bucket.
    pub(crate) bucket: u32,
    /// How often the e-mail platform was asked who opted out since.
    pub(crate) asked: u32,
    /// What may have changed since somebody looked.
    pub(crate) news: News,
    /// Which requests of stores go wrong, and have not yet.
    pub(crate) stores: Vec<Event>,
    /// How often each kind of event was met.
    pub(crate) met: BTreeMap<&'static str, u64>,
    /// Who was told to come back later, and when.
    holds: BTreeMap<Service, Hold>,
    /// What must never be was seen.
    pub(crate) violation: Option<Violation>,
    /// Whether a process ended before it could tell the others what it was told, or could not.
    pub(crate) is_unheard: bool,
    trace: Trace,
}

#[derive(Clone, Copy, Debug)]
struct Hold {
    process: u32,
    told_at: Timestamp,
    until: Timestamp,
}

/// Everything that happened, as a hash, and as text where somebody wants to read it.
#[derive(Clone, Debug, Default)]
struct Trace {
    hash: DefaultHasher,
    lines: Option<Vec<String>>,
}

impl Watch {
    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn fork(&self) -> Self {
        Self(Mutex::new(self.seen().clone()))
    }
}

impl Seen {
    /// A call leaves a process.
    pub(crate) fn called(&mut self, process: u32, service: Service, operation: &str, now: Timestamp) {
        *self.calls.entry(process).or_default() += 1;
        self.note(&(process, service.name(), operation, now), || {
            format!("{now} process {process} calls {} {operation}", service.name())
        });
        let Some(hold) = self.holds.get(&service).copied() else { return };
        let knows = process == hold.process || (!self.is_unheard && now >= hold.told_at + HEARD_AFTER);
        if knows && now < hold.until {
            let told = format!("process {process} calls {} {operation} at {now}, told {}", service.name(), hold.until);
            self.violation.get_or_insert(Violation { check: "no call before Retry-After", told });
        }
    }

    /// A service answered a call.
    pub(crate) fn answered(&mut self, process: u32, service: Service, wait: Option<i64>, now: Timestamp) {
        self.news.called = true;
        if let Some(seconds) = wait {
            let until = now + SignedDuration::from_secs(seconds);
            self.holds.insert(service, Hold { process, told_at: now, until });
        }
    }

    /// The fault that the next request to the ledger meets.
    pub(crate) fn ledger_fault(&mut self) -> Option<StoreFault> {
        let number = self.ledger;
        self.ledger += 1;
        self.store_fault(|event| match *event {
            Event::Ledger(at, fault) if at == number => Some(fault),
            _ => None,
        })
    }

    /// The fault that the next request to a queue meets.
    pub(crate) fn queue_fault(&mut self) -> Option<StoreFault> {
        let number = self.queue;
        self.queue += 1;
        self.store_fault(|event| match *event {
            Event::Queue(at, fault) if at == number => Some(fault),
            _ => None,
        })
    }

    /// The fault that the next request to the bucket meets.
    pub(crate) fn bucket_fault(&mut self) -> Option<StoreFault> {
        let number = self.bucket;
        self.bucket += 1;
        self.store_fault(|event| match *event {
            Event::Bucket(at, fault) if at == number => Some(fault),
            _ => None,
        })
    }

    fn store_fault(&mut self, fits: impl Fn(&Event) -> Option<StoreFault>) -> Option<StoreFault> {
        let index = self.stores.iter().position(|event| fits(event).is_some())?;
        let event = self.stores.remove(index);
        self.is_unheard = true;
        self.meet(&event);
        fits(&event)
    }

    /// An event was met.
    pub(crate) fn meet(&mut self, event: &Event) {
        *self.met.entry(event.kind()).or_default() += 1;
        self.note(&event.kind(), || format!("  met: {event}"));
    }

    /// Adds to the trace.
    pub(crate) fn note(&mut self, what: &impl Hash, line: impl FnOnce() -> String) {
        what.hash(&mut self.trace.hash);
        if let Some(lines) = &mut self.trace.lines {
            lines.push(line());
        }
    }

    /// Keeps the trace as text too.
    pub(crate) fn keep_lines(&mut self) {
        self.trace.lines = Some(Vec::new());
    }

    /// The trace as text, where it is kept.
    pub(crate) fn lines(&self) -> &[String] {
        self.trace.lines.as_deref().unwrap_or_default()
    }

    /// The trace as a number.
    pub(crate) fn hash(&self) -> u64 {
        self.trace.hash.finish()
    }
}

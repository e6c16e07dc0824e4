//! What a history was like, and what of its script was met.

use std::collections::BTreeMap;

use super::Run;
use crate::{CallFault, Event, Held, Invoked, system};

/// What a history was like.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Minutes of the history's time from the last thing that went wrong to the end of the work.
    pub minutes: u32,
    /// How often each kind of event was met.
    pub met: BTreeMap<&'static str, u64>,
    /// Calls to services.
    pub calls: u64,
    /// Of everything that happened: equal for equal histories.
    pub hash: u64,
    /// Polls of each invocation, for whoever wants to know where events can be.
    pub polls: BTreeMap<(Invoked, u32), u32>,
    /// Requests to our own stores.
    pub requests: Requests,
}

/// How often our own stores were asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// The ledger.
    pub ledger: u32,
    /// Queues.
    pub queue: u32,
    /// The bucket.
    pub bucket: u32,
}

impl Run {
    /// What it was like.
    pub fn report(&self) -> Report {
        let mut seen = self.system.watch.seen();
        let mut met = seen.met.clone();
        for event in &self.script.events {
            met.entry(event.kind()).or_default();
        }
        for event in self.gone_wrong() {
            *met.entry(event.kind()).or_default() += 1;
        }
        let world = self.system.instance.sandbox.world();
        seen.note(&(world.sharepoint.table(), world.calls()), String::new);
        drop(world);
        Report {
            minutes: self.done_at.unwrap_or(self.minute).saturating_sub(self.trouble_until),
            met,
            calls: seen.calls.values().map(|&calls| u64::from(calls)).sum(),
            hash: seen.hash(),
            polls: self.polls.clone(),
            requests: Requests { ledger: seen.ledger, queue: seen.queue, bucket: seen.bucket },
        }
    }

    /// What calls may have done a second time by now.
    pub(super) fn held(&self) -> Held {
        let is_twice = |event: &&Event| matches!(event, Event::Call(_, _, CallFault::Twice));
        let may_be = self.script.events.iter().any(|event| is_twice(&event));
        let twice = if may_be { self.gone_wrong().into_iter().filter(is_twice).count() } else { 0 };
        Held { twice, late: self.late }
    }

    /// The events of calls that went wrong: their switches are not as they were set. Healing clears all of them.
    fn gone_wrong(&self) -> Vec<&Event> {
        let mut left = self.unmet.clone().unwrap_or_else(|| {
            let world = self.system.instance.sandbox.world();
            world.faults.switches().into_iter().cloned().collect()
        });
        let is_gone = |event: &&Event| {
            let Some((_, switch)) = system::switch(event) else { return false };
            // Two of the same kind have equal switches.
            let at = left.iter().position(|it| *it == switch);
            at.map(|at| left.swap_remove(at)).is_none()
        };
        self.script.events.iter().filter(is_gone).collect()
    }
}

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
    pub polls: BTreeMap<Invoked, u32>,
    /// Requests to the ledger and to queues.
    pub requests: (u32, u32),
}

impl Run {
    /// What it was like.
    pub fn report(&self) -> Report {
        let mut seen = self.system.watch.seen();
        let mut met = seen.met.clone();
        for event in &self.script.events {
            *met.entry(event.kind()).or_default() += u64::from(self.has_gone_wrong(event));
        }
        let table = self.system.instance.sandbox.world().sharepoint.table();
        seen.note(&table, String::new);
        Report {
            minutes: self.done_at.unwrap_or(self.minute).saturating_sub(self.trouble_until),
            met,
            calls: seen.calls.values().map(|&calls| u64::from(calls)).sum(),
            hash: seen.hash(),
            polls: self.polls.clone(),
            requests: (seen.ledger, seen.queue),
        }
    }

    /// What calls may have done a second time by now.
    pub(super) fn held(&self) -> Held {
        let twice = self.script.events.iter().filter(|event| matches!(event, Event::Call(_, _, CallFault::Twice)));
        Held { twice: twice.filter(|event| self.has_gone_wrong(event)).count(), late: self.late }
    }

    /// Whether the event is of a call that went wrong: its switch is not as it was set. Healing clears all of them.
    fn has_gone_wrong(&self, event: &Event) -> bool {
        let Some((_, switch)) = system::switch(event) else { return false };
        match &self.unmet {
            Some(unmet) => !unmet.contains(&switch),
            None => !self.system.instance.sandbox.world().faults.switches().contains(&&switch),
        }
    }
}

//! Switches that make a service misbehave.

use serde::{Deserialize, Serialize};

use crate::Service;

/// What goes wrong with one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// No connection; nothing happens.
    Refuse,
    /// Answered with this status and, if given, `Retry-After` in seconds; nothing happens.
    Throttle {
        /// 429 or 503.
        status: u16,
        /// Seconds.
        retry_after: Option<u32>,
    },
    /// The effect happens, the answer is lost.
    LoseAnswer,
    /// No answer now; the effect happens this many seconds later.
    LateEffect {
        /// Seconds on the sandbox's clock.
        seconds: u32,
    },
    /// The effect happens, the answer is cut in the middle.
    Truncate,
    /// The call is read and never answered; nothing happens.
    Stall,
    /// A sign-in page with status 200 instead of an answer; nothing happens.
    Html,
    /// The service's own fault with this code (CRM: `0x80044151`; SharePoint: `0x81020026`); nothing happens.
    Error {
        /// The code, as the service writes it.
        code: String,
    },
}

/// How often a switch acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Times {
    /// The next so many calls.
    Next(u32),
    /// Every call until the switch is cleared.
    UntilCleared,
}

/// One switch: which calls it meets, and what happens to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    /// The service.
    pub service: Service,
    /// The operation by its name in [`World::calls`](crate::World::calls); `None` for any.
    pub operation: Option<String>,
    /// What goes wrong.
    pub fault: Fault,
    /// How often.
    pub times: Times,
}

/// The switches that are set, oldest first. The first that fits a call acts on it.
#[derive(Clone, Debug, Default)]
pub struct Faults(Vec<Switch>);

impl Faults {
    /// Sets a switch.
    pub fn set(&mut self, switch: Switch) {
        self.0.push(switch);
    }

    /// Clears every switch.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The switches that still act.
    pub fn switches(&self) -> &[Switch] {
        &self.0
    }

    /// The fault that this call meets, if any; a counted switch is used up by one.
    pub fn take(&mut self, service: Service, operation: &str) -> Option<Fault> {
        let fits = |switch: &Switch| {
            switch.service == service && switch.operation.as_deref().is_none_or(|wanted| wanted == operation)
        };
        self.0.retain(|switch| switch.times != Times::Next(0));
        let index = self.0.iter().position(fits)?;
        let switch = &mut self.0[index];
        let fault = switch.fault.clone();
        match &mut switch.times {
            Times::Next(1) => drop(self.0.remove(index)),
            Times::Next(count) => *count -= 1,
            Times::UntilCleared => {}
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn switch(operation: Option<&str>, times: Times) -> Switch {
        Switch { service: Service::Crm, operation: operation.map(str::to_owned), fault: Fault::Refuse, times }
    }

    #[test]
    fn a_counted_switch_acts_that_often_and_only_on_its_operation() {
        let mut faults = Faults::default();
        faults.set(switch(Some("Create"), Times::Next(2)));
        assert_eq!(faults.take(Service::Crm, "Update"), None);
        assert_eq!(faults.take(Service::SharePoint, "Create"), None);
        assert_eq!(faults.take(Service::Crm, "Create"), Some(Fault::Refuse));
        assert_eq!(faults.take(Service::Crm, "Create"), Some(Fault::Refuse));
        assert_eq!(faults.take(Service::Crm, "Create"), None);
    }

    #[test]
    fn a_switch_without_a_count_acts_until_it_is_cleared() {
        let mut faults = Faults::default();
        faults.set(switch(None, Times::UntilCleared));
        for operation in ["Create", "Fetch", "Create"] {
            assert_eq!(faults.take(Service::Crm, operation), Some(Fault::Refuse));
        }
        faults.clear();
        assert_eq!(faults.take(Service::Crm, "Create"), None);
    }
}

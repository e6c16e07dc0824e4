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
    /// The call arrives twice, as a proxy may send it that lost the first answer; this is the second one's answer.
    Twice,
    /// The effect happens, the answer is cut in the middle.
    Truncate,
    /// The call is read and never answered; nothing happens.
    Stall,
    /// A sign-in page with status 200 instead of an answer; nothing happens.
    Html,
    /// Answered with status 200 and this text, called XML; nothing happens.
    Answer {
        /// The body.
        body: String,
    },
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
pub struct Faults(Vec<Set>);

/// A switch, and how many calls that fit it still go well before it acts.
#[derive(Clone, Debug)]
struct Set {
    skip: u32,
    switch: Switch,
}

impl Faults {
    /// Sets a switch.
    pub fn set(&mut self, switch: Switch) {
        self.set_after(0, switch);
    }

    /// Sets a switch that lets the first `skip` calls that fit it go well.
    pub fn set_after(&mut self, skip: u32, switch: Switch) {
        self.0.push(Set { skip, switch });
    }

    /// Clears every switch.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The switches that still act.
    pub fn switches(&self) -> Vec<&Switch> {
        self.0.iter().map(|set| &set.switch).collect()
    }

    /// The fault that this call meets, if any; a counted switch is used up by one.
    pub fn take(&mut self, service: Service, operation: &str) -> Option<Fault> {
        let fits = |switch: &Switch| {
            switch.service == service && switch.operation.as_deref().is_none_or(|wanted| wanted == operation)
        };
        self.0.retain(|set| set.switch.times != Times::Next(0));
        let mut acting = None;
        for (index, set) in self.0.iter_mut().enumerate().filter(|(_, set)| fits(&set.switch)) {
            if set.skip == 0 {
                acting = Some(index);
                break;
            }
            set.skip -= 1;
        }
        let index = acting?;
        let switch = &mut self.0[index].switch;
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

    #[test]
    fn a_switch_may_let_the_first_calls_that_fit_it_go_well() {
        let mut faults = Faults::default();
        faults.set_after(2, switch(Some("Create"), Times::Next(1)));
        assert_eq!(faults.take(Service::Crm, "Create"), None);
        assert_eq!(faults.take(Service::Crm, "Fetch"), None);
        assert_eq!(faults.take(Service::Crm, "Create"), None);
        assert_eq!(faults.take(Service::Crm, "Create"), Some(Fault::Refuse));
        assert_eq!(faults.take(Service::Crm, "Create"), None);
    }
}

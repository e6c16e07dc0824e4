//! The breaker: a service that fails is left alone, and asked by one caller whether it is back (P7).

use domain::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::budget::later;

/// So many failures one after the other open it: more than the three tries of one call.
const FAILURES: u32 = 5;
/// How long nobody calls then: a service that is back is found within a minute, and an hour of outage costs it 120
/// calls.
const OPEN_FOR: SignedDuration = SignedDuration::from_secs(30);
/// How long a probe may take before another one may be sent: longer than a call may take (90 s).
const PROBE_FOR: SignedDuration = SignedDuration::from_secs(100);

/// Whether a tenant's service may be called, as all functions know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub(crate) enum Breaker {
    /// It may.
    Closed {
        /// How many calls have failed since one was answered.
        failures: u32,
    },
    /// It may not.
    Open {
        /// Until when.
        until: Timestamp,
    },
    /// One call is under way to find out; no other may be sent.
    Probing {
        /// When its caller must be gone.
        until: Timestamp,
    },
}

/// What happens to a breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Somebody wants to call.
    Wanted,
    /// A call was answered.
    Answered,
    /// A call was not answered, or only with the trouble of the service itself.
    Failed,
    /// The probe that may take until then was not sent after all.
    Unsent {
        /// Until when; it tells the probe from a later one.
        until: Timestamp,
    },
}

impl Default for Breaker {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

impl Breaker {
    /// The next state. A call that is not to be sent is an error that says until when.
    pub(crate) fn on(self, event: Event, now: Timestamp) -> Result<Self, Timestamp> {
        let open = Self::Open { until: later(now, OPEN_FOR) };
        match (self, event) {
            (Self::Open { until } | Self::Probing { until }, Event::Wanted) if now < until => Err(until),
            (Self::Open { .. } | Self::Probing { .. }, Event::Wanted) => {
                Ok(Self::Probing { until: later(now, PROBE_FOR) })
            }
            // Whoever comes next may find out.
            (Self::Probing { until: mine }, Event::Unsent { until }) if mine == until => Ok(Self::Open { until: now }),
            // An answer to what was sent before it was opened says nothing of now.
            (Self::Closed { .. }, Event::Wanted)
            | (Self::Open { .. }, Event::Answered | Event::Failed)
            | (_, Event::Unsent { .. }) => Ok(self),
            (Self::Closed { .. } | Self::Probing { .. }, Event::Answered) => Ok(Self::default()),
            (Self::Closed { failures }, Event::Failed) if failures + 1 < FAILURES => {
                Ok(Self::Closed { failures: failures + 1 })
            }
            (Self::Closed { .. } | Self::Probing { .. }, Event::Failed) => Ok(open),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event() -> impl Strategy<Value = Event> {
        // The time of a probe that is out is put in where the story is told.
        let unsent = Just(Event::Unsent { until: Timestamp::UNIX_EPOCH });
        prop_oneof![Just(Event::Wanted), Just(Event::Answered), Just(Event::Failed), unsent]
    }

    /// What happens, told without states: what a breaker promises, from the whole story so far.
    #[derive(Default)]
    struct Story {
        failures: u32,
        /// Nobody calls before this.
        closed_until: Option<Timestamp>,
        /// A probe is out.
        probing: bool,
    }

    impl Story {
        fn may_call(&mut self, now: Timestamp) -> bool {
            let Some(until) = self.closed_until else { return true };
            if now < until {
                return false;
            }
            (self.probing, self.closed_until) = (true, Some(later(now, PROBE_FOR)));
            true
        }

        /// The probe that is out is not sent.
        fn take_back(&mut self, now: Timestamp) {
            if self.probing {
                (self.probing, self.closed_until) = (false, Some(now));
            }
        }

        fn hear(&mut self, answered: bool, now: Timestamp) {
            if self.closed_until.is_some() && !self.probing {
                return;
            }
            self.failures = if answered { 0 } else { self.failures + 1 };
            if answered {
                (self.probing, self.closed_until) = (false, None);
            } else if self.probing || self.failures >= FAILURES {
                (self.probing, self.failures, self.closed_until) = (false, 0, Some(later(now, OPEN_FOR)));
            }
        }
    }

    proptest! {
        /// P7: it opens after so many failures in a row, lets one caller through when its time is over, and closes when
        /// that one is answered.
        #[test]
        fn a_breaker_does_what_its_story_says(steps in proptest::collection::vec((event(), 0_i64..60), 0..200)) {
            let (mut breaker, mut story, mut now) = (Breaker::default(), Story::default(), Timestamp::UNIX_EPOCH);
            for (event, seconds) in steps {
                now = later(now, SignedDuration::from_secs(seconds));
                let event = match (event, story.closed_until) {
                    (Event::Unsent { .. }, Some(until)) if story.probing => Event::Unsent { until },
                    (event, _) => event,
                };
                let next = breaker.on(event, now);
                match event {
                    Event::Wanted => prop_assert_eq!(next.is_ok(), story.may_call(now)),
                    Event::Unsent { .. } => story.take_back(now),
                    Event::Answered | Event::Failed => {
                        prop_assert!(next.is_ok());
                        story.hear(event == Event::Answered, now);
                    }
                }
                if let Err(until) = next {
                    prop_assert!(until > now && until <= later(now, PROBE_FOR));
                }
                breaker = next.unwrap_or(breaker);
            }
        }

        /// P7: whoever is not sent ends no probe but its own.
        #[test]
        fn a_probe_of_another_goes_on(seconds in 100_i64..1_000) {
            let now = Timestamp::UNIX_EPOCH;
            let (first, later) = (later(now, PROBE_FOR), later(now, SignedDuration::from_secs(seconds)));
            let probing = Breaker::Open { until: now }.on(Event::Wanted, later).expect("its time is over");
            prop_assert_eq!(probing.on(Event::Unsent { until: first }, later), Ok(probing));
        }

        /// P7: from any state, a service that answers again is called freely after one call, at most 100 s later.
        #[test]
        fn any_breaker_closes_when_the_service_is_back(events in proptest::collection::vec(event(), 0..50)) {
            let now = Timestamp::UNIX_EPOCH;
            let breaker = events.into_iter().fold(Breaker::default(), |state, event| state.on(event, now).unwrap_or(state));
            let now = later(now, PROBE_FOR);
            let called = breaker.on(Event::Wanted, now).expect("its time is over");
            prop_assert_eq!(called.on(Event::Answered, now), Ok(Breaker::default()));
        }
    }
}

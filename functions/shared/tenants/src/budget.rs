//! What all functions together may ask of a tenant's service, and when (P6).

use std::num::NonZeroU32;

use domain::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::breaker::{Breaker, Event};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// A budget is taken in so many portions, so that not every call costs a write.
const PORTIONS: u32 = 20;
/// How long a portion can be used. What is left of it then is given up: it counts, but nobody calls.
const PORTION_FOR: SignedDuration = SignedDuration::from_secs(10);

/// The row `BUDGET#<service>` of a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Budget {
    /// The service asked to be left alone until then.
    #[serde(default)]
    not_before: Option<Timestamp>,
    #[serde(default)]
    breaker: Breaker,
    /// What was taken of the budget and still counts, oldest first.
    #[serde(default)]
    taken: Vec<Taken>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Taken {
    /// When it counts no more.
    free_at: Timestamp,
    calls: u32,
}

/// Leave for some calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Portion {
    calls: u32,
    until: Timestamp,
}

impl Portion {
    /// None: what a process begins with.
    pub(crate) const NONE: Self = Self { calls: 0, until: Timestamp::UNIX_EPOCH };

    fn is_left(self, now: Timestamp) -> bool {
        self.calls > 0 && now < self.until
    }
}

/// What a call taught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    /// Whether the service answered, and not only with its own trouble.
    pub(crate) answered: bool,
    /// How long it asks to be left alone.
    pub(crate) wait: Option<SignedDuration>,
}

impl Budget {
    /// Whether one call may be sent now, of at most `most` a minute (any number if `None`), with what is `left` of the
    /// caller's portion. If not: from when on.
    pub(crate) fn ask(
        &mut self,
        now: Timestamp,
        most: Option<NonZeroU32>,
        left: Portion,
    ) -> Result<Portion, Timestamp> {
        if let Some(until) = self.not_before.filter(|until| now < *until) {
            return Err(until);
        }
        let breaker = self.breaker.on(Event::Wanted, now)?;
        let portion = match most {
            Some(most) if !left.is_left(now) => self.take(now, most)?,
            _ => left,
        };
        self.breaker = breaker;
        Ok(Portion { calls: portion.calls.saturating_sub(1), ..portion })
    }

    /// A portion of `most` calls a minute. Within any minute no more than that are made: what was taken counts until a
    /// minute after it could last be used.
    fn take(&mut self, now: Timestamp, most: NonZeroU32) -> Result<Portion, Timestamp> {
        let counting: Vec<Taken> = self.taken.iter().filter(|taken| now < taken.free_at).cloned().collect();
        let used: u32 = counting.iter().map(|taken| taken.calls).fold(0, u32::saturating_add);
        let free = most.get().saturating_sub(used);
        if free == 0 {
            let soonest = counting.iter().map(|taken| taken.free_at).min();
            return Err(soonest.unwrap_or_else(|| later(now, MINUTE)));
        }
        let calls = most.get().div_ceil(PORTIONS).min(free);
        // One call is made at once.
        let until = if calls == 1 { later(now, SignedDuration::from_nanos(1)) } else { later(now, PORTION_FOR) };
        self.taken = counting;
        self.taken.push(Taken { free_at: later(until, MINUTE), calls });
        Ok(Portion { calls, until })
    }

    /// The probe that is out, by its end.
    pub(crate) fn probe(&self) -> Option<Timestamp> {
        match self.breaker {
            Breaker::Probing { until } => Some(until),
            Breaker::Closed { .. } | Breaker::Open { .. } => None,
        }
    }

    /// A probe was not sent after all.
    pub(crate) fn unsent(&mut self, probe: Timestamp, now: Timestamp) {
        self.breaker = self.breaker.on(Event::Unsent { until: probe }, now).unwrap_or(self.breaker);
    }

    /// A call was made.
    pub(crate) fn hear(&mut self, heard: Heard, now: Timestamp) {
        let event = if heard.answered { Event::Answered } else { Event::Failed };
        self.breaker = self.breaker.on(event, now).unwrap_or(self.breaker);
        // The longer of two waits holds: an answer to an older call must not take it back.
        self.not_before = self.not_before.max(heard.wait.map(|wait| later(now, wait)));
    }
}

pub(crate) fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OK: Heard = Heard { answered: true, wait: None };

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).expect("in this century")
    }

    /// P6: a wait holds until its end and not longer, and a shorter one does not take it back.
    #[test]
    fn nobody_calls_before_the_time_that_the_service_named() {
        let mut budget = Budget::default();
        let wait = |seconds| Heard { wait: Some(SignedDuration::from_secs(seconds)), ..OK };
        budget.hear(wait(60), at(0));
        budget.hear(wait(5), at(1_000));
        budget.hear(OK, at(2_000));
        assert_eq!(budget.ask(at(59_999), None, Portion::NONE), Err(at(60_000)));
        assert!(budget.ask(at(60_000), None, Portion::NONE).is_ok());
    }

    /// A plain success changes nothing, so that nothing is written.
    #[test]
    fn a_success_after_a_success_is_no_change() {
        let mut budget = Budget::default();
        budget.ask(at(0), None, Portion::NONE).expect("free");
        budget.hear(OK, at(1));
        assert_eq!(budget, Budget::default());
    }

    proptest! {
        /// EX-34, P6: whoever calls when, within any minute there are at most as many calls as the budget has; and one
        /// who comes when the row says may call.
        #[test]
        fn no_minute_has_more_calls_than_the_budget(
            most in 1_u32..200,
            pauses in proptest::collection::vec((0_usize..3, 0_i64..4_000), 1..400),
        ) {
            let most = NonZeroU32::new(most).expect("not zero");
            let (mut budget, mut processes, mut now) = (Budget::default(), [Portion::NONE; 3], 0);
            let mut sent: Vec<i64> = Vec::new();
            for (process, pause) in pauses {
                now += pause;
                match budget.ask(at(now), Some(most), processes[process]) {
                    Ok(left) => {
                        processes[process] = left;
                        sent.push(now);
                    }
                    Err(until) => {
                        prop_assert!(until > at(now));
                        let mut then = budget.clone();
                        prop_assert!(then.ask(until, Some(most), Portion::NONE).is_ok(), "nothing is free at {until}");
                    }
                }
                let minute = sent.iter().filter(|at| **at > now - 60_000).count();
                prop_assert!(minute <= most.get() as usize, "{minute} calls within a minute");
            }
        }
    }
}

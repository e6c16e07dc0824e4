//! What happens between invocations: time passes, timers fire, things heal, and the work turns out to be done.

use domain::SignedDuration;

use super::{Outcome, Phase, Run};
use crate::{Event, Settled, Violation, When};

/// How long a service refuses for good.
const DENIED_FOR: u32 = 20;
/// A refused sign-in is not tried again for a quarter of an hour.
const SIGNED_IN_AFTER: u32 = 16;
/// Longer than a message is hidden: everything that is still in a queue comes out.
const REST: SignedDuration = SignedDuration::from_mins(31);
impl Run {
    /// Nothing is under way but what stands still: a minute passes, or the history is over.
    pub(super) fn quiet(&mut self) -> Result<(), Violation> {
        let left = self.armed();
        if left < self.left {
            self.left = left;
            let held_up = self.script.events.iter().map(|event| match event {
                Event::Call(_, _, fault) => fault.minutes(),
                _ => 0,
            });
            let until = self.minute + held_up.max().unwrap_or(0);
            self.trouble_until = self.trouble_until.max(until);
        }
        let is_waiting = !self.running.is_empty() || self.press_at.is_some() || self.comes_later();
        let settled = self.flow.settled(&self.system);
        let is_denied = self.unmet.is_none() && self.script.denied().next().is_some();
        if is_denied && settled != Settled::Refused && self.minute >= DENIED_FOR {
            self.heal();
        }
        match (self.phase, settled) {
            (Phase::Resting, Settled::Done) => {
                self.flow.finished(&self.system, self.held())?;
                self.phase = Phase::Over;
                return Ok(());
            }
            (Phase::Resting, _) => return Err(Violation::of("what is done stays done", self.story())),
            (Phase::Working, Settled::Refused) => self.heal_after_refusal()?,
            (Phase::Working, Settled::Done) if !is_waiting => {
                if self.flow.finished(&self.system, self.held()).is_ok() {
                    self.done_at = Some(self.minute);
                    return self.rest();
                }
                // What is still to be told is told by a timer.
            }
            (Phase::Working, _) => {}
            (Phase::Over, _) => return Ok(()),
        }
        if self.minute > self.trouble_until + self.flow.healed_within() {
            self.flow.finished(&self.system, self.held())?;
            return Err(Violation::of("it is done after everything healed", self.story()));
        }
        self.pass_a_minute()
    }

    fn rest(&mut self) -> Result<(), Violation> {
        self.phase = Phase::Resting;
        self.system.instance.sandbox.advance(REST);
        self.fire_timers()
    }

    fn pass_a_minute(&mut self) -> Result<(), Violation> {
        self.minute += 1;
        let minute = self.minute;
        let mut by = SignedDuration::from_mins(1);
        let jump = self.pending.iter().position(|event| matches!(event, Event::Jumps(at, _) if *at == minute));
        if let Some(Event::Jumps(at, minutes)) = jump.map(|at| self.pending.remove(at)) {
            self.system.watch.seen().meet(&Event::Jumps(at, minutes));
            self.trouble();
            by += SignedDuration::from_mins(i64::from(minutes));
        }
        self.system.instance.sandbox.advance(by);
        self.system.watch.seen().note(&minute, || format!("minute {minute}"));
        for invocation in &mut self.running {
            if invocation.frozen_until.is_some_and(|until| until <= minute) {
                invocation.frozen_until = None;
            }
        }
        if self.occurs(|event| *event == Event::Presses(When::Minute(minute))) {
            self.press()?;
        }
        if self.occurs(|event| *event == Event::Changes(When::Minute(minute))) {
            self.change();
        }
        if self.press_at.take_if(|at| *at <= minute).is_some() {
            self.press()?;
        }
        self.fire_timers()
    }

    fn heal_after_refusal(&mut self) -> Result<(), Violation> {
        if self.press_at.is_some() {
            return Ok(());
        }
        if !self.script.allows_refusal() || self.unmet.is_some() {
            return Err(Violation::of("what can be done is not refused", self.story()));
        }
        self.flow.refused(&self.system, &self.script)?;
        self.heal();
        self.press_at = Some(self.minute + SIGNED_IN_AFTER);
        Ok(())
    }

    fn heal(&mut self) {
        let mut world = self.system.instance.sandbox.world();
        self.unmet = Some(world.faults.switches().into_iter().cloned().collect());
        world.faults.clear();
        drop(world);
        self.left = self.armed();
        self.trouble_until = self.trouble_until.max(self.minute + SIGNED_IN_AFTER);
    }

    fn fire_timers(&mut self) -> Result<(), Violation> {
        let minute = self.minute;
        if self.occurs(|event| *event == Event::TimersMissed(minute)) {
            return Ok(());
        }
        let times = if self.occurs(|event| *event == Event::TimersTwice(minute)) { 2 } else { 1 };
        for schedule in self.system.instance.host.wiring().schedules.clone() {
            let Some(of) = self.flow.timer(&schedule.function) else { continue };
            let every = schedule.every.as_mins().max(1);
            for _ in 0..times {
                if i64::from(minute) % every == 0 {
                    let process = self.take_process(of)?;
                    let (host, function) = (process.host.clone(), schedule.function.clone());
                    self.start(of, process, None, async move {
                        host.fire(&function).await;
                        Outcome::Done
                    });
                }
            }
        }
        Ok(())
    }

    /// Whether something will happen at a later minute.
    fn comes_later(&self) -> bool {
        self.pending.iter().any(|event| match *event {
            Event::Presses(When::Minute(minute))
            | Event::Changes(When::Minute(minute))
            | Event::Jumps(minute, _)
            | Event::TimersMissed(minute)
            | Event::TimersTwice(minute) => minute > self.minute,
            _ => false,
        })
    }
}

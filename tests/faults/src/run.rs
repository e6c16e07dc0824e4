//! One history, one poll at a time.

mod minutes;
mod report;
mod start;

use std::{collections::BTreeMap, sync::Arc, task::Poll};

use domain::{Clock as _, SignedDuration, Timestamp};
use http::StatusCode;
use sandbox::Switch;
use tokio::sync::Notify;

pub use self::report::{Report, Requests};
use crate::{
    Event, Flow, Invoked, Moment, News, Random, Script, System, Violation, When,
    process::{Invocation, Outcome},
    system::{self, Process},
};

/// A delivery that is older calls nobody: its lease, less the time that its last call may take to land.
const LAST_CALL: SignedDuration = SignedDuration::from_mins(5);
/// As many deliveries at once as the template lets there be.
const MOST_AT_ONCE: usize = 10;

/// A history under way. [`Run::step`] is the smallest part of it.
pub struct Run {
    system: System,
    flow: Box<dyn Flow>,
    script: Arc<Script>,
    pending: Vec<Event>,
    running: Vec<Invocation>,
    idle: BTreeMap<Invoked, Vec<Process>>,
    started: BTreeMap<Invoked, u32>,
    polls: BTreeMap<(Invoked, u32), u32>,
    random: Random,
    anybody: Arc<Notify>,
    minute: u32,
    trouble_until: u32,
    left: usize,
    presses: usize,
    changes: usize,
    press_at: Option<u32>,
    /// Of what was to go wrong with calls: what had not when things healed, if they did.
    unmet: Option<Vec<Switch>>,
    /// Calls that landed after their time.
    late: usize,
    phase: Phase,
    done_at: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Working,
    Resting,
    Over,
}

impl Run {
    /// A history that begins with one press.
    pub fn new(system: System, flow: Box<dyn Flow>, script: &Script) -> Result<Self, Violation> {
        system.arm(script);
        let is_outside = |event: &Event| system::switch(event).is_some() || event.is_of_a_store();
        let mut run = Self {
            flow,
            script: Arc::new(script.clone()),
            pending: script.events.iter().filter(|event| !is_outside(event)).cloned().collect(),
            running: Vec::new(),
            idle: BTreeMap::new(),
            started: BTreeMap::new(),
            polls: BTreeMap::new(),
            random: Random::new(script.weave),
            anybody: Arc::default(),
            minute: 0,
            trouble_until: 0,
            left: 0,
            presses: 0,
            changes: 0,
            press_at: None,
            unmet: None,
            late: 0,
            phase: Phase::Working,
            done_at: None,
            system,
        };
        run.left = run.armed();
        run.press()?;
        Ok(run)
    }

    /// Keeps the story of the history as text: [`Run::lines`].
    pub fn keep_lines(&mut self) {
        self.system.watch.seen().keep_lines();
    }

    /// The story so far, where it is kept.
    pub fn lines(&self) -> Vec<String> {
        self.system.watch.seen().lines().to_vec()
    }

    /// What it happens in.
    pub fn system(&self) -> &System {
        &self.system
    }

    /// To its end.
    pub async fn complete(&mut self) -> Result<Report, Violation> {
        while self.step().await? {}
        Ok(self.report())
    }

    /// The deliveries that are under way: their numbers, and how often each was polled.
    pub fn deliveries(&self) -> impl Iterator<Item = (u32, u32)> {
        let deliveries = self.running.iter().filter(|invocation| invocation.of == Invoked::Deliver);
        deliveries.map(|invocation| (invocation.number, invocation.polls))
    }

    /// Whether one invocation is all that is under way: a [`Run::fork`] is its death then, and of nothing else.
    pub fn is_one_alone(&self) -> bool {
        self.running.len() == 1
    }

    /// A copy in which everything that is under way died at this moment.
    pub fn fork(&self) -> Result<Self, Violation> {
        let system = self.system.fork().map_err(|error| Violation::of("the world can be copied", error.to_string()))?;
        let mut fork = Self {
            flow: self.flow.fork(),
            script: Arc::clone(&self.script),
            pending: self.pending.clone(),
            running: Vec::new(),
            idle: BTreeMap::new(),
            started: self.started.clone(),
            polls: self.polls.clone(),
            random: self.random.clone(),
            anybody: Arc::default(),
            unmet: self.unmet.clone(),
            system,
            ..*self
        };
        fork.system.watch.seen().is_unheard = true;
        fork.trouble();
        Ok(fork)
    }

    /// One poll, or one minute. `false`: it is over.
    pub async fn step(&mut self) -> Result<bool, Violation> {
        if self.running.len() < MOST_AT_ONCE
            && let Some(source) = self.waiting()
        {
            self.deliver(source)?;
            return Ok(true);
        }
        let awake: Vec<usize> = (0..self.running.len()).filter(|&at| self.running[at].is_awake()).collect();
        if !awake.is_empty() {
            let at = if awake.len() > 1 { *self.random.of(&awake) } else { awake[0] };
            self.go_on(at)?;
            // The runtime wakes what waits.
            tokio::task::yield_now().await;
        } else if self.running.iter().any(|invocation| invocation.frozen_until.is_none()) {
            // All of it waits for time: the runtime's paused clock goes on.
            self.anybody.notified().await;
        } else {
            // The e-mail platform reads its file location by itself.
            self.system.instance.read_drops().await;
            self.quiet()?;
        }
        if let Some(violation) = self.system.watch.seen().violation.take() {
            return Err(violation);
        }
        Ok(self.phase != Phase::Over)
    }

    /// What there is, for a failed promise.
    pub fn story(&self) -> String {
        self.flow.story(&self.system)
    }

    /// Polls an invocation, unless something happens to it first.
    fn go_on(&mut self, at: usize) -> Result<(), Violation> {
        let Invocation { of, number, polls, .. } = self.running[at];
        let moment = Moment { of, number, polls };
        while let Some(event) = self.due_at(moment) {
            self.trouble();
            self.system.watch.seen().meet(&event);
            match event {
                Event::Dies(_) => {
                    self.system.watch.seen().is_unheard = true;
                    self.running.remove(at);
                    self.idle.clear();
                    return self.look();
                }
                Event::Freezes(_, minutes) => {
                    self.system.watch.seen().is_unheard = true;
                    self.running[at].frozen_until = Some(self.minute + minutes);
                    self.trouble_until = self.trouble_until.max(self.minute + minutes);
                    return Ok(());
                }
                Event::Again(_) => self.deliver_again(),
                Event::Presses(_) => self.press()?,
                Event::Changes(_) => self.change(),
                _ => {}
            }
        }
        let invocation = &self.running[at];
        let age = self.system.instance.clock.now().duration_since(invocation.began);
        let is_late = of == Invoked::Deliver && age >= LAST_CALL;
        let process = invocation.process.id;
        let landed = |system: &System| -> u64 {
            system.instance.sandbox.world().calls().values().flat_map(BTreeMap::values).sum()
        };
        let before = is_late.then(|| (calls_of(&self.system, process), landed(&self.system)));
        let polled = self.running[at].poll();
        if let Some((called, had_landed)) = before {
            if landed(&self.system) > had_landed {
                // The one call that was on its way lands beside the next holder's.
                self.late += 1;
            }
            if calls_of(&self.system, process) > called {
                let told = format!("{} {number} called when it was {age:#} old", of.name());
                return Err(Violation::of("no call after its time", told));
            }
        }
        if let Poll::Ready(outcome) = polled {
            let done = self.running.remove(at);
            self.polls.insert((of, number), done.polls);
            self.idle.entry(of).or_default().push(done.process);
            if let (Some(press), Outcome::Rang(status)) = (done.press, outcome) {
                self.heard(press, status)?;
            }
        }
        self.look()
    }

    fn change(&mut self) {
        // By the order, so that one event can be each of them.
        let order = usize::try_from(self.script.weave % 3).unwrap_or_default();
        self.flow.change(&self.system, order + self.changes);
        self.changes += 1;
    }

    fn heard(&mut self, press: usize, status: StatusCode) -> Result<(), Violation> {
        self.system.watch.seen().note(&(press, status.as_u16()), || format!("press {press} is answered {status}"));
        self.flow.answered(&self.system, press, status)
    }

    /// Safety, whenever something may have changed.
    fn look(&mut self) -> Result<(), Violation> {
        let news = std::mem::take(&mut self.system.watch.seen().news);
        if news == News::default() { Ok(()) } else { self.flow.look(&self.system, self.held(), news) }
    }

    fn trouble(&mut self) {
        self.trouble_until = self.trouble_until.max(self.minute);
    }

    /// The event of that moment, taken out.
    fn due_at(&mut self, moment: Moment) -> Option<Event> {
        let index = self.pending.iter().position(|event| match event {
            Event::Dies(at)
            | Event::Freezes(at, _)
            | Event::Again(at)
            | Event::Presses(When::During(at))
            | Event::Changes(When::During(at)) => *at == moment,
            _ => false,
        })?;
        Some(self.pending.remove(index))
    }

    /// Takes out such an event of this minute, if there is one.
    fn occurs(&mut self, fits: impl Fn(&Event) -> bool) -> bool {
        let Some(index) = self.pending.iter().position(fits) else { return false };
        let event = self.pending.remove(index);
        self.system.watch.seen().meet(&event);
        self.trouble();
        true
    }

    /// How many calls and requests are still to go wrong.
    fn armed(&self) -> usize {
        self.system.instance.sandbox.world().faults.switches().len() + self.system.watch.seen().stores.len()
    }

    /// Makes messages that are being handled visible again, as SQS now and then does.
    fn deliver_again(&self) {
        let memory = self.system.memory();
        for source in &self.system.instance.host.wiring().sources {
            for message in memory.messages(&source.queue) {
                memory.release(&source.queue, &message.receipt);
            }
        }
    }

    fn now(&self) -> Timestamp {
        self.system.instance.clock.now()
    }
}

fn calls_of(system: &System, process: u32) -> u32 {
    system.watch.seen().calls.get(&process).copied().unwrap_or(0)
}

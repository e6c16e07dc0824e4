//! What a flow promises: the part of a history that the harness does not know.

use bytes::Bytes;
use http::{Request, StatusCode};

use crate::{Invoked, Script, System};

/// What must never be, and was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{check}: {told}")]
pub struct Violation {
    /// The promise, in a few words.
    pub check: &'static str,
    /// What was seen instead.
    pub told: String,
}

impl Violation {
    /// A promise that does not hold.
    pub fn of(check: &'static str, told: impl Into<String>) -> Self {
        Self { check, told: told.into() }
    }
}

/// How far a flow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// There is work to do.
    No,
    /// It is done.
    Done,
    /// It was refused, with a reason: another press completes it.
    Refused,
}

/// How closely the end has to be that of the uninterrupted run: the same, but for what these calls may have done a second
/// time, which no client can prevent. Each adds a view, a web part or rows of one list again, or sets one request back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// So many calls arrived twice.
    pub twice: usize,
    /// So many calls were on their way when their process stood still past its lease, and landed after it. Only they set
    /// a request back: a call that arrives twice has no other in between.
    pub late: usize,
}

impl Held {
    /// All of them.
    pub const fn calls(self) -> usize {
        self.twice + self.late
    }
}

/// What may have changed since the last look: a look costs more than a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// A service was called.
    pub called: bool,
    /// One of those calls may have let people in.
    pub members: bool,
    /// Our ledger was written.
    pub written: bool,
}

/// One flow in one history.
pub trait Flow {
    /// What a timer's function is called in a script; `None` for one that has nothing to do here.
    fn timer(&self, function: &str) -> Option<Invoked>;

    /// How many minutes after the last thing that went wrong it is done at the latest.
    fn healed_within(&self) -> u32;

    /// Somebody begins it, the `number`-th of them: what is rung, if anything is.
    fn press(&mut self, system: &System, number: usize) -> Option<Request<Bytes>>;

    /// What the doorbell answered the `number`-th.
    fn answered(&mut self, system: &System, number: usize, status: StatusCode) -> Result<(), Violation>;

    /// Somebody changes what it works on, the `number`-th of them.
    fn change(&mut self, system: &System, number: usize);

    /// Safety: what holds at every step, whatever goes wrong.
    fn look(&mut self, system: &System, held: Held, news: News) -> Result<(), Violation>;

    /// How far it is.
    fn settled(&self, system: &System) -> Settled;

    /// What holds of a refusal.
    fn refused(&self, system: &System, script: &Script) -> Result<(), Violation>;

    /// What holds in the end.
    fn finished(&self, system: &System, held: Held) -> Result<(), Violation>;

    /// What there is, in one line per thing, for a failed promise.
    fn story(&self, system: &System) -> String;

    /// A copy for a fork of the history.
    fn fork(&self) -> Box<dyn Flow>;
}

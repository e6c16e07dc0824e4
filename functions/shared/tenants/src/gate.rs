//! Before every call to a tenant's service: may it be sent, by all that any function knows?

use std::{
    num::NonZeroU32,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use domain::{Clock, SignedDuration, TenantId, Timestamp};
use platform::{Key, NewRow, Platform, Table, TableError};
use transport::{Answer, Back, BackError, Call};

use crate::{
    Settings,
    budget::{Budget, Heard, Portion},
    fence,
};

/// How long what was read of the row is believed. What another function hears reaches a delivery that is under way so
/// much later; one that begins reads anew.
const FRESH: SignedDuration = SignedDuration::from_secs(2);
/// What a caller waits when the ledger does not answer.
const AGAIN: SignedDuration = SignedDuration::from_secs(5);
/// How long work waits whose tenant is switched off, before it looks whether it is on again: a few requests to the ledger,
/// and no call outside.
pub const SWITCHED_OFF_FOR: SignedDuration = SignedDuration::from_mins(5);
/// How often a write is tried whose row others write too.
const MOST_WRITES: usize = 10;

/// Sends calls to one service of a tenant as far as budget, breaker and fence let them.
///
/// The row `BUDGET#<service>` is shared by all functions. It is read when a delivery begins and then at most every two
/// seconds, together with whether the tenant is still active, and written only when something changed: a call that simply
/// succeeds costs no request.
pub(crate) struct Gate {
    back: Arc<dyn Back>,
    ledger: Table,
    clock: Arc<dyn Clock>,
    key: Key,
    most: Option<NonZeroU32>,
    view: Mutex<View>,
    look_again: AtomicBool,
}

/// What this process knows of the row, and what it has taken.
struct View {
    read_at: Option<Timestamp>,
    /// 0: there is none yet.
    version: u64,
    budget: Budget,
    portion: Portion,
}

impl Gate {
    /// A gate before `back`, with `most` calls a minute.
    pub(crate) fn new(
        platform: &Platform,
        tenant: &TenantId,
        service: &str,
        most: Option<NonZeroU32>,
        back: Arc<dyn Back>,
    ) -> Self {
        let view = View { read_at: None, version: 0, budget: Budget::default(), portion: Portion::NONE };
        Self {
            back,
            ledger: platform.ledger.clone(),
            clock: Arc::clone(&platform.clock),
            key: Key::new(tenant, format!("BUDGET#{service}")),
            most,
            view: Mutex::new(view),
            look_again: AtomicBool::new(true),
        }
    }

    /// A delivery begins: what others heard meanwhile counts from its first call on.
    pub(crate) fn look_again(&self) {
        self.look_again.store(true, Ordering::Relaxed);
    }

    /// Lets a call through. If it is the probe: until when that may take.
    async fn admit(&self) -> Result<Option<Timestamp>, BackError> {
        if self.look_again.swap(false, Ordering::Relaxed) {
            // The delivery has just read the settings.
            self.read().await.map_err(|error| self.unknown(&error))?;
        } else if self.is_old() {
            self.read().await.map_err(|error| self.unknown(&error))?;
            self.check_active().await?;
        }
        for _ in 0..MOST_WRITES {
            let now = self.clock.now();
            let (version, next, portion) = {
                let mut view = self.view();
                let mut next = view.budget.clone();
                let portion = match next.ask(now, self.most, view.portion) {
                    Ok(portion) => portion,
                    Err(until) => return Err(BackError::Later { wait: whole_seconds(until.duration_since(now)) }),
                };
                if next == view.budget {
                    view.portion = portion;
                    return Ok(None);
                }
                (view.version, next, portion)
            };
            // While a probe is out, nothing else is let through: this one is ours.
            let probe = next.probe();
            match self.write(version, next).await {
                Ok(()) => {
                    self.view().portion = portion;
                    return Ok(probe);
                }
                // Another function took a portion, or the probe.
                Err(error) if error.is_conflict() => {
                    self.read().await.map_err(|error| self.unknown(&error))?;
                }
                Err(error) => return Err(self.unknown(&error)),
            }
        }
        Err(BackError::Later { wait: AGAIN })
    }

    /// A delivery that is under way stops when its tenant is switched off (P12).
    async fn check_active(&self) -> Result<(), BackError> {
        let settings = Settings::read(&self.ledger, &self.key.tenant).await.map_err(|error| self.unknown(&error))?;
        if settings.is_some_and(|settings| settings.active) {
            Ok(())
        } else {
            Err(BackError::Later { wait: SWITCHED_OFF_FOR })
        }
    }

    /// What a call taught is told to the others, if it is news. A ledger that does not take it must not cost the answer.
    async fn tell(&self, learn: impl Fn(&mut Budget, Timestamp)) {
        for _ in 0..MOST_WRITES {
            let (version, next) = {
                let view = self.view();
                let mut next = view.budget.clone();
                learn(&mut next, self.clock.now());
                if next == view.budget {
                    return;
                }
                (view.version, next)
            };
            match self.write(version, next.clone()).await {
                Ok(()) => return,
                Err(error) if error.is_conflict() && self.read().await.is_ok() => {}
                Err(error) => {
                    // This process knows it at least.
                    self.view().budget = next;
                    self.unknown(&error);
                    return;
                }
            }
        }
    }

    /// What was let through was not sent: if it was the probe, somebody else may be it.
    async fn take_back(&self, probe: Option<Timestamp>) {
        if let Some(probe) = probe {
            self.tell(|budget, now| budget.unsent(probe, now)).await;
        }
    }

    fn is_old(&self) -> bool {
        let now = self.clock.now();
        self.view().read_at.is_none_or(|at| now.duration_since(at) >= FRESH)
    }

    async fn read(&self) -> Result<(), TableError> {
        let before = self.view().version;
        let row = self.ledger.get::<Budget>(&self.key).await?;
        let (version, budget) = row.map_or((0, Budget::default()), |row| (row.version, row.value));
        let mut view = self.view();
        view.read_at = Some(self.clock.now());
        // Answers of the ledger may overtake each other. A row that somebody deleted begins again at version 1.
        if version > view.version || before == view.version {
            (view.version, view.budget) = (version, budget);
        }
        Ok(())
    }

    async fn write(&self, version: u64, next: Budget) -> Result<(), TableError> {
        let row = NewRow::new(self.key.clone(), &next);
        let version = match version {
            0 => self.ledger.insert(row).await?,
            version => self.ledger.replace(&self.key, version, row).await?,
        };
        let mut view = self.view();
        if version > view.version {
            (view.version, view.budget) = (version, next);
        }
        Ok(())
    }

    /// Never held while the ledger is asked: a delivery that stalls there must not hold up the others.
    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unknown(&self, error: &TableError) -> BackError {
        tracing::warn!(tenant = %self.key.tenant, "reading or writing a budget: {error}");
        BackError::Later { wait: AGAIN }
    }
}

#[async_trait]
impl Back for Gate {
    async fn send(&self, call: &Call) -> Result<Answer, BackError> {
        // Whose time is over takes neither a portion nor the probe; and it may be over when they are taken.
        fence::check(self.clock.now())?;
        let probe = self.admit().await?;
        let outcome = match fence::check(self.clock.now()) {
            Ok(()) => self.back.send(call).await,
            Err(late) => {
                self.take_back(probe).await;
                return Err(late);
            }
        };
        match heard(&outcome, self.clock.now()) {
            Some(heard) => self.tell(|budget, now| budget.hear(heard, now)).await,
            None => self.take_back(probe).await,
        }
        outcome
    }
}

/// What is to be learned from an outcome.
fn heard(outcome: &Result<Answer, BackError>, now: Timestamp) -> Option<Heard> {
    let (answered, wait) = match outcome {
        Ok(answer) => {
            let wait = answer.asks_to_wait(now);
            // Whoever names a time is at work.
            (wait.is_some() || !answer.is_trouble(), wait)
        }
        Err(BackError::TooLarge { .. }) => (true, None),
        Err(BackError::TimedOut { .. } | BackError::NotConnected(_) | BackError::Broken(_)) => (false, None),
        // Nothing was sent.
        Err(BackError::Refused(_) | BackError::Later { .. }) => return None,
    };
    Some(Heard { answered, wait })
}

/// Never too early: callers tell whole seconds.
fn whole_seconds(wait: SignedDuration) -> SignedDuration {
    let more = i64::from(wait.subsec_nanos() > 0);
    SignedDuration::from_secs((wait.as_secs() + more).max(1))
}

#[cfg(test)]
mod tests;

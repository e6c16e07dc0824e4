//! Everything in this process's memory, and deterministic: for tests, fault histories and the sandbox.
//!
//! The same seed and the same calls give the same answers in the same order. It gives what AWS gives and
//! nothing more: messages come in no order, pages end where DynamoDB's end, expired rows linger. Time
//! is the clock's. Every call through the platform yields once before and once after its effect, so a
//! test that drops a future at each of its polls meets "not done" as well as "done, but not answered".

mod bucket;
mod inspect;
mod queue;
mod random;
mod secrets;
mod table;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{Clock, Timestamp};

use crate::{Bucket, Platform, Queues, Secrets, Table, Vault};
pub use inspect::sqs_event;
pub use queue::QueueSettings;
pub use random::Random;

/// One world. Clones share it.
#[derive(Clone)]
pub struct Memory {
    clock: Arc<dyn Clock>,
    state: Arc<Mutex<State>>,
}

#[derive(Clone)]
struct State {
    random: Random,
    rows: table::Rows,
    queues: queue::QueueMap,
    objects: bucket::Objects,
    secrets: secrets::Values,
}

impl Memory {
    /// An empty world. `seed` decides everything that AWS leaves open.
    pub fn new(clock: Arc<dyn Clock>, seed: u64) -> Self {
        let state = State {
            random: Random::new(seed),
            rows: table::Rows::new(seed),
            queues: queue::QueueMap::default(),
            objects: bucket::Objects::default(),
            secrets: secrets::Values::default(),
        };
        Self { clock, state: Arc::new(Mutex::new(state)) }
    }

    /// A copy of all that is kept, on another clock: what happens in one world does not happen in the other.
    #[must_use]
    pub fn fork(&self, clock: Arc<dyn Clock>) -> Self {
        let state = self.state().clone();
        Self { clock, state: Arc::new(Mutex::new(state)) }
    }

    /// The platform on this world. What [`Secrets`] keeps is kept per platform.
    pub fn platform(&self) -> Platform {
        Platform {
            ledger: Table::new(Arc::new(self.clone())),
            queues: Queues::new(Arc::new(self.clone())),
            staging: Bucket::new(Arc::new(self.clone())),
            secrets: Secrets::new(Arc::new(self.clone()), Arc::clone(&self.clock)),
            vault: Vault::new(Arc::new(self.clone())),
            clock: Arc::clone(&self.clock),
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `effect` with a yield before and one after it.
    async fn answer<T>(&self, effect: impl FnOnce(&Self) -> T + Send) -> T {
        tokio::task::yield_now().await;
        let answer = effect(self);
        tokio::task::yield_now().await;
        answer
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

//! A tenant's own limit on how long a call may take.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

use crate::{Answer, Back, BackError, Call};

/// Ends calls that take longer than a tenant lets its system take (EX-34). [`Limits`](crate::Limits) of the sockets hold
/// beside it: it makes calls shorter, never longer.
pub struct Timed {
    back: Arc<dyn Back>,
    within: Duration,
}

impl Timed {
    /// Gives every call of `back` that long, its answer included.
    pub fn new(back: Arc<dyn Back>, within: Duration) -> Self {
        Self { back, within }
    }
}

#[async_trait]
impl Back for Timed {
    async fn send(&self, call: &Call) -> Result<Answer, BackError> {
        let outcome = tokio::time::timeout(self.within, self.back.send(call)).await;
        outcome.unwrap_or(Err(BackError::TimedOut { sent: true }))
    }
}

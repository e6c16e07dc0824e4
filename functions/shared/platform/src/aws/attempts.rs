//! What became of the attempts of one conditional write.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef},
    },
    error::BoxError,
};

/// Counts the attempts of one call and those that were answered.
///
/// The SDK repeats a write whose answer was lost. If the first attempt was done after all, the second one's condition
/// fails on the first one's own effect. Such a conflict says nothing about whether the write was done.
#[derive(Clone, Debug, Default)]
pub(super) struct Attempts {
    sent: Arc<AtomicU32>,
    refused: Arc<AtomicU32>,
}

impl Attempts {
    /// Whether some attempt may have been done although the call as a whole was refused.
    pub(super) fn in_doubt(&self) -> bool {
        self.sent.load(Ordering::Relaxed) > self.refused.load(Ordering::Relaxed)
    }
}

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "Attempts"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.sent.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    // Not called for an attempt that timed out.
    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // Throttling is a 400 of DynamoDB and a 503 of S3; after a 5xx nobody knows.
        if context.response().is_some_and(|answer| answer.status().as_u16() < 500) {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// What is said of a conflict that the call may have had with itself.
pub(super) const IN_DOUBT: &str = "a repeated write met a row or object that an earlier attempt may have written";

//! How the handling of a message ends when it does not succeed.

use std::fmt;

use domain::SignedDuration;

use super::story;
use crate::{BucketError, LeaseError, QueueError, SecretError, TableError};

/// Why a message was not handled, and what becomes of it. The reason is logged and shown: no secrets, no bodies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It may succeed later: deliver it again, after the delay if one is named (up to 12 hours), otherwise when its
    /// visibility runs out. Uses up one of its deliveries: long waits are rows with `due_at` instead.
    Retry(String, Option<SignedDuration>),
    /// It can never succeed: keep it with the reason for a person, and deliver it no more.
    Park(String),
}

impl Failure {
    /// Deliver it again when its visibility runs out.
    pub fn retry(reason: impl fmt::Display) -> Self {
        Self::Retry(reason.to_string(), None)
    }

    /// Deliver it again, but not before `delay` is over.
    pub fn retry_after(reason: impl fmt::Display, delay: SignedDuration) -> Self {
        Self::Retry(reason.to_string(), Some(delay))
    }

    /// Keep it for a person.
    pub fn park(reason: impl fmt::Display) -> Self {
        Self::Park(reason.to_string())
    }

    fn of(error: &(impl std::error::Error + 'static), is_transient: bool) -> Self {
        if is_transient { Self::retry(story(error)) } else { Self::park(story(error)) }
    }
}

impl From<TableError> for Failure {
    /// A conflict is retried: the next delivery reads anew.
    fn from(error: TableError) -> Self {
        Self::of(&error, error.is_transient())
    }
}

impl From<LeaseError> for Failure {
    fn from(error: LeaseError) -> Self {
        let is_transient = match &error {
            LeaseError::Held { .. } | LeaseError::Lost(_) => true,
            LeaseError::Table(error) => error.is_transient(),
        };
        Self::of(&error, is_transient)
    }
}

impl From<QueueError> for Failure {
    fn from(error: QueueError) -> Self {
        Self::of(&error, error.is_transient())
    }
}

impl From<BucketError> for Failure {
    fn from(error: BucketError) -> Self {
        Self::of(&error, error.is_transient())
    }
}

impl From<SecretError> for Failure {
    /// A missing secret is retried: somebody may be about to store it, and the work is still wanted then.
    fn from(error: SecretError) -> Self {
        let is_transient = error.is_transient() || matches!(error, SecretError::Missing { .. });
        Self::of(&error, is_transient)
    }
}

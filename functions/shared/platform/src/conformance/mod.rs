//! What every back promises, as checks: for tests of backs, memory's here and AWS's against an emulator.
//!
//! One function per promise, named as it; a broken promise is a panic. Nothing is checked that AWS does not
//! promise: no order of messages, no exact depth, no fate of an old receipt.

// A check panics by design, and its name says what was promised.
#![allow(clippy::missing_panics_doc)]

pub mod bucket;
pub mod issues;
pub mod lease;
pub mod queue;
pub mod secrets;
pub mod table;

use async_trait::async_trait;
use domain::{SignedDuration, TenantId};
use serde::{Deserialize, Serialize};

use crate::{Platform, memory::QueueSettings};

/// The queue that the checks use: [`queue_settings`], with [`DEAD_LETTERS`].
pub const QUEUE: &str = "conformance";

/// The queue of dead letters that the checks use. It has no dead letters of its own.
pub const DEAD_LETTERS: &str = "conformance-dead";

/// How long [`QUEUE`] hides what was received, unless the subject says otherwise.
pub const VISIBILITY: SignedDuration = SignedDuration::from_secs(4);

/// A back under test.
#[async_trait]
pub trait Subject: Sync {
    /// The fronts on the back.
    fn platform(&self) -> &Platform;

    /// A tenant that nothing was stored for yet.
    fn tenant(&self) -> TenantId;

    /// Lets time pass: a virtual clock jumps, a real one is waited for.
    async fn wait(&self, time: SignedDuration);

    /// Stores a secret, as an operator would.
    async fn put_secret(&self, tenant: &TenantId, service: &str, json: &serde_json::Value);

    /// Marks a secret for deletion, as an operator would; with `restore`, takes the mark off.
    async fn delete_secret(&self, tenant: &TenantId, service: &str, restore: bool);

    /// How long [`QUEUE`] hides what was received, at least 2 s. A real queue is really waited for.
    fn visibility(&self) -> SignedDuration {
        VISIBILITY
    }
}

/// The settings that [`QUEUE`] has to have, but for the subject's own [`visibility`](Subject::visibility).
pub fn queue_settings() -> QueueSettings {
    QueueSettings {
        visibility: VISIBILITY,
        max_receive: 3,
        dead_letter: Some(DEAD_LETTERS.to_owned()),
        delay: SignedDuration::ZERO,
    }
}

/// Checks every promise.
pub async fn check(subject: &dyn Subject) {
    table::check(subject).await;
    lease::check(subject).await;
    queue::check(subject).await;
    bucket::check(subject).await;
    secrets::check(subject).await;
    issues::check(subject).await;
}

/// What the checks store and send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    text: String,
}

impl Note {
    fn of(text: &str) -> Self {
        Self { text: text.to_owned() }
    }
}

//! What the functions know of one send: the row `SEND#<id>`.
//!
//! The row is the claim (one per send record, whoever finds it), the checkpoint of the staging, the journal of the dispatch
//! and the status that people see. Start at [`Send`]; its life is [`SendState`].

mod key;
mod reason;
mod staging;
mod state;

use crm::Target;
use domain::{CrmId, TenantId, Timestamp};
use platform::Key;
use serde::{Deserialize, Serialize};

pub use key::SendKey;
pub use reason::{Exclusions, WhyNot};
pub use staging::{Part, Piece, Round, Sorting, Source, Staging};
pub use state::{Event, IllegalMove, SendState};

/// One send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Send {
    /// The send record.
    pub id: CrmId,
    /// What it is called at the platform, and which attempt at preparing it this is: from 1.
    pub revision: u32,
    /// What the record asked for when it was taken.
    pub order: Order,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// How far it is.
    pub state: SendState,
    /// What its record was last told of it.
    #[serde(default)]
    pub told: Option<crm::SendStatus>,
    /// The people: read, sifted, written down.
    pub staging: Staging,
    /// What is done at the platform.
    pub journal: Journal,
    /// What the platform counted, once all mails left.
    #[serde(default)]
    pub counted: Option<Counted>,
    /// Tries that failed, since something was done.
    #[serde(default)]
    pub attempts: u32,
    /// Since when tries fail; `None` if none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// Why it waits, for people; `None` while it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
    /// Not to be gone on with before this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// What to queue when the row is due; the `wake` function reads only this.
    pub wake: Wake,
}

/// What a send record asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// What people call it.
    pub name: String,
    /// Whom it goes to.
    pub target: Target,
    /// The campaign that it counts for (EX-12).
    pub campaign: Option<CrmId>,
    /// The number of the mail.
    pub email: u64,
    /// Its subject, where it is not the mail's own.
    pub subject: Option<String>,
}

/// What was done at the platform. Each is recorded after it was done, but for the attempt, which is recorded before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// The table of the people, by the platform's id.
    pub table: Option<String>,
    /// The table of those who get nothing after all.
    pub exclusions: Option<String>,
    /// How many parts are in the table.
    pub parts: usize,
    /// The import of the next part, once it was started.
    pub import: Option<Import>,
    /// How many imports of the next part failed.
    #[serde(default)]
    pub failed_imports: u32,
    /// When the last answer came of who opted out since the people were read, and how many they are.
    pub opted_out: Option<(Timestamp, u64)>,
    /// Whether the definition is there.
    pub is_defined: bool,
    /// The platform may have been told to mail: since when, and how often before this was found not to be so.
    pub attempt: Option<Attempt>,
    /// The platform's number of the release.
    pub job: Option<u64>,
    /// When it was released.
    pub released_at: Option<Timestamp>,
}

/// What became of everybody who was listed: `listed = excluded + accepted + failed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Left out, by us or by the platform.
    pub excluded: u64,
    /// Mailed.
    pub accepted: u64,
    /// Could not be mailed.
    pub failed: u64,
    /// Whether it adds up.
    pub adds_up: bool,
}

/// An import that was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// What its result is found by; `None`: its answer was lost, and it may not have been started.
    pub task: Option<u64>,
    /// When it was started.
    pub at: Timestamp,
}

/// An attempt to release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// Which one, from 1.
    pub number: u32,
}

/// What wakes a row: a message for a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wake {
    /// The queue's name.
    pub queue: String,
    /// The message, as the queue's function reads it.
    pub message: serde_json::Value,
}

/// The message of the queues `send-stage` and `send-dispatch`: which send. The row says the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Its id.
    pub send: CrmId,
}

impl Work {
    /// The queue of [`stage::deliver`](crate::stage::deliver).
    pub const STAGE: &'static str = "send-stage";
    /// The queue of [`dispatch::deliver`](crate::dispatch::deliver).
    pub const DISPATCH: &'static str = "send-dispatch";

    pub(crate) fn wake(self, queue: &str) -> Wake {
        Wake { queue: queue.to_owned(), message: serde_json::json!({ "send": self.send }) }
    }
}

impl Send {
    /// A send that is taken and not begun.
    pub fn taken(id: CrmId, order: Order, now: Timestamp) -> Self {
        Self {
            id,
            revision: 1,
            order,
            taken_at: now,
            state: SendState::Collecting,
            told: None,
            staging: Staging::default(),
            journal: Journal::default(),
            counted: None,
            attempts: 0,
            failing_since: None,
            waits_for: None,
            not_before: None,
            wake: Work { send: id }.wake(Work::STAGE),
        }
    }

    /// The row's key.
    pub fn key(tenant: &TenantId, id: CrmId) -> Key {
        Key::new(tenant, format!("SEND#{id}"))
    }

    /// What it is called at the platform.
    pub fn release_key(&self, tenant: &TenantId) -> SendKey {
        SendKey::of(tenant, self.id, self.revision)
    }

    /// The folder of its objects in the bucket.
    pub fn folder(&self) -> String {
        format!("sends/{}/{}", self.id, self.revision)
    }

    /// Moves the state on; nothing else changes.
    pub fn on(&mut self, event: Event) -> Result<(), IllegalMove> {
        self.state = self.state.clone().on(event)?;
        Ok(())
    }

    /// Something was done: what failed before counts no more.
    pub(crate) fn forget_failures(&mut self) {
        (self.attempts, self.failing_since, self.waits_for, self.not_before) = (0, None, None, None);
    }
}

//! Why deliveries of a message failed, noted while it is still in its queue.
//!
//! Written only when a delivery fails, so the good case costs nothing. If the queue gives up on the message, its issue
//! has a cause.

use domain::{SignedDuration, TenantId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{IssueId, Issues, done_or_there};
use crate::{Key, NewRow, TableError};

/// Longer than a dead-letter queue keeps a message (14 days).
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(15 * 24);

/// One failed delivery: the ledger's row `FAILURE#<message id>#<receive count>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotedFailure {
    /// Why it failed.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// Which delivery it was.
    pub receive_count: u32,
    /// What the message is about, if the delivery said so.
    pub about: Option<String>,
}

impl Issues {
    /// Notes why a delivery failed. A row per delivery: one write, and nothing has to be read before.
    pub(crate) async fn note_failure(
        &self,
        tenant: &TenantId,
        id: &IssueId,
        failure: &NotedFailure,
    ) -> Result<(), TableError> {
        let key = Key::new(tenant, format!("{}{:05}", prefix(id), failure.receive_count));
        let gone = failure.at.saturating_add(KEPT_FOR).unwrap_or(Timestamp::MAX);
        done_or_there(self.ledger.insert(NewRow::new(key, failure).expires_at(gone)).await)
    }

    /// The last failure that was noted of a message.
    pub(crate) async fn last_failure(
        &self,
        tenant: &TenantId,
        id: &IssueId,
    ) -> Result<Option<NotedFailure>, TableError> {
        let (prefix, mut after, mut last) = (prefix(id), None, None);
        loop {
            let page = self.ledger.list::<NotedFailure>(tenant, &prefix, after.as_deref(), 100).await?;
            last = page.items.into_iter().last().map(|row| row.value).or(last);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(last),
            }
        }
    }
}

fn prefix(id: &IssueId) -> String {
    format!("FAILURE#{id}#")
}

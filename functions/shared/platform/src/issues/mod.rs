//! Messages that need a person: parked because they can never succeed, or dead after too many deliveries.
//!
//! One row per message, `ISSUE#<message id>`, under the tenant that the message names. A person gives it back to its
//! queue as it was, so that it keeps its idempotency key, or dismisses it. Start at [`Issues`].

mod failures;
mod state;

use std::{fmt, str::FromStr, sync::Arc};

use bytes::Bytes;
use domain::{Clock, SignedDuration, TenantId, Timestamp};
use serde::{Deserialize, Serialize};

pub use failures::NotedFailure;
pub use state::{IllegalMove, IssueState, Move, Settled};

use crate::{Bucket, BucketError, Key, NewRow, Page, Platform, QueueError, Queues, Row, Table, TableError};

/// The reserved tenant of messages that do not say whose they are.
pub const UNATTRIBUTED: &str = "unattributed";

/// How long a settled issue is still shown.
const SHOWN_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A message that needs a person: the ledger's row `ISSUE#<message id>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// Where it came from, and where it goes back to.
    pub queue: String,
    /// How it got here.
    pub kind: IssueKind,
    /// Why. Without bodies or secrets: it is shown.
    pub cause: String,
    /// What it is about, if a delivery said so: an id, as in [`telemetry::identify`](crate::telemetry::identify).
    #[serde(default)]
    pub about: Option<String>,
    /// Since when it is here.
    pub at: Timestamp,
    /// How often it had been received, as far as is known: a delivery that was stopped leaves no trace.
    pub receive_count: Option<u32>,
    /// What it said.
    pub body: IssueBody,
    /// What a person did with it.
    pub state: IssueState,
}

/// How a message became an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IssueKind {
    /// It can never succeed, said the function.
    Parked,
    /// It was delivered too often; its queue gave up.
    Dead,
}

/// The body of a message, unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueBody {
    /// Here.
    Text(String),
    /// Too long for a row: in the staging bucket, under this name.
    Object(String),
}

/// The id of an issue: its message's, 1 to 100 of `A-Z`, `a-z`, `0-9`, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct IssueId(String);

/// Text that is not an issue's id. Not repeated: it may come from anyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an issue's id has 1 to 100 of A-Z, a-z, 0-9, - and _")]
pub struct NotAnIssueId;

impl FromStr for IssueId {
    type Err = NotAnIssueId;

    fn from_str(text: &str) -> Result<Self, NotAnIssueId> {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let is_id = (1..=100).contains(&text.len()) && text.bytes().all(legal);
        if is_id { Ok(Self(text.to_owned())) } else { Err(NotAnIssueId) }
    }
}

impl fmt::Display for IssueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why nothing was done with an issue.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// There is none of that id.
    #[error("there is no such issue")]
    Unknown,
    /// Somebody did something else with it.
    #[error(transparent)]
    Illegal(#[from] IllegalMove),
    /// The body is no longer kept.
    #[error("the message's body is no longer kept")]
    BodyGone,
    /// The message's id is not one.
    #[error(transparent)]
    Id(#[from] NotAnIssueId),
    /// The ledger failed.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The bucket failed.
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// The queue failed.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// The issues of all tenants.
#[derive(Clone)]
pub struct Issues {
    ledger: Table,
    staging: Bucket,
    queues: Queues,
    clock: Arc<dyn Clock>,
}

impl Issues {
    /// The issues of a platform.
    pub fn of(platform: &Platform) -> Self {
        let Platform { ledger, queues, staging, clock, .. } = platform.clone();
        Self { ledger, staging, queues, clock }
    }

    /// A page of a tenant's issues, in the order of their ids; see [`Table::list`].
    pub async fn list(
        &self,
        tenant: &TenantId,
        after: Option<&IssueId>,
        limit: usize,
    ) -> Result<Page<(IssueId, Issue)>, TableError> {
        let after = after.map(|id| key(tenant, id).sort);
        let page = self.ledger.list::<Issue>(tenant, PREFIX, after.as_deref(), limit).await?;
        let items = page.items.into_iter().filter_map(|row| Some((id_of(&row.key.sort)?, row.value))).collect();
        Ok(Page { items, next: page.next.as_deref().and_then(id_of).map(|id| id.to_string()) })
    }

    /// A page of the tenants that ever had an issue, [`UNATTRIBUTED`] among them, in order.
    ///
    /// Not those of a directory: a message may name a tenant that is there no longer, or never was.
    pub async fn tenants(&self, after: Option<&TenantId>, limit: usize) -> Result<Page<TenantId>, TableError> {
        let after = after.map(|tenant| noted(tenant).sort);
        let page = self.ledger.list::<Noted>(&unattributed(), NOTED, after.as_deref(), limit).await?;
        let tenant = |sort: &str| sort.strip_prefix(NOTED)?.parse().ok();
        Ok(Page { items: page.items.iter().filter_map(|row| tenant(&row.key.sort)).collect(), next: page.next })
    }

    /// One issue.
    pub async fn find(&self, tenant: &TenantId, id: &IssueId) -> Result<Option<Issue>, TableError> {
        Ok(self.ledger.get(&key(tenant, id)).await?.map(|row| row.value))
    }

    /// Puts a message back into its queue, unchanged, and says so in its row. The issue as it is afterwards.
    ///
    /// What was given back already is not pushed again. Pushed before it is recorded: a crash in between, or two people
    /// at once, push twice, never not at all; a message keeps its idempotency key, so twice is as good as once. Who
    /// dismisses it in between comes too late: it is at work.
    pub async fn give_back(&self, tenant: &TenantId, id: &IssueId, by: &str) -> Result<Issue, IssueError> {
        let row = self.row(tenant, id).await?;
        if let Settled::Already = row.value.state.clone().on(Move::GiveBack, self.clock.now(), by)?.1 {
            return Ok(row.value);
        }
        let body = match &row.value.body {
            IssueBody::Text(body) => body.clone(),
            IssueBody::Object(name) => {
                let object = self.staging.get(tenant, name).await?.ok_or(IssueError::BodyGone)?;
                String::from_utf8(object.into()).map_err(|_| IssueError::BodyGone)?
            }
        };
        self.queues.back.send(&row.value.queue, body, tenant, None).await?;
        self.settle(tenant, id, row, Move::Pushed, by).await
    }

    /// Says that nothing is to be done with a message. The issue as it is afterwards.
    pub async fn dismiss(&self, tenant: &TenantId, id: &IssueId, by: &str) -> Result<Issue, IssueError> {
        let row = self.row(tenant, id).await?;
        self.settle(tenant, id, row, Move::Dismiss, by).await
    }

    /// Keeps a message for a person. Doing it again changes nothing: the first cause stays.
    pub(crate) async fn open(&self, tenant: &TenantId, message_id: &str, issue: Issue) -> Result<(), IssueError> {
        let id: IssueId = message_id.parse()?;
        // First, so that no issue is in a place where nobody looks.
        done_or_there(self.ledger.insert(NewRow::new(noted(tenant), &Noted {})).await)?;
        match self.ledger.insert(NewRow::new(key(tenant, &id), &issue)).await {
            Err(TableError::TooLarge { .. }) => {}
            outcome => return Ok(done_or_there(outcome)?),
        }
        // A message may have 1 MiB, a row 400 KB.
        let IssueBody::Text(body) = issue.body else { return Ok(()) };
        let name = format!("issues/{id}");
        self.staging.put_if_absent(tenant, &name, Bytes::from(body)).await?;
        let issue = Issue { body: IssueBody::Object(name), ..issue };
        Ok(done_or_there(self.ledger.insert(NewRow::new(key(tenant, &id), &issue)).await)?)
    }

    async fn row(&self, tenant: &TenantId, id: &IssueId) -> Result<Row<Issue>, IssueError> {
        self.ledger.get(&key(tenant, id)).await?.ok_or(IssueError::Unknown)
    }

    async fn settle(
        &self,
        tenant: &TenantId,
        id: &IssueId,
        mut row: Row<Issue>,
        wanted: Move,
        by: &str,
    ) -> Result<Issue, IssueError> {
        loop {
            let now = self.clock.now();
            let (state, settled) = row.value.state.clone().on(wanted, now, by)?;
            if let Settled::Already = settled {
                return Ok(row.value);
            }
            let issue = Issue { state, ..row.value };
            let gone = now.saturating_add(SHOWN_FOR).unwrap_or(Timestamp::MAX);
            let new = NewRow::new(row.key.clone(), &issue).expires_at(gone);
            match self.ledger.replace(&row.key, row.version, new).await {
                Ok(_) => return Ok(issue),
                // Somebody else did something with it: what, decides what becomes of this.
                Err(error) if error.is_conflict() => row = self.row(tenant, id).await?,
                Err(error) => return Err(error.into()),
            }
        }
    }
}

const PREFIX: &str = "ISSUE#";
const NOTED: &str = "HAS-ISSUES#";

/// A tenant is noted, and nothing else about it.
#[derive(Serialize, Deserialize)]
struct Noted {}

/// The reserved tenant [`UNATTRIBUTED`].
pub(crate) fn unattributed() -> TenantId {
    UNATTRIBUTED.parse().expect("the reserved tenant is a tenant id")
}

fn key(tenant: &TenantId, id: &IssueId) -> Key {
    Key::new(tenant, format!("{PREFIX}{id}"))
}

fn id_of(sort: &str) -> Option<IssueId> {
    sort.strip_prefix(PREFIX)?.parse().ok()
}

fn noted(tenant: &TenantId) -> Key {
    Key::new(&unattributed(), format!("{NOTED}{tenant}"))
}

fn done_or_there(outcome: Result<u64, TableError>) -> Result<(), TableError> {
    match outcome {
        Err(error) if !error.is_conflict() => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

impl fmt::Debug for Issues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Issues")
    }
}

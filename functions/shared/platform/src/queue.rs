//! Messages from one function to another: at least once, in no order.

use std::{fmt, marker::PhantomData, sync::Arc};

use async_trait::async_trait;
use domain::{SignedDuration, TenantId, Timestamp};
use serde::{Deserialize, Serialize};

/// The most bytes in one message's body, as SQS has it: 1 MiB.
pub const MAX_MESSAGE: usize = 1024 * 1024;

/// The longest delay of a message, as SQS has it: 15 minutes. What waits longer is a row with `due_at`.
pub const MAX_DELAY: SignedDuration = SignedDuration::from_secs(900);

/// All queues, by name. Clones share them.
#[derive(Clone)]
pub struct Queues {
    pub(crate) back: Arc<dyn RawQueues>,
}

/// The sending end of one queue of `M`s. The receiving end is [`queue_function`](crate::queue_function).
pub struct Queue<M> {
    name: Arc<str>,
    back: Arc<dyn RawQueues>,
    _message: PhantomData<fn(M)>,
}

/// Why a queue did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// There is no such queue.
    #[error("there is no queue {0}")]
    NoQueue(String),
    /// A message larger than [`MAX_MESSAGE`].
    #[error("a message of {bytes} bytes is too large for queue {queue}")]
    TooLarge {
        /// The queue.
        queue: String,
        /// The size of the message's body in bytes.
        bytes: usize,
    },
    /// A delay that is negative or longer than [`MAX_DELAY`].
    #[error("queue {queue} delays a message by 0 to 900 s, not by {delay:#}")]
    BadDelay {
        /// The queue.
        queue: String,
        /// What was asked for.
        delay: SignedDuration,
    },
    /// A message with a character that SQS refuses. The typed front writes these as JSON escapes.
    #[error("queue {0} does not carry every character of the message")]
    BadText(String),
    /// A message that does not become JSON.
    #[error("encoding a message for queue {queue}")]
    Encode {
        /// The queue.
        queue: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// The queue did not answer. The message may or may not be in it.
    #[error("queue {queue} is not available: {reason}")]
    Unavailable {
        /// The queue.
        queue: String,
        /// What happened.
        reason: String,
    },
}

impl QueueError {
    /// Whether the same call may succeed later.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}

/// A message on the wire: `{"tenant": "…", "message": {…}}`.
///
/// What is not known is ignored: during a deployment the version before it meets messages of the version after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope<M> {
    /// On whose behalf.
    pub tenant: TenantId,
    /// What to do.
    pub message: M,
}

impl Queues {
    /// The queues of a back.
    pub fn new(back: Arc<dyn RawQueues>) -> Self {
        Self { back }
    }

    /// The queue `name`, which takes `M`s. Whether it exists shows when something is pushed.
    pub fn queue<M>(&self, name: &str) -> Queue<M> {
        Queue { name: name.into(), back: Arc::clone(&self.back), _message: PhantomData }
    }

    /// Our name of a queue that AWS knows as `deployed`.
    pub(crate) fn known_as(&self, deployed: &str) -> String {
        self.back.known_as(deployed).unwrap_or_else(|| deployed.to_owned())
    }
}

impl<M: Serialize> Queue<M> {
    /// Sends a message. It arrives at least once, after the queue's own delay, before or after others.
    pub async fn push(&self, tenant: &TenantId, message: &M) -> Result<(), QueueError> {
        self.send(tenant, message, None).await
    }

    /// Sends a message that does not arrive before `delay` is over: 0 to [`MAX_DELAY`], whole seconds (rounded up).
    pub async fn push_after(&self, tenant: &TenantId, message: &M, delay: SignedDuration) -> Result<(), QueueError> {
        if delay.is_negative() || delay > MAX_DELAY {
            return Err(QueueError::BadDelay { queue: self.name.as_ref().to_owned(), delay });
        }
        let whole = SignedDuration::from_secs(delay.as_secs() + i64::from(delay.subsec_nanos() > 0));
        self.send(tenant, message, Some(whole)).await
    }

    async fn send(&self, tenant: &TenantId, message: &M, delay: Option<SignedDuration>) -> Result<(), QueueError> {
        let queue = || self.name.as_ref().to_owned();
        let body = serde_json::to_string(&Envelope { tenant: tenant.clone(), message })
            .map_err(|source| QueueError::Encode { queue: queue(), source })?;
        // SQS refuses these two; in JSON they only ever stand inside a string.
        let body = body.replace('\u{FFFE}', "\\ufffe").replace('\u{FFFF}', "\\uffff");
        if body.len() > MAX_MESSAGE {
            return Err(QueueError::TooLarge { queue: queue(), bytes: body.len() });
        }
        self.back.send(&self.name, body, tenant, delay).await
    }
}

impl<M> Queue<M> {
    /// The queue's name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl<M> Clone for Queue<M> {
    fn clone(&self) -> Self {
        Self { name: Arc::clone(&self.name), back: Arc::clone(&self.back), _message: PhantomData }
    }
}

impl<M> fmt::Debug for Queue<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Queue({})", self.name)
    }
}

impl fmt::Debug for Queues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Queues")
    }
}

/// A back of the queues: SQS standard queues with a redrive policy.
#[async_trait]
pub trait RawQueues: Send + Sync {
    /// SendMessage, with the tenant as message group (fair queues) and a delay of whole seconds; None: the queue's own.
    async fn send(
        &self,
        queue: &str,
        body: String,
        group: &TenantId,
        delay: Option<SignedDuration>,
    ) -> Result<(), QueueError>;

    /// ReceiveMessage of at most `max` (1 to 10) messages, without waiting. In production Lambda does this.
    async fn receive(&self, queue: &str, max: usize) -> Result<Vec<Received>, QueueError>;

    /// DeleteMessage. With the receipt of an earlier delivery it may do nothing, and says so to nobody.
    async fn delete(&self, queue: &str, receipt: &str) -> Result<(), QueueError>;

    /// Our name of the queue that was deployed under this one, if that is another.
    fn known_as(&self, deployed: &str) -> Option<String> {
        let _ = deployed;
        None
    }

    /// ChangeMessageVisibility: hidden for `timeout` from now, 0 to 12 h. Of no use on an old receipt.
    async fn hide(&self, queue: &str, receipt: &str, timeout: SignedDuration) -> Result<(), QueueError>;
}

/// One delivery of a message.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    /// Stays the same over all deliveries, and in the dead-letter queue.
    pub id: String,
    /// Of this delivery: what it is deleted or hidden by.
    pub receipt: String,
    /// The text that was sent.
    pub body: String,
    /// How often it was received, this time included.
    pub receive_count: u32,
    /// When it was sent.
    pub sent_at: Timestamp,
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the body: it may hold what no log may.
        write!(f, "Received({}, {} times)", self.id, self.receive_count)
    }
}

//! Queue, table, bucket, secrets, clock, and how a function is served.
//!
//! The only crate that knows AWS: nothing of the Lambda runtime, its events or the AWS clients shows in
//! its interface. It never knows what a message or a row means. Start at [`Platform`] and [`serve_queue`].

pub mod aws;
pub mod bucket;
pub mod conformance;
mod from_env;
pub mod issues;
pub mod memory;
pub mod queue;
pub mod secrets;
mod serve;
pub mod table;
pub mod telemetry;

use std::sync::Arc;

pub use bucket::{Bucket, BucketError};
pub use domain::{Clock, SignedDuration, SystemClock, TenantId, Timestamp, VirtualClock};
pub use issues::{Issue, Issues, UNATTRIBUTED};
pub use queue::{Envelope, Queue, QueueError, Queues, Received};
pub use secrets::{SecretError, Secrets, Vault};
pub use serve::{
    Delivery, Failure, Function, FunctionError, Invocation, Reply, dead_letter_function, direct_function,
    http_function, invoke, queue_function, serve, serve_direct, serve_http, serve_queue, serve_timer, timer_function,
};
pub use table::{Due, Key, Lease, LeaseError, NewRow, Page, Row, Table, TableError, Write};

/// Everything a function is given to work with. Clones share it.
#[derive(Clone)]
pub struct Platform {
    /// What the engine knows: sites, cursors, leases, settings, issues.
    pub ledger: Table,
    /// Work for other functions.
    pub queues: Queues,
    /// Files in flight.
    pub staging: Bucket,
    /// What connections sign in with.
    pub secrets: Secrets,
    /// Where those are written. Its role lets one function do that.
    pub vault: Vault,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// Why a function does not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `TIELINE_BACK` is absent or names a back that this build does not have.
    #[error("TIELINE_BACK {found}; this build has: aws, memory")]
    Back {
        /// What was found instead.
        found: String,
    },
    /// What the back needs to know is not in the environment.
    #[error("the environment lacks {}", .0.join(", "))]
    Unset(Vec<&'static str>),
    /// The process was not started by Lambda.
    #[error("not started by Lambda: {0} is not set")]
    NotOnLambda(&'static str),
    /// Lambda's runtime interface failed.
    #[error("serving the function")]
    Runtime(#[source] lambda_runtime::Error),
}

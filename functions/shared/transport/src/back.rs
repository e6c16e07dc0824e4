//! What carries a call: sockets, or a function in this process.

use async_trait::async_trait;
use jiff::SignedDuration;

use crate::{Answer, Call, GuardError};

/// Carries one call to the other side, once: no repeats, no redirects, no judgement of the status.
///
/// Implemented by [`Sockets`](crate::Sockets) and [`InProcess`](crate::InProcess), and by what stands before them and may
/// keep a call back. Callers use a [`Client`](crate::Client), which adds the guard, the judgement and the repeats.
#[async_trait]
pub trait Back: Send + Sync {
    /// Sends the call and reads the whole answer.
    async fn send(&self, call: &Call) -> Result<Answer, BackError>;
}

/// Why a back has no answer. Carries nothing of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackError {
    /// The address was refused when its name was looked up; nothing was sent.
    #[error("endpoint refused: {0}")]
    Refused(#[from] GuardError),
    /// Not the time to call; nothing was sent.
    #[error("to be called later")]
    Later {
        /// How long to wait.
        wait: SignedDuration,
    },
    /// No answer in time.
    #[error("timed out")]
    TimedOut {
        /// Whether the call may have reached the other side.
        sent: bool,
    },
    /// No connection; nothing was sent.
    #[error("{0}")]
    NotConnected(Cause),
    /// The connection ended before the whole answer was here; the call may have had its effect.
    #[error("{0}")]
    Broken(Cause),
    /// The answer is larger than the limit; the call may have had its effect.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
}

impl BackError {
    /// Nobody there: nothing was sent.
    pub const fn refused_connection() -> Self {
        Self::NotConnected(Cause::Connect)
    }

    /// The call may have had its effect, but no answer came.
    pub const fn lost() -> Self {
        Self::Broken(Cause::Lost)
    }

    /// The call may have had its effect, and its answer was cut.
    pub const fn cut() -> Self {
        Self::Broken(Cause::Cut)
    }
}

/// What went wrong with a connection, in words that may be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// The host name has no address.
    #[error("host name not found")]
    Name,
    /// No connection could be made.
    #[error("no connection")]
    Connect,
    /// The other side's certificate or TLS was refused.
    #[error("tls refused")]
    Tls,
    /// The connection ended before an answer, or what came was not HTTP.
    #[error("connection lost before the answer")]
    Lost,
    /// The connection ended inside the answer.
    #[error("answer cut short")]
    Cut,
}

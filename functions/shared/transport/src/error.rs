//! What a call can fail with, and whether it may succeed later.

use jiff::SignedDuration;

use crate::{Cause, GuardError};

/// Why a call has no answer. A SOAP fault, a redirect and most 4xx statuses are answers, not errors.
///
/// Carries only names, statuses and counts: never an address, a header or a body. `sent` everywhere means that this
/// call, or an earlier try of it, may have reached the other side and had its effect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The guard does not allow the endpoint; nothing was sent.
    #[error("endpoint refused: {0}")]
    Refused(#[from] GuardError),
    /// 429: too many calls.
    #[error("calling {service} {operation}: throttled")]
    Throttled {
        /// The service called.
        service: &'static str,
        /// The operation called.
        operation: &'static str,
        /// How long the service asks us to wait, at most an hour.
        retry_after: Option<SignedDuration>,
        /// Whether an earlier try may have had its effect. The throttled one had none.
        sent: bool,
    },
    /// Not called: it asked to be left alone until later, is down, or has had its share of calls.
    #[error("calling {service} {operation}: not before {} s from now", wait.as_secs())]
    Later {
        /// The service that was not called.
        service: &'static str,
        /// The operation that was wanted.
        operation: &'static str,
        /// How long to wait, at most an hour.
        wait: SignedDuration,
        /// Whether an earlier try may have had its effect. This one was not sent.
        sent: bool,
    },
    /// The service could not be reached, or answered 502, 503, 504, 509, or 500 without XML.
    #[error("calling {service} {operation}: unavailable{}", why(*status, *cause, *tries))]
    Unavailable {
        /// The service called.
        service: &'static str,
        /// The operation called.
        operation: &'static str,
        /// The status it answered, or nothing where no connection was made.
        status: Option<u16>,
        /// Why no connection was made.
        cause: Option<Cause>,
        /// How long the service asks us to wait, at most an hour.
        retry_after: Option<SignedDuration>,
        /// Whether the call may have had its effect. A gateway's 502 or 504 says nothing about it.
        sent: bool,
        /// How often it was sent.
        tries: u32,
    },
    /// No whole answer in time, or the service answered 408.
    #[error("calling {service} {operation}: timed out{}", why(None, None, *tries))]
    TimedOut {
        /// The service called.
        service: &'static str,
        /// The operation called.
        operation: &'static str,
        /// How long the service asks us to wait, at most an hour (only with 408).
        retry_after: Option<SignedDuration>,
        /// Whether the call may have had its effect.
        sent: bool,
        /// How often it was sent.
        tries: u32,
    },
    /// The connection ended before the whole answer was here; the call may have had its effect.
    #[error("calling {service} {operation}: {cause}{}", why(None, None, *tries))]
    Broken {
        /// The service called.
        service: &'static str,
        /// The operation called.
        operation: &'static str,
        /// Lost before the answer, or cut inside it.
        cause: Cause,
        /// How often it was sent.
        tries: u32,
    },
    /// The answer is larger than the limit; the call may have had its effect.
    #[error("calling {service} {operation}: the answer is larger than {limit} bytes")]
    TooLarge {
        /// The service called.
        service: &'static str,
        /// The operation called.
        operation: &'static str,
        /// The limit, in bytes.
        limit: usize,
    },
    /// A sign-in page came in answer to a SOAP call: the session is not valid (see [`soap_answer`](crate::soap_answer)).
    #[error("calling {service} {operation}: answered with a sign-in page")]
    SignInPage {
        /// The service called.
        service: &'static str,
        /// The operation called.
        operation: &'static str,
    },
}

impl CallError {
    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Throttled { .. }
            | Self::Later { .. }
            | Self::Unavailable { .. }
            | Self::TimedOut { .. }
            | Self::Broken { .. } => true,
            Self::Refused(_) | Self::TooLarge { .. } | Self::SignInPage { .. } => false,
        }
    }

    /// How long the service asks us to wait: never negative, at most an hour. No call may be sent before.
    pub fn retry_after(&self) -> Option<SignedDuration> {
        match self {
            Self::Later { wait, .. } => Some(*wait),
            Self::Throttled { retry_after, .. }
            | Self::Unavailable { retry_after, .. }
            | Self::TimedOut { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether the effect may exist although the answer is lost. Ask before acting again.
    pub fn may_have_landed(&self) -> bool {
        match self {
            Self::Throttled { sent, .. }
            | Self::Later { sent, .. }
            | Self::Unavailable { sent, .. }
            | Self::TimedOut { sent, .. } => *sent,
            Self::Broken { .. } | Self::TooLarge { .. } => true,
            Self::Refused(_) | Self::SignInPage { .. } => false,
        }
    }

    /// Whether a repeatable call is worth another try within a second: a connection that failed, a gateway's
    /// 502, 503 or 504, a timeout, and nobody asked us to wait. A certificate does not get better in a second.
    pub(crate) fn is_worth_repeating(&self) -> bool {
        match self {
            Self::Unavailable { status, cause, retry_after: None, .. } => match status {
                Some(status) => matches!(status, 502..=504),
                None => *cause != Some(Cause::Tls),
            },
            Self::TimedOut { retry_after, .. } => retry_after.is_none(),
            Self::Broken { .. } => true,
            _ => false,
        }
    }

    /// The error of a repeat, with what an earlier try may have done.
    pub(crate) fn after(mut self, before: Self) -> Self {
        if !before.may_have_landed() {
            return self;
        }
        match &mut self {
            Self::Throttled { sent, .. }
            | Self::Later { sent, .. }
            | Self::Unavailable { sent, .. }
            | Self::TimedOut { sent, .. } => *sent = true,
            // "Nothing was sent" is true of the repeat alone.
            Self::Refused(_) => return before,
            Self::Broken { .. } | Self::TooLarge { .. } | Self::SignInPage { .. } => {}
        }
        self
    }
}

fn why(status: Option<u16>, cause: Option<Cause>, tries: u32) -> String {
    let mut text = String::new();
    if let Some(status) = status {
        text = format!(", status {status}");
    }
    if let Some(cause) = cause {
        text = format!(", {cause}");
    }
    if tries > 1 { format!("{text} after {tries} tries") } else { text }
}

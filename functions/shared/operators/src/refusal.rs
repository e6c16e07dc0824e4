//! Why somebody is not admitted.

use domain::SignedDuration;
use http::StatusCode;
use platform::TableError;

/// Why a request is not an operator's. Never repeats any of the token.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// There is no token.
    #[error("sign in: this needs an access token (Authorization: Bearer …)")]
    NoToken,
    /// There is something, and it is no token for us.
    #[error("the access token is not accepted: {0}")]
    Invalid(&'static str),
    /// The token is good, and its holder may not do this.
    #[error("you may not do this")]
    Forbidden,
    /// The issuer's keys are not to be had now. Nobody's fault who asks.
    #[error("tokens cannot be checked at the moment")]
    Later(SignedDuration),
    /// Whose tokens count was not set.
    #[error("operators are not set up on this instance")]
    NotSetUp,
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] TableError),
}

impl Refusal {
    /// The status that says it.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NoToken | Self::Invalid(_) => StatusCode::UNAUTHORIZED,
            // Not a fault of ours: it would count against the availability of everything else.
            Self::Forbidden | Self::NotSetUp => StatusCode::FORBIDDEN,
            Self::Later(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Ledger(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Its name, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoToken => "no-token",
            Self::Invalid(_) => "invalid-token",
            Self::Forbidden => "forbidden",
            Self::Later(_) => "later",
            Self::NotSetUp => "operators-not-set-up",
            Self::Ledger(_) => "internal",
        }
    }

    /// The header `WWW-Authenticate`, as RFC 6750, section 3 has it.
    pub const fn challenge(&self) -> Option<&'static str> {
        match self {
            Self::NoToken => Some("Bearer"),
            Self::Invalid(_) => Some("Bearer error=\"invalid_token\""),
            Self::Forbidden => Some("Bearer error=\"insufficient_scope\""),
            Self::Later(_) | Self::NotSetUp | Self::Ledger(_) => None,
        }
    }

    /// The header `Retry-After`, in whole seconds.
    pub fn retry_after(&self) -> Option<i64> {
        match self {
            Self::Later(wait) => Some(wait.as_secs().max(1)),
            _ => None,
        }
    }
}

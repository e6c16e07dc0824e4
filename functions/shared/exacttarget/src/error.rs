//! Why there is no reply.

use std::collections::BTreeSet;

use domain::{SignedDuration, Timestamp};
use transport::CallError;

/// Why a message has no reply that can be used.
///
/// Carries names and codes: never an address, a value that was sent, or the platform's text, which may quote one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExactTargetError {
    /// What was to be sent cannot be written as XML: a control character in a value.
    #[error("{operation} cannot be written: {source}")]
    Unsendable {
        /// The operation.
        operation: &'static str,
        /// Where, and what.
        #[source]
        source: soap::Error,
    },
    /// No answer, or one that says *later*.
    #[error("calling {operation}: {source}")]
    Call {
        /// The operation.
        operation: &'static str,
        /// What went wrong.
        #[source]
        source: CallError,
    },
    /// The user, the password or the package is not believed, or was not a while ago.
    #[error("signing in for {operation}: refused with {code}{}", until.map(|at| format!("; not tried again before {at}")).unwrap_or_default())]
    SignIn {
        /// What was called.
        operation: &'static str,
        /// `Login Failed`, or the OAuth error.
        code: String,
        /// Until when it is not tried again.
        until: Option<Timestamp>,
    },
    /// The platform is rate limited (17), in maintenance (9, 10) or out of order (2): later.
    #[error("{operation}: the platform says later ({code})")]
    Busy {
        /// The operation.
        operation: &'static str,
        /// The code of its fault.
        code: String,
        /// How long to wait at least, where it is said.
        retry_after: Option<SignedDuration>,
    },
    /// A repeat will not help.
    #[error("{operation}: refused with {code}")]
    Refused {
        /// The operation.
        operation: &'static str,
        /// The fault's code or the HTTP status.
        code: String,
    },
    /// Properties that the object does not have in this account.
    #[error("{operation}: {object} has no {}", names.iter().map(String::as_str).collect::<Vec<_>>().join(", "))]
    PropertiesRefused {
        /// The operation.
        operation: &'static str,
        /// The object that was asked for.
        object: String,
        /// What it does not have.
        names: BTreeSet<String>,
    },
    /// The object is not known to the platform.
    #[error("{operation}: the platform knows no {object}")]
    UnknownObject {
        /// The operation.
        operation: &'static str,
        /// What was asked for.
        object: String,
    },
    /// The user or package lacks a permission.
    #[error("{operation}: the user may not use {object}")]
    NotPermitted {
        /// The operation.
        operation: &'static str,
        /// What was asked for.
        object: String,
    },
    /// HTTP 200 and an `OverallStatus` that is an error: never the end of the data.
    #[error("{operation} of {object}: the platform answered with an error")]
    Failed {
        /// The operation.
        operation: &'static str,
        /// What was asked for.
        object: String,
    },
    /// The next page is not known any more: what was read so far is not all, and it is begun anew.
    #[error("{operation} of {object}: the session ended after page {pages}")]
    SessionLost {
        /// The operation.
        operation: &'static str,
        /// What was asked for.
        object: String,
        /// How many pages came before.
        pages: u32,
    },
    /// An answer that is cut or is none.
    #[error("{operation}: the reply cannot be read: {source}")]
    Unreadable {
        /// The operation.
        operation: &'static str,
        /// Where, and what.
        #[source]
        source: soap::Error,
    },
}

impl ExactTargetError {
    /// Whether the same may succeed later without anybody doing something.
    pub fn is_transient(&self) -> bool {
        match self {
            // The service has no sign-in pages: one is a proxy's, or that of its maintenance.
            Self::Call { source, .. } => source.is_transient() || matches!(source, CallError::SignInPage { .. }),
            // A cut reply, or a session that ended, is begun anew.
            Self::Busy { .. } | Self::SessionLost { .. } => true,
            Self::Unreadable { source, .. } => matches!(source.problem(), soap::Problem::Cut { .. }),
            _ => false,
        }
    }

    /// How long to wait at least, where somebody said so.
    pub fn retry_after(&self) -> Option<SignedDuration> {
        match self {
            Self::Call { source, .. } => source.retry_after(),
            Self::Busy { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P1: somebody's page between us and the platform passes; nothing that the platform itself said is that.
    #[test]
    fn a_page_instead_of_an_answer_passes() {
        let page = CallError::SignInPage { service: "exacttarget", operation: "Retrieve" };
        let error = ExactTargetError::Call { operation: "Retrieve", source: page };
        assert!(error.is_transient());
        assert_eq!(error.retry_after(), None);
    }
}

//! What stops a step of a flow, and whether it may pass: one answer for all contexts.

use crm::CrmError;
use domain::{SignedDuration, Timestamp};
use exacttarget::ExactTargetError;
use platform::{Failure, TableError};
use sharepoint::SiteError;

use crate::ConnectionError;

/// Why a delivery stops.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// Another system is busy, away, or answered with half an answer. Nothing is lost by waiting.
    #[error("for now: {reason}")]
    Passing {
        /// Why, for people.
        reason: String,
        /// When the system wants to be asked again, if it said so.
        after: Option<SignedDuration>,
    },
    /// A sign-in was refused. The secret may just have been rotated, so it is read anew before this is final (ST-40).
    #[error("{service} refuses the sign-in")]
    SignIn {
        /// `crm`, `sharepoint` or `exacttarget`.
        service: &'static str,
        /// The service was not asked: it refused before, and is not asked again until then.
        until: Option<Timestamp>,
    },
    /// The tenant is switched off.
    #[error("the tenant is switched off")]
    SwitchedOff,
    /// It will not get better by itself.
    #[error("for good: {reason}")]
    Final {
        /// Why, for people.
        reason: String,
    },
    /// The ledger failed.
    #[error("writing the journal")]
    Ledger(#[from] TableError),
}

/// The shortest wait after a failed try, and the longest, unless the call may still land: with `wake`'s own minute, work
/// goes on two minutes after the other system is back, and three after a call that was lost (P7). The breaker of
/// this crate keeps everybody who comes so often from calling a system that is down.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(15);
/// The longest of them.
pub const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(1);
/// After a call whose effect may still land: long enough that the look before the next try sees it. We wait for an
/// answer for 90 s, and ASP.NET 2.0 lets a request run for 110 s (`httpRuntime executionTimeout`).
pub const LANDING: SignedDuration = SignedDuration::from_mins(2);

/// How long to wait after so many failed tries: 15 s, doubled each time, a minute at most.
pub fn pause(attempts: u32) -> SignedDuration {
    FIRST_PAUSE.saturating_mul(1 << attempts.min(8)).min(LONGEST_PAUSE)
}

impl Trouble {
    /// Final, for this reason.
    pub fn last(reason: impl Into<String>) -> Self {
        Self::Final { reason: reason.into() }
    }

    /// Something that cannot happen unless the stored row or the code is wrong.
    pub fn bug(error: impl std::fmt::Display) -> Self {
        Self::Final { reason: format!("Tieline made a mistake: {error}") }
    }
}

/// Both hold: the time that the service names, and that of an effect which may still land.
pub fn after(source: &transport::CallError) -> Option<SignedDuration> {
    source.retry_after().max(source.may_have_landed().then_some(LANDING))
}

impl From<CrmError> for Trouble {
    fn from(error: CrmError) -> Self {
        if error.is_transient() {
            let after = match &error {
                CrmError::Call { source, .. } => after(source),
                other => other.retry_after(),
            };
            tracing::warn!("CRM: {error}");
            return Self::Passing { reason: "CRM does not answer as it should".to_owned(), after };
        }
        match error {
            CrmError::SignIn { until, .. } => Self::SignIn { service: "crm", until },
            other => Self::last(other.to_string()),
        }
    }
}

impl From<SiteError> for Trouble {
    fn from(error: SiteError) -> Self {
        if error.is_transient() {
            let after = match &error {
                SiteError::Call { source, .. } => after(source),
                other => other.retry_after(),
            };
            tracing::warn!("SharePoint: {error}");
            return Self::Passing { reason: "SharePoint does not answer as it should".to_owned(), after };
        }
        match error {
            SiteError::SignIn { until, .. } => Self::SignIn { service: "sharepoint", until },
            SiteError::Refused { operation, message, .. } => {
                Self::last(format!("SharePoint refused ({operation}): {message}"))
            }
            other => Self::last(other.to_string()),
        }
    }
}

impl From<ExactTargetError> for Trouble {
    fn from(error: ExactTargetError) -> Self {
        if error.is_transient() {
            let after = match &error {
                ExactTargetError::Call { source, .. } => after(source),
                other => other.retry_after(),
            };
            tracing::warn!("e-mail platform: {error}");
            return Self::Passing { reason: "the e-mail platform does not answer as it should".to_owned(), after };
        }
        match error {
            ExactTargetError::SignIn { until, .. } => Self::SignIn { service: "exacttarget", until },
            other => Self::last(format!("the e-mail platform refused: {other}")),
        }
    }
}

impl From<ConnectionError> for Trouble {
    fn from(error: ConnectionError) -> Self {
        if matches!(error, ConnectionError::SwitchedOff(_)) {
            return Self::SwitchedOff;
        }
        // The names of secrets and hosts are for operators.
        tracing::warn!("connecting: {error}");
        let reason = "a connection of your organization is not set up as it should; ask your administrator".to_owned();
        if error.is_transient() { Self::Passing { reason, after: None } } else { Self::last(reason) }
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Ledger(error) => error.into(),
            Trouble::Passing { reason, .. } => Self::retry(reason),
            Trouble::SignIn { service, .. } => Self::retry(format!("{service} refuses the sign-in")),
            Trouble::SwitchedOff => Self::retry("the tenant is switched off"),
            Trouble::Final { reason } => Self::park(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute() {
        let seconds: Vec<_> = [0, 1, 2, 3, 4, 5, 60, u32::MAX].into_iter().map(|n| pause(n).as_secs()).collect();
        assert_eq!(seconds, [15, 30, 60, 60, 60, 60, 60, 60]);
    }
}

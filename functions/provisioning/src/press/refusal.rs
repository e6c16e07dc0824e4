//! Why a press is refused, in words for the person who pressed.

use http::StatusCode;

/// A rule that the press broke. Its text says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody added such a tenant.
    #[error("there is no such tenant; ask your administrator for the right name")]
    UnknownTenant,
    /// The tenant is switched off.
    #[error("Tieline is switched off for your organization; ask your administrator")]
    InactiveTenant,
    /// CRM does not have the request record.
    #[error("CRM has no such request; press the button on the record again")]
    NoSuchRequest,
    /// The request record was used for something else.
    #[error("this request was used before; press the button on the record again")]
    Used,
    /// The request record is too old.
    #[error("this request is more than 7 days old; press the button on the record again")]
    Expired,
    /// The two statements of the target disagree, or it is not an account.
    #[error("the request does not name one account; press the button on the account itself")]
    TargetMismatch,
    /// Its creator may not change the target.
    #[error("you may not change this record, so you cannot make a site for it; ask its owner to share it with you")]
    NoWriteAccess,
    /// The target is not there (any more).
    #[error("the record is not in CRM any more")]
    NoSuchRecord,
    /// The target is deactivated.
    #[error("the record is deactivated; activate it first")]
    RecordInactive,
    /// The page that rang is not one of the tenant's (ST-14).
    #[error("this page may not ring for your organization; ask your administrator to add its address")]
    ForeignOrigin,
}

impl Refusal {
    /// The HTTP status.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::UnknownTenant | Self::NoSuchRequest | Self::NoSuchRecord => StatusCode::NOT_FOUND,
            Self::InactiveTenant | Self::NoWriteAccess | Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::Used | Self::RecordInactive => StatusCode::CONFLICT,
            Self::Expired => StatusCode::GONE,
            Self::TargetMismatch => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// A name for programs, stable.
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownTenant => "unknown-tenant",
            Self::InactiveTenant => "inactive-tenant",
            Self::NoSuchRequest => "no-such-request",
            Self::Used => "used",
            Self::Expired => "expired",
            Self::TargetMismatch => "target-mismatch",
            Self::NoWriteAccess => "no-write-access",
            Self::NoSuchRecord => "no-such-record",
            Self::RecordInactive => "record-inactive",
            Self::ForeignOrigin => "foreign-origin",
        }
    }

    /// Whether the request record itself is told: only a new one that CRM has. A used one keeps its answer.
    pub(super) const fn is_told(self) -> bool {
        matches!(
            self,
            Self::Expired | Self::TargetMismatch | Self::NoWriteAccess | Self::NoSuchRecord | Self::RecordInactive
        )
    }
}

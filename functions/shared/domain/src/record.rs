//! The CRM records that can have a site.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::CrmId;

/// The kinds of record that can have a site. An opportunity's (ST-02) joins with its template.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordKind {
    /// An account (ST-01).
    Account,
}

/// A logical name that is not one of a record that can have a site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("only an account can have a site")]
pub struct UnknownRecordKind;

impl RecordKind {
    /// CRM's logical name of the entity.
    pub const fn entity(self) -> &'static str {
        match self {
            Self::Account => "account",
        }
    }
}

impl FromStr for RecordKind {
    type Err = UnknownRecordKind;

    fn from_str(entity: &str) -> Result<Self, UnknownRecordKind> {
        match entity {
            "account" => Ok(Self::Account),
            _ => Err(UnknownRecordKind),
        }
    }
}

/// One record in one CRM: its kind and its id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct RecordRef {
    /// What it is.
    pub kind: RecordKind,
    /// Which one. Unique within one tenant's CRM only: two tenants may have records of equal id.
    pub id: CrmId,
}

impl fmt::Display for RecordRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.entity(), self.id)
    }
}

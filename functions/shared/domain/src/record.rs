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

#[cfg(test)]
mod tests {
    use super::*;

    /// ST-01: a kind is CRM's logical name, and no other name is one.
    #[test]
    fn a_kind_is_written_and_read_as_crm_names_it() {
        let kind: RecordKind = "account".parse().expect("an account can have a site");
        assert_eq!(kind.entity(), "account");
        for other in ["", "Account", "accounts", "opportunity"] {
            assert_eq!(other.parse::<RecordKind>(), Err(UnknownRecordKind), "{other:?}");
        }
    }

    /// The text is a part of ids that are made of names: another one would tell a note twice.
    #[test]
    fn a_record_is_written_with_kind_and_id() {
        let id = "{8D0F1B6E-6A3A-DF11-9A6D-00155D0A0B01}".parse().expect("an id");
        let record = RecordRef { kind: RecordKind::Account, id };
        assert_eq!(record.to_string(), "account 8d0f1b6e-6a3a-df11-9a6d-00155d0a0b01");
    }
}

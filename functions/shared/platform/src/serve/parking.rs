//! Messages that can never succeed, kept for a person.

use bytes::Bytes;
use domain::{TenantId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Bucket, BucketError, Key, NewRow, Platform, Table, TableError};

/// The reserved tenant of messages that do not say whose they are.
pub const UNATTRIBUTED: &str = "unattributed";

/// A parked message: the ledger's row `PARKED#<message id>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// Where it came from.
    pub queue: String,
    /// Why it can never succeed.
    pub reason: String,
    /// When it was parked.
    pub at: Timestamp,
    /// How often it had been received.
    pub receive_count: u32,
    /// What it said.
    pub body: ParkedBody,
}

/// The body of a parked message, unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParkedBody {
    /// Here.
    Text(String),
    /// Too long for a row: in the staging bucket, under this name.
    Object(String),
}

/// Why a message could not be parked.
#[derive(Debug, thiserror::Error)]
pub(super) enum ParkError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Bucket(#[from] BucketError),
}

#[derive(Clone)]
pub(super) struct Parking {
    ledger: Table,
    staging: Bucket,
}

impl Parking {
    pub(super) fn of(platform: &Platform) -> Self {
        Self { ledger: platform.ledger.clone(), staging: platform.staging.clone() }
    }

    /// Keeps a message. Doing it again changes nothing: the first reason stays.
    pub(super) async fn park(&self, tenant: &TenantId, message_id: &str, parked: Parked) -> Result<(), ParkError> {
        let key = Key::new(tenant, format!("PARKED#{message_id}"));
        match self.ledger.insert(NewRow::new(key.clone(), &parked)).await {
            Err(TableError::TooLarge { .. }) => {}
            Err(error) if !error.is_conflict() => return Err(error.into()),
            Ok(_) | Err(_) => return Ok(()),
        }
        // A message may have 1 MiB, a row 400 KB.
        let ParkedBody::Text(body) = parked.body else { return Ok(()) };
        let name = format!("parked/{message_id}");
        self.staging.put_if_absent(tenant, &name, Bytes::from(body)).await?;
        let parked = Parked { body: ParkedBody::Object(name), ..parked };
        match self.ledger.insert(NewRow::new(key, &parked)).await {
            Err(error) if !error.is_conflict() => Err(error.into()),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

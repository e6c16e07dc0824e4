//! What became of each person: 17 bytes each, in objects that are read through when somebody asks for one (FX-03).

use domain::{CrmId, TenantId};
use platform::{Bucket, BucketError};
use uuid::Uuid;

use crate::send::{Staging, WhyNot};

/// What became of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Is in the parts.
    Listed,
    /// Was left out.
    Excluded(WhyNot),
}

impl Outcome {
    pub(crate) fn write(self, id: CrmId, to: &mut Vec<u8>) {
        to.extend(id.uuid().as_bytes());
        to.push(match self {
            Self::Listed => 0,
            Self::Excluded(reason) => reason.code(),
        });
    }

    fn of_code(code: u8) -> Option<Self> {
        if code == 0 { Some(Self::Listed) } else { WhyNot::of_code(code).map(Self::Excluded) }
    }
}

/// What became of a record: whether it is in the parts, and each time that it was left out. One who is on two lists is left
/// out once and in them once.
pub(crate) async fn find(
    bucket: &Bucket,
    tenant: &TenantId,
    staging: &Staging,
    id: CrmId,
) -> Result<Vec<Outcome>, BucketError> {
    let mut found = Vec::new();
    for object in &staging.outcomes {
        let Some(bytes) = bucket.get(tenant, object).await? else { continue };
        for entry in bytes.chunks_exact(17) {
            if Uuid::from_slice(&entry[..16]) == Ok(id.uuid()) {
                found.extend(Outcome::of_code(entry[16]));
            }
        }
    }
    Ok(found)
}

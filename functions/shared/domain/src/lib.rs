//! Ids, people, sites and time: the words every other crate speaks.
//!
//! No I/O and no async. Each type is parsed at the door (`FromStr`) and trusted afterwards.
//! Start at [`TenantId`] and [`RecordRef`].

mod clock;
mod id;
mod record;
mod tenant;

pub use clock::{Clock, SystemClock, VirtualClock};
pub use id::{CrmId, NotACrmId};
pub use jiff::{SignedDuration, Timestamp};
pub use record::{RecordKind, RecordRef, UnknownRecordKind};
pub use tenant::{NotATenantId, TenantId};

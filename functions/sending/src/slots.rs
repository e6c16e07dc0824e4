//! How many sends of a tenant do the same at once (EX-08, EX-33): a lease for each place.

use domain::SignedDuration;
use platform::{Lease, LeaseError};
use tenants::Trouble;

use crate::desk::{Desk, Halt};

/// Longer than a delivery may take, as the send's own lease: a place is free again when its holder is gone.
const TTL: SignedDuration = SignedDuration::from_mins(7);
/// How often somebody who waits looks whether there is a place.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(1);

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activity {
    /// Files become rows at the platform.
    Import,
    /// The platform is told to mail.
    Release,
}

/// A place among those who do the same. It is given back by [`Slot::give_back`], or free when its time is over.
pub(crate) struct Slot(Lease);

impl Slot {
    /// Takes one of so many places. Without a free one the send waits.
    pub(crate) async fn take(desk: &Desk<'_>, activity: Activity, most: u32) -> Result<Self, Halt> {
        let name = match activity {
            Activity::Import => "imports",
            Activity::Release => "releases",
        };
        let (ledger, clock) = (&desk.deps.platform.ledger, desk.deps.clock());
        let holder = desk.id().to_string();
        for place in 1..=most {
            let name = format!("SLOT#{name}#{place}");
            match Lease::take(ledger, &desk.tenant, &name, &holder, TTL, clock).await {
                Ok(lease) => return Ok(Self(lease)),
                Err(LeaseError::Held { .. }) => {}
                Err(LeaseError::Table(error)) => return Err(Trouble::from(error).into()),
                Err(LeaseError::Lost(_)) => return Err(Trouble::bug("a lease that was never held is lost").into()),
            }
        }
        let reason = format!("other sends are first: {most} at once, by your organization's settings");
        Err(Halt::Later { after: LOOK_AGAIN, reason })
    }

    /// Somebody else may have it. If that is not heard, the place is free when its time is over.
    pub(crate) async fn give_back(self) {
        if let Err(error) = self.0.release().await {
            tracing::warn!("a place is not given back: {error}");
        }
    }
}

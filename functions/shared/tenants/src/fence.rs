//! No call after its time: a delivery that stalled must not act beside the one that took over.
//!
//! The lease keeps two deliveries apart in the ledger, and nothing keeps them apart in SharePoint: a holder that stalls
//! past its lease and wakes up would add the rest of the views and web parts a second time. So every call of a delivery
//! is held against the delivery's own last moment just before it is sent. What is left is the one call that was on its
//! way when the holder stalled: no client can call it back.

use domain::Timestamp;
use transport::BackError;

tokio::task_local! {
    static LAST_CALL: Timestamp;
}

/// Does `work`, none of whose calls is sent at or after `last_call`: they fail as if nobody had answered.
pub async fn until<F: Future>(last_call: Timestamp, work: F) -> F::Output {
    LAST_CALL.scope(last_call, work).await
}

/// Whether a call may still be sent.
pub(crate) fn check(now: Timestamp) -> Result<(), BackError> {
    // Work without a last moment is not fenced: a press changes nothing that two of them could spoil.
    if LAST_CALL.try_with(|last| *last <= now).unwrap_or(false) {
        return Err(BackError::TimedOut { sent: false });
    }
    Ok(())
}

//! Staging: the people of a send are read as a stream of CRM's pages, sifted, and written down as parts.
//!
//! Two passes, each with a checkpoint. *Reading* (`read`) turns each page into rows, sets aside who gets nothing by their own
//! record, and leaves the others in the bucket, cut into 64 partitions by their address. *Sorting* (`sort`) takes
//! one partition after the other, in which all records of an address are together: one of them is kept, and nobody whose
//! address wants no mails. So a million people need the memory of one partition. A delivery stops by itself before its time is
//! over, and the next one goes on at the checkpoint (S5).

mod mapping;
mod outcome;
mod parts;
mod preview;
mod read;
mod sort;
mod sources;
mod spill;

pub use mapping::{ADDRESS_COLUMN, KEY_COLUMN};
pub(crate) use mapping::{Mapping, head, table_columns};
pub(crate) use outcome::{Outcome, find};
pub(crate) use parts::PartSource;
pub(crate) use sort::people_of;
pub(crate) use spill::{PARTITIONS, Spilled, partition_of};

use domain::TenantId;
use platform::{Delivery, Failure};
use tenants::{Trouble, fence};

use crate::{
    Deps, consent,
    desk::{Desk, Halt},
    send::{Event, SendState, Work},
};

/// Takes one message of the queue `send-stage`.
pub async fn deliver(deps: &Deps, tenant: TenantId, message: Work, delivery: Delivery) -> Result<(), Failure> {
    let Some(mut desk) = Desk::open(deps, tenant, message, &delivery).await? else { return Ok(()) };
    // With what it tells in the end: one that stood still must not tell what the next one has overtaken.
    fence::until(desk.last_call(), async {
        let outcome = work(&mut desk).await;
        desk.close(outcome).await
    })
    .await
}

async fn work(desk: &mut Desk<'_>) -> Result<(), Halt> {
    let hands = desk.hands().await?;
    if desk.row.value.state.is_settled() {
        return Ok(());
    }
    if desk.row.value.state == SendState::Collecting {
        desk.look_at_record(&hands).await?;
        desk.tell(&*hands.crm).await?;
        let mapping = Mapping::new(&hands).await?;
        if desk.row.value.staging.sources.is_none() {
            desk.row.value.staging.sources = Some(sources::of(desk.row.value.order.target, &*hands.crm).await?);
            desk.done().await?;
        }
        read::all(desk, &hands, &mapping).await?;
        if desk.row.value.staging.consents_at.is_none() {
            let now = desk.now();
            consent::bring_in(desk, &hands).await?;
            desk.row.value.staging.consents_at = Some(now);
            desk.done().await?;
        }
        sort::all(desk, &hands).await?;
        parts::write(desk, &hands).await?;
        if desk.row.value.staging.rows() == 0 {
            let left_out = desk.row.value.staging.excluded.to_string();
            let why = if left_out.is_empty() { "the list is empty".to_owned() } else { left_out };
            return Err(Halt::refused(format!("nobody is left to be mailed: {why}")));
        }
        desk.row.value.on(Event::Collected).map_err(Trouble::bug)?;
    }
    desk.hand_over(Work::DISPATCH).await?;
    let queue = desk.deps.platform.queues.queue::<Work>(Work::DISPATCH);
    // A message that is not taken is pushed by `wake`: the row is due.
    if let Err(error) = queue.push(&desk.tenant, &Work { send: desk.id() }).await {
        tracing::warn!("could not queue a send: {error}");
    }
    Ok(())
}

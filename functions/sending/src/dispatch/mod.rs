//! Dispatch: the parts go to the platform, and it is told to mail, once.
//!
//! In order: the send's own tables; each part dropped, imported and counted (`import`); those who opted out since
//! (`late`); the release (`release`); what the platform counted ([`crate::receipt`]). Each step asks, acts, and is then
//! recorded; only the release is recorded before it is done, because it cannot be taken back.

mod import;
mod late;
mod release;
mod tables;

use domain::{SignedDuration, TenantId};
use platform::{Delivery, Failure};
use tenants::{Trouble, fence};

use crate::{
    Deps,
    desk::{Desk, Halt},
    receipt,
    send::{Event, SendState, Work},
    slots::{Activity, Slot},
};

/// How often an approval is looked for.
const LOOKS_FOR_APPROVAL: SignedDuration = SignedDuration::from_mins(1);

/// Takes one message of the queue `send-dispatch`.
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
    loop {
        match desk.row.value.state {
            SendState::Collecting => return desk.hand_over(Work::STAGE).await,
            SendState::Held => {
                let record = desk.look_at_record(&hands).await?;
                desk.tell(&*hands.crm).await?;
                if record.is_held {
                    let reason = "somebody has to approve it".to_owned();
                    return Err(Halt::Later { after: LOOKS_FOR_APPROVAL, reason });
                }
                desk.row.value.on(Event::Approved).map_err(Trouble::bug)?;
                desk.done().await?;
            }
            SendState::Importing => {
                desk.look_at_record(&hands).await?;
                desk.tell(&*hands.crm).await?;
                tables::ensure(desk, &hands).await?;
                let slot = Slot::take(desk, Activity::Import, hands.mailing.imports_at_once.get()).await?;
                let imported = import::all(desk, &hands).await;
                slot.give_back().await;
                imported?;
                // It may have been held, changed or cancelled while the parts were on their way.
                if desk.look_at_record(&hands).await?.is_held {
                    desk.row.value.on(Event::HeldBack).map_err(Trouble::bug)?;
                    desk.done().await?;
                    continue;
                }
                late::exclude(desk, &hands).await?;
                release::define(desk, &hands).await?;
                // The last look: what a user wants after this comes too late.
                if desk.look_at_record(&hands).await?.is_held {
                    continue;
                }
                desk.row.value.on(Event::Imported).map_err(Trouble::bug)?;
                desk.done().await?;
            }
            SendState::Releasing => {
                desk.tell(&*hands.crm).await?;
                let slot = Slot::take(desk, Activity::Release, hands.mailing.releases_at_once.get()).await?;
                let released = release::once(desk, &hands).await;
                slot.give_back().await;
                released?;
                desk.row.value.on(Event::JobFound).map_err(Trouble::bug)?;
                desk.done().await?;
            }
            SendState::Released => {
                desk.tell(&*hands.crm).await?;
                receipt::write(desk, &hands).await?;
                desk.row.value.on(Event::Counted).map_err(Trouble::bug)?;
                desk.done().await?;
            }
            SendState::Sent | SendState::Cancelled | SendState::Refused { .. } | SendState::NeedsPerson { .. } => {
                desk.tell(&*hands.crm).await?;
                return desk.finish().await;
            }
        }
    }
}

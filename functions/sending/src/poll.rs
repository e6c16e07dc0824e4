//! Takes the send records that are due, of every tenant (EX-05).

use crm::{SendRecord, Target};
use domain::{SignedDuration, TenantId, Timestamp};
use platform::{Key, NewRow, Row};
use serde::{Deserialize, Serialize};
use tenants::{Mailing, Settings, tenants};
use tracing::Instrument;

use crate::{
    Deps,
    send::{Order, Send, Work},
};

/// How many records of one tenant are taken in one run; the next run takes the next.
const MOST_AT_ONCE: usize = 100;
/// How long the tenants keep their order (the timer's own rate).
const TURN: SignedDuration = SignedDuration::from_mins(1);
/// Kept back for ending cleanly before the function's time limit.
const MARGIN: SignedDuration = SignedDuration::from_secs(30);

/// When a tenant was looked at.
#[derive(Serialize, Deserialize)]
struct Polled {
    at: Timestamp,
}

/// Takes what is due. One tenant's trouble does not stop the others. Returns how many sends were taken.
pub async fn run(deps: &Deps, deadline: Timestamp) -> anyhow::Result<usize> {
    let mut taken = 0;
    let mut tenants = tenants(&deps.platform.ledger).await?;
    // A slow tenant must not always stand before the same others.
    let turn = usize::try_from(deps.clock().now().as_second() / TURN.as_secs()).unwrap_or_default();
    let first = turn % tenants.len().max(1);
    tenants.rotate_left(first);
    for tenant in tenants {
        if deps.clock().now().duration_since(deadline) > -MARGIN {
            tracing::warn!("no time for the rest of the tenants in this run");
            break;
        }
        let span = tracing::info_span!("poll", %tenant);
        match of_tenant(deps, &tenant).instrument(span).await {
            Ok(count) => taken += count,
            Err(error) => tracing::warn!(%tenant, "could not poll: {error:#}"),
        }
    }
    Ok(taken)
}

async fn of_tenant(deps: &Deps, tenant: &TenantId) -> anyhow::Result<usize> {
    let ledger = &deps.platform.ledger;
    let Some(settings) = Settings::read(ledger, tenant).await?.filter(|settings| settings.active) else { return Ok(0) };
    let Some(mailing) = &settings.mailing else { return Ok(0) };
    let key = Key::new(tenant, "CURSOR#sends");
    let (now, polled) = (deps.clock().now(), ledger.get::<Polled>(&key).await?);
    // A timer comes a little early or late: half a minute is no turn.
    let every = SignedDuration::from_secs(i64::from(mailing.poll_minutes.get()) * 60 - 30);
    if polled.as_ref().is_some_and(|row| now.duration_since(row.value.at) < every) {
        return Ok(0);
    }
    let crm = deps.connections.crm(tenant, &settings).await?;
    let mut taken = 0;
    for record in crm.due_sends(now, MOST_AT_ONCE).await? {
        match take(deps, tenant, &record, mailing).await {
            Ok(is_new) => taken += usize::from(is_new),
            // It must not stand before all later ones.
            Err(error) => tracing::warn!(%tenant, send = %record.id, "could not take a send: {error:#}"),
        }
    }
    // Written last: a run that fails is repeated by the next one. Two at once only ask twice.
    let at_now = Polled { at: now };
    let polled_now = NewRow::new(key.clone(), &at_now);
    let written = match polled {
        Some(Row { version, .. }) => ledger.replace(&key, version, polled_now).await,
        None => ledger.insert(polled_now).await,
    };
    match written {
        Err(error) if !error.is_conflict() => Err(error.into()),
        _ => Ok(taken),
    }
}

/// Takes one: of all who find it, one writes the row. The others queue it again, which does no harm. A record that cannot
/// be taken is told so by the function that stages it: it is taken too.
async fn take(deps: &Deps, tenant: &TenantId, record: &SendRecord, mailing: &Mailing) -> anyhow::Result<bool> {
    // What is wrong with it is found again, and told, where it is staged.
    let order = order_of(record, mailing).unwrap_or_else(|_| Order {
        name: record.name.clone(),
        target: record.targets.first().copied().unwrap_or(Target::Campaign(record.id)),
        campaign: None,
        email: 0,
        subject: None,
    });
    let ledger = &deps.platform.ledger;
    let now = deps.clock().now();
    let send = Send::taken(record.id, order, now);
    let soon = now.saturating_add(SignedDuration::from_mins(1))?;
    let is_new = match ledger.insert(NewRow::new(Send::key(tenant, record.id), &send).due_at(soon)).await {
        Ok(_) => true,
        Err(error) if error.is_conflict() => false,
        Err(error) => return Err(error.into()),
    };
    if is_new {
        let queue = deps.platform.queues.queue::<Work>(Work::STAGE);
        queue.push(tenant, &Work { send: record.id }).await?;
        tracing::info!(%tenant, send = %record.id, "took a send");
    }
    Ok(is_new)
}

/// What a record asks for; or what is wrong with it, for people.
pub(crate) fn order_of(record: &SendRecord, mailing: &Mailing) -> Result<Order, String> {
    let target = match record.targets.as_slice() {
        [target] => *target,
        [] => {
            return Err(
                "it says nothing of who gets it: choose a campaign, a list, a lead, a contact or an account".to_owned()
            );
        }
        several => {
            let count = several.len();
            return Err(format!("it names {count} of a list, a lead, a contact and an account: choose one"));
        }
    };
    let email = record.email.ok_or("it names no e-mail: choose one".to_owned())?;
    let campaign = record.campaign.or(mailing.default_campaign);
    Ok(Order { name: record.name.clone(), target, campaign, email, subject: record.subject.clone() })
}

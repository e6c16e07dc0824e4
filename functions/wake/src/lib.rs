//! Queues what is due, once a minute.
//!
//! Never knows what the work is: a row that waits says itself which message to push to which queue. Waiting work is a
//! row with `due_at` and not a function that feeds itself, because Lambda cuts such a chain after about 16 turns and
//! a queue would burn its receive counts (architecture, rule 11). Start at [`run`].

use domain::{SignedDuration, Timestamp};
use platform::{NewRow, Platform, Row};
use serde::Deserialize;
use serde_json::Value;

/// How many rows one run wakes at most. The rest is due in the next minute.
pub const MOST_AT_ONCE: usize = 500;
/// A woken row is due again after this, unless its work has moved it: a message that got lost is pushed again.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(5);
/// Kept back for ending cleanly before the function's time limit.
const MARGIN: SignedDuration = SignedDuration::from_secs(5);

/// The part of a waiting row that is read here.
#[derive(Deserialize)]
struct Waiting {
    wake: Wake,
}

#[derive(Deserialize)]
struct Wake {
    queue: String,
    message: Value,
}

/// Wakes the rows of all tenants that are due. Returns how many.
///
/// At least once: a row that is woken twice gives two messages, which every queue's function expects. A row that
/// cannot be woken is logged and does not stop the others.
pub async fn run(platform: &Platform, deadline: Timestamp) -> anyhow::Result<usize> {
    let now = platform.clock.now();
    let mut woken = 0;
    for due in platform.ledger.due(now, MOST_AT_ONCE).await? {
        if platform.clock.now().duration_since(deadline) > -MARGIN {
            break;
        }
        match wake(platform, &due.key, now).await {
            Ok(true) => woken += 1,
            Ok(false) => {}
            Err(error) => {
                tracing::error!(tenant = %due.key.tenant, "could not wake a row: {error:#}");
                put_off(platform, &due.key, now).await;
            }
        }
    }
    Ok(woken)
}

/// A row that cannot be woken must not stand before all others in every run.
async fn put_off(platform: &Platform, key: &platform::Key, now: Timestamp) {
    let moved = async {
        if let Some(row) = platform.ledger.get::<Value>(key).await? {
            move_on(platform, key, &row, now).await?;
        }
        anyhow::Ok(())
    };
    if let Err(error) = moved.await {
        tracing::error!(tenant = %key.tenant, "could not put a row off: {error:#}");
    }
}

async fn wake(platform: &Platform, key: &platform::Key, now: Timestamp) -> anyhow::Result<bool> {
    let Some(row): Option<Row<Value>> = platform.ledger.get(key).await? else { return Ok(false) };
    // The index lags behind the rows.
    if row.due_at.is_none_or(|due| due > now) {
        return Ok(false);
    }
    let Waiting { wake } = Waiting::deserialize(&row.value)?;
    // Pushed before it is moved: a crash in between pushes twice, never not at all.
    platform.queues.queue::<Value>(&wake.queue).push(&key.tenant, &wake.message).await?;
    move_on(platform, key, &row, now).await?;
    Ok(true)
}

async fn move_on(platform: &Platform, key: &platform::Key, row: &Row<Value>, now: Timestamp) -> anyhow::Result<()> {
    let again = now.saturating_add(AGAIN_AFTER)?;
    let moved = NewRow::new(key.clone(), &row.value).due_at(again).expires_at(row.expires_at);
    match platform.ledger.replace(key, row.version, moved).await {
        // A conflict: its work moved it meanwhile.
        Err(error) if !error.is_conflict() => Err(error.into()),
        _ => Ok(()),
    }
}

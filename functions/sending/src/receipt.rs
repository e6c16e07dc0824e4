//! The receipt of a send: it adds up, or it says that it does not (FX-03).

use domain::{CrmId, SignedDuration, TenantId};
use platform::{Bucket, BucketError};
use serde::Serialize;
use serde_json::json;
use tenants::Trouble;

use crate::{
    desk::{Desk, Halt, Hands, bucket_trouble},
    send::{Counted, Exclusions, Send, WhyNot},
    stage::{self, Outcome},
};

/// How often the platform is asked whether all mails left.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(1);
/// How long a delivery itself waits for that.
const SOON: SignedDuration = SignedDuration::from_mins(2);
/// After so long a person looks: a send of a million takes hours.
const TOO_LONG: SignedDuration = SignedDuration::from_hours(72);

/// What the platform counts of a job (contract `exacttarget/README.md` §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OfJob {
    /// Everybody in the table.
    pub targeted: u64,
    /// Mailed.
    pub sent: u64,
    /// In the table of exclusions.
    pub excluded: u64,
    /// Opted out, by the platform.
    pub unsubscribed: u64,
    /// Mails came back too often, by the platform.
    pub undeliverable: u64,
    /// What could not be mailed: errors, addresses that are missing or none, and one address twice.
    pub failed: u64,
}

/// Waits until all mails left, counts, and writes the receipt.
pub(crate) async fn write(desk: &mut Desk<'_>, hands: &Hands) -> Result<(), Halt> {
    let job = desk.row.value.journal.job.ok_or_else(|| Trouble::bug("a release without a job"))?;
    let of_job = loop {
        if let Some(of_job) = ask(hands, job).await? {
            break of_job;
        }
        let released = desk.row.value.journal.released_at.unwrap_or(desk.now());
        let waited = desk.now().duration_since(released);
        if waited > TOO_LONG {
            return Err(Halt::unclear(format!("the e-mail platform does not end job {job}: look at it there")));
        }
        let reason = "mails leave".to_owned();
        // A small send is over soon; for a large one nobody waits in a function that is paid for.
        if waited > SOON {
            return Err(Halt::Later { after: LOOK_AGAIN, reason });
        }
        desk.look_again(LOOK_AGAIN, reason).await?;
    };
    let send = &mut desk.row.value;
    let (excluded, counted) = count(send, of_job);
    if !counted.adds_up {
        tracing::error!(send = %send.id, ?of_job, "the receipt of a send does not add up");
    }
    send.counted = Some(counted);
    let receipt = json!({
        "send": send.id,
        "revision": send.revision,
        "name": send.order.name,
        "listed": send.staging.listed,
        "excluded": { "total": counted.excluded, "by_reason": excluded },
        "accepted": counted.accepted,
        "failed": counted.failed,
        "adds_up": counted.adds_up,
        "parts": send.staging.parts,
        "job": job,
        "of_job": of_job,
        "taken_at": send.taken_at,
        "released_at": send.journal.released_at,
        "counted_at": desk.deps.clock().now(),
    });
    let name = format!("{}/receipt.json", send.folder());
    let bytes = serde_json::to_vec_pretty(&receipt).map_err(Trouble::bug)?;
    desk.deps.platform.staging.put(&desk.tenant, &name, bytes.into()).await.map_err(bucket_trouble)
}

/// Ours and the platform's exclusions together, and whether everybody who was listed is in one of the three.
fn count(send: &Send, job: OfJob) -> (Exclusions, Counted) {
    let mut excluded = send.staging.excluded.clone();
    excluded.add(WhyNot::OptedOutSince, job.excluded);
    excluded.add(WhyNot::OptedOutOnPlatform, job.unsubscribed);
    excluded.add(WhyNot::HeldOnPlatform, job.undeliverable);
    let total = excluded.total();
    let adds_up = job.targeted == send.staging.rows() && send.staging.listed == total + job.sent + job.failed;
    (excluded, Counted { excluded: total, accepted: job.sent, failed: job.failed, adds_up })
}

/// What the platform counted; `None` while mails leave.
async fn ask(hands: &Hands, job: u64) -> Result<Option<OfJob>, Halt> {
    let properties = [
        "SentDate",
        "NumberTargeted",
        "NumberSent",
        "NumberErrored",
        "NumberExcluded",
        "Duplicates",
        "InvalidAddresses",
        "MissingAddresses",
        "ExistingUndeliverables",
        "ExistingUnsubscribes",
    ];
    // By its number alone: a joined filter finds nothing (contract §4, seen live).
    let Some(send) = hands.email.find("Send", "ID", job, &properties).await? else { return Ok(None) };
    // `SentDate` has a value when the job is done (contract §5).
    if send.child_text("SentDate").trim().is_empty() {
        return Ok(None);
    }
    let number = |name: &str| send.child_text(name).trim().parse::<u64>().unwrap_or_default();
    let failed = ["NumberErrored", "Duplicates", "InvalidAddresses", "MissingAddresses"];
    Ok(Some(OfJob {
        targeted: number("NumberTargeted"),
        sent: number("NumberSent"),
        excluded: number("NumberExcluded"),
        unsubscribed: number("ExistingUnsubscribes"),
        undeliverable: number("ExistingUndeliverables"),
        failed: failed.into_iter().map(number).sum(),
    }))
}

/// What became of one person in a send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Is not on the send's lists.
    NotListed,
    /// Is in what the platform was told to mail.
    InTheSend,
    /// Was left out, for these reasons: one for each time that the record is listed.
    LeftOut(Vec<WhyNot>),
}

/// Did this person get it, and why not: by the id of a record of any kind.
pub async fn fate_of(bucket: &Bucket, tenant: &TenantId, send: &Send, person: CrmId) -> Result<Fate, BucketError> {
    let found = stage::find(bucket, tenant, &send.staging, person).await?;
    if found.contains(&Outcome::Listed) {
        return Ok(Fate::InTheSend);
    }
    let reasons: Vec<WhyNot> = found
        .into_iter()
        .filter_map(|outcome| match outcome {
            Outcome::Excluded(reason) => Some(reason),
            Outcome::Listed => None,
        })
        .collect();
    Ok(if reasons.is_empty() { Fate::NotListed } else { Fate::LeftOut(reasons) })
}

//! A press: a doorbell that proves nothing, and the request record in CRM that proves everything (ST-37).

mod refusal;

use crm::{Account, Crm, CrmError, RequestRecord, RequestState};
use domain::{CrmId, RecordRef, SignedDuration, TenantId, Timestamp};
use platform::{NewRow, Row, TableError, Write};
use tenants::{ConnectionError, Settings};

use crate::{
    Deps,
    site::{BuildSite, Event, IllegalMove, Link, Site, SiteState},
};
pub use refusal::Refusal;

/// How old a request record may be when it is read, by CRM's own `createdon`.
const OLDEST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A claimed site that nobody took up is woken after this: a crash between claim and queue loses nothing.
const TAKEN_UP_WITHIN: SignedDuration = SignedDuration::from_mins(2);

/// How many requests one site answers while it is built. Later ones stay new in CRM; the sweep answers them when the
/// site is there.
const MOST_REQUESTS: usize = 500;

/// What became of a press.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The way to the status page. The same for every press of the same record.
    pub link: Link,
    /// Whose site it is.
    pub record: RecordRef,
}

/// Why a press was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PressError {
    /// For a reason that the person who pressed can read.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// CRM could not be asked; the request record stays, and a timer picks it up.
    #[error("reading the request record of the press")]
    Crm(#[from] CrmError),
    /// The tenant's connection cannot be made.
    #[error("connecting for the press")]
    Connection(#[from] ConnectionError),
    /// The ledger failed.
    #[error("claiming the site")]
    Ledger(#[from] TableError),
    /// The queue failed after the claim; the row is due and will be woken.
    #[error("queueing the site")]
    Queue(#[from] platform::QueueError),
    /// The machine has no random numbers.
    #[error("making a link")]
    Random(#[from] getrandom::Error),
    /// The stored state has no answer to a press.
    #[error(transparent)]
    IllegalMove(#[from] IllegalMove),
}

impl PressError {
    /// Whether the same press may be taken later without anybody doing something.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Crm(error) => error.is_transient(),
            Self::Connection(error) => error.is_transient(),
            Self::Ledger(error) => error.is_transient(),
            Self::Queue(error) => error.is_transient(),
            Self::Refused(_) | Self::Random(_) | Self::IllegalMove(_) => false,
        }
    }

    /// When CRM wants to be asked again, if it said so.
    pub fn retry_after(&self) -> Option<SignedDuration> {
        match self {
            Self::Crm(error) => error.retry_after(),
            _ => None,
        }
    }
}

impl From<Refusal> for PressError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Verifies a press and claims the record's site.
///
/// The tenant named in the call is a hint of where to look: only what that tenant's own CRM says of the request counts.
/// A hundred presses at once end in one claim, and all get the same link.
pub async fn answer(
    deps: &Deps,
    tenant: &TenantId,
    settings: &Settings,
    request: CrmId,
) -> Result<Accepted, PressError> {
    if !settings.active {
        return Err(Refusal::InactiveTenant.into());
    }
    let mut crm = deps.connections.crm(tenant, settings).await?;
    let mut record = crm.request_record(request).await;
    // Perhaps the secret was rotated a moment ago. The same one is not tried twice: that locks accounts.
    if matches!(record, Err(CrmError::SignIn { .. })) && deps.connections.forget(tenant, "crm").await {
        crm = deps.connections.crm(tenant, settings).await?;
        record = crm.request_record(request).await;
    }
    take(deps, tenant, &*crm, record?.ok_or(Refusal::NoSuchRequest)?).await
}

/// The same for a request record that is already read: the sweep's way in.
pub async fn take(
    deps: &Deps,
    tenant: &TenantId,
    crm: &dyn Crm,
    request: RequestRecord,
) -> Result<Accepted, PressError> {
    platform::telemetry::identify(request.id);
    match verify(deps, tenant, crm, &request).await {
        Ok(Verified::Known(site)) => Ok(Accepted { link: site.link, record: site.record }),
        Ok(Verified::New(target)) => {
            let site = claim(deps, tenant, target, request.id).await?;
            if let SiteState::Ready { url, .. } = &site.state {
                tell_ready(crm, request.id, url).await;
            } else {
                let queue = deps.platform.queues.queue::<BuildSite>(BuildSite::QUEUE);
                queue.push(tenant, &BuildSite { record: target }).await?;
            }
            tracing::info!(request = %request.id, state = site.state.name(), "took a press");
            Ok(Accepted { link: site.link, record: site.record })
        }
        Err(PressError::Refused(refusal)) => {
            if refusal.is_told() {
                let state = RequestState::Refused(refusal.to_string());
                if let Err(error) = crm.answer_request(request.id, &state).await {
                    // The record stays new; the sweep reads and refuses it again.
                    tracing::warn!(request = %request.id, "could not write a refusal: {error}");
                }
            }
            Err(refusal.into())
        }
        Err(error) => Err(error),
    }
}

enum Verified {
    /// The request was taken before; this is its site.
    Known(Box<Site>),
    /// The request is good and new.
    New(RecordRef),
}

async fn verify(
    deps: &Deps,
    tenant: &TenantId,
    crm: &dyn Crm,
    request: &RequestRecord,
) -> Result<Verified, PressError> {
    if request.state != RequestState::New {
        // A repeat of a press that we took: the same answer. Anybody else's used record: refused, whatever it says now.
        let target = request.target.ok_or(Refusal::Used)?;
        let known: Option<Row<Site>> = deps.platform.ledger.get(&Site::key(tenant, target)).await?;
        return match known {
            Some(row) if row.value.requests.contains(&request.id) => Ok(Verified::Known(Box::new(row.value))),
            _ => Err(Refusal::Used.into()),
        };
    }
    let target = request.target.ok_or(Refusal::TargetMismatch)?;
    if deps.clock().now().duration_since(request.created_on) > OLDEST {
        return Err(Refusal::Expired.into());
    }
    match crm.account(target.id).await? {
        None => return Err(Refusal::NoSuchRecord.into()),
        Some(Account { active: false, .. }) => return Err(Refusal::RecordInactive.into()),
        Some(_) => {}
    }
    if !crm.access(request.created_by, target).await?.write {
        return Err(Refusal::NoWriteAccess.into());
    }
    Ok(Verified::New(target))
}

/// One claim per record. The loser of a race reads the winner's.
async fn claim(deps: &Deps, tenant: &TenantId, target: RecordRef, request: CrmId) -> Result<Site, PressError> {
    let ledger = &deps.platform.ledger;
    let key = Site::key(tenant, target);
    loop {
        let now = deps.clock().now();
        let due = later(now, TAKEN_UP_WITHIN);
        let outcome = match ledger.get::<Site>(&key).await? {
            None => {
                let site = Site::claimed(target, request, Link::random()?, now);
                let pointer = Write::insert(NewRow::new(site.link.key(tenant), &target))?;
                let row = Write::insert(NewRow::new(key.clone(), &site).due_at(due))?;
                ledger.transact(vec![row, pointer]).await.map(|()| site)
            }
            Some(row) => {
                let mut site = row.value;
                // Only a new request opens a refused site again: the old ones have had their answer.
                let reopened = matches!(site.state, SiteState::Refused { .. });
                if site.requests.contains(&request) || (site.requests.len() >= MOST_REQUESTS && !reopened) {
                    return Ok(site);
                }
                site.on(Event::Pressed)?;
                site.requests.push(request);
                if reopened {
                    site.forget_failures();
                    site.progressed_at = now;
                }
                let due = if reopened { Some(due) } else { row.due_at };
                let new = NewRow::new(key.clone(), &site).due_at(due);
                ledger.replace(&key, row.version, new).await.map(|_| site)
            }
        };
        match outcome {
            Err(error) if error.is_conflict() => {}
            other => return Ok(other?),
        }
    }
}

/// The site was there before (ST-10). Not fatal: the request stays new, and the sweep tells it again. Whoever builds a
/// site tells the requests that it is built for.
async fn tell_ready(crm: &dyn Crm, request: CrmId, url: &str) {
    if let Err(error) = crm.answer_request(request, &RequestState::Ready(url.to_owned())).await {
        tracing::warn!(%request, "could not tell a request of its site: {error}");
    }
}

pub(crate) fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}

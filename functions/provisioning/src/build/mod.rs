//! Building a site: a journal of steps, each asks, acts, and is then recorded.
//!
//! A delivery that is repeated, concurrent or cut off anywhere ends in the same site: it begins at the first step not
//! recorded, and every step looks before it acts (ST-09, P1).

mod setbacks;
mod steps;

use std::sync::Arc;

use crm::{Crm, RequestState};
use domain::{CrmId, SignedDuration, TenantId, Timestamp};
use platform::{
    Delivery, Failure, Key, Lease, LeaseError, NewRow, Row, Table, TableError, Write,
    telemetry::{Unit, metric},
};
use sharepoint::SiteHost;
use tenants::{SWITCHED_OFF_FOR, Settings, Trouble, fence, trouble};
use uuid::Uuid;

use crate::{
    Deps,
    press::later,
    site::{BuildSite, Done, Event, Site, Step},
};

/// Longer than the function may run (`template.yaml`: 300 s) and its last call may take to land ([`trouble::LANDING`]),
/// so that a lease outlives all that its holder did.
const LEASE: SignedDuration = SignedDuration::from_mins(7);
/// Kept back for recording and ending cleanly before the function's time limit.
const MARGIN: SignedDuration = SignedDuration::from_secs(30);

/// Takes one message of the queue `build-site`.
pub async fn deliver(deps: &Deps, tenant: TenantId, message: BuildSite, delivery: Delivery) -> Result<(), Failure> {
    platform::telemetry::identify(message.record.id);
    let ledger = &deps.platform.ledger;
    let key = Site::key(&tenant, message.record);
    let Some(row) = ledger.get::<Site>(&key).await? else {
        return Err(Failure::park(format!("nobody asked for a site for {}", message.record)));
    };
    if row.value.state.is_settled() || is_put_off(&row.value, deps.clock().now()) {
        return Ok(());
    }
    let holder = &delivery.message_id;
    let lease = match Lease::take(ledger, &tenant, &key.sort, holder, LEASE, deps.clock()).await {
        Ok(lease) => lease,
        // Somebody is at it. If they stop, the row falls due and is woken.
        Err(LeaseError::Held { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let last_call = lease.until().saturating_sub(trouble::LANDING).unwrap_or(delivery.deadline);
    let mut desk = Desk { deps, tenant, key, row, lease, deadline: delivery.deadline };
    let outcome = fence::until(last_call, desk.work()).await;
    let released = desk.lease.release().await;
    match (outcome, released) {
        (Err(failure), _) => Err(failure),
        // Lost only if this delivery stalled past its lease; whoever took it goes on.
        (Ok(()), Ok(()) | Err(LeaseError::Lost(_))) => Ok(()),
        (Ok(()), Err(error)) => Err(error.into()),
    }
}

fn is_put_off(site: &Site, now: Timestamp) -> bool {
    matches!(&site.state, crate::site::SiteState::Waiting { until, .. } if *until > now)
}

/// One delivery at work: it holds the lease, and every write it makes is conditional on the lease and on the row.
struct Desk<'d> {
    deps: &'d Deps,
    tenant: TenantId,
    key: Key,
    row: Row<Site>,
    lease: Lease,
    deadline: Timestamp,
}

/// What the steps act through.
struct Hands {
    settings: Settings,
    crm: Arc<dyn Crm>,
    sites: Arc<dyn SiteHost>,
}

impl Desk<'_> {
    async fn work(&mut self) -> Result<(), Failure> {
        // The row may have moved between reading it and taking the lease.
        self.row = self.reread().await?;
        if self.row.value.state.is_settled() || is_put_off(&self.row.value, self.now()) {
            return Ok(());
        }
        self.move_on(Event::Started).await?;
        match self.build().await {
            Ok(()) => Ok(()),
            Err(Trouble::Ledger(error)) if error.is_conflict() => {
                // The lease was lost: whoever took it goes on, and the next delivery reads anew.
                Err(Failure::retry_after("the lease was lost", SignedDuration::from_secs(1)))
            }
            Err(Trouble::Ledger(error)) => Err(error.into()),
            Err(Trouble::Passing { reason, after }) => self.put_off(reason, after).await,
            Err(Trouble::SwitchedOff) => {
                // P12: no call for a tenant that is switched off, and nothing is lost when it is switched on again.
                let reason = "Tieline is switched off for the organization".to_owned();
                self.row.value.forget_failures();
                self.delay(later(self.now(), SWITCHED_OFF_FOR), reason).await
            }
            Err(Trouble::SignIn { service, until }) => self.sign_in_anew(service, until).await,
            Err(Trouble::Final { reason }) => self.refuse(reason).await,
        }
    }

    async fn build(&mut self) -> Result<(), Trouble> {
        let hands = self.hands().await?;
        self.tell_accepted(&*hands.crm).await?;
        loop {
            self.take_steps(&hands).await?;
            if self.finish().await? {
                return Ok(());
            }
        }
    }

    async fn take_steps(&mut self, hands: &Hands) -> Result<(), Trouble> {
        while let Some(step) = self.row.value.next_step() {
            if self.now().duration_since(self.deadline) > -MARGIN {
                return Err(Trouble::Passing {
                    reason: "there is more to do than one turn allows; it goes on at once".to_owned(),
                    after: Some(SignedDuration::ZERO),
                });
            }
            steps::run(step, self, hands).await?;
            self.record(step);
            // The last step is recorded with the finish: a press between the two would never be answered.
            if self.row.value.next_step().is_some() {
                self.write(Some(self.lease.until())).await?;
            }
        }
        Ok(())
    }

    /// Reports the site as ready. `false` if somebody pressed meanwhile, whose request has to be answered first.
    async fn finish(&mut self) -> Result<bool, Trouble> {
        let unfinished = self.row.value.clone();
        let (url, at) = (steps::url(&unfinished)?, self.now());
        self.row.value.attempts = 0;
        self.row.value.on(Event::Finished { url, at }).map_err(Trouble::bug)?;
        match self.put(None).await {
            Ok(()) => {
                tracing::info!(tenant = %self.tenant, record = %self.row.value.record, "site is ready");
                count("ready");
                Ok(true)
            }
            Err(TableError::Conflict { key, .. }) if key == self.key => {
                self.row.value = unfinished;
                self.row.value.journal.retain(|done| done.step != Step::Record);
                self.take_in_presses().await?;
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn hands(&self) -> Result<Hands, Trouble> {
        let settings = Settings::read(&self.deps.platform.ledger, &self.tenant).await?;
        let settings = settings.ok_or_else(|| Trouble::last("the organization is no longer a customer"))?;
        let crm = self.deps.connections.crm(&self.tenant, &settings).await?;
        let sites = self.deps.connections.sites(&self.tenant, &settings).await?;
        Ok(Hands { settings, crm, sites })
    }

    /// Marks the requests as taken that were not yet. Told here and not by the press: what is told of a site is told by
    /// the holder of its lease alone, or a word that lands late would take back the answer.
    async fn tell_accepted(&mut self, crm: &dyn Crm) -> Result<(), Trouble> {
        let site = &mut self.row.value;
        for request in &site.requests[site.told.min(site.requests.len())..] {
            steps::answer(crm, *request, &RequestState::Accepted).await?;
        }
        site.told = site.requests.len();
        Ok(())
    }

    /// A step is done: it is in the journal before the next one begins.
    fn record(&mut self, step: Step) {
        let at = self.now();
        let site = &mut self.row.value;
        site.journal.push(Done { step, at });
        site.forget_failures();
        site.progressed_at = at;
        tracing::info!(tenant = %self.tenant, record = %site.record, step = ?step, "step done");
    }

    async fn move_on(&mut self, event: Event) -> Result<(), Failure> {
        self.row.value.on(event).map_err(Failure::park)?;
        self.write(Some(self.lease.until())).await.map_err(Into::into)
    }

    /// Writes the row if the lease is still ours.
    ///
    /// Beside the holder of the lease only a press writes the row, and adds its request, and `wake`, which moves the
    /// time. Both are taken in, so that presses during the building cost no delivery.
    async fn write(&mut self, due: Option<Timestamp>) -> Result<(), Trouble> {
        loop {
            match self.put(due).await {
                Err(TableError::Conflict { key, .. }) if key == self.key => self.take_in_presses().await?,
                put => return Ok(put?),
            }
        }
    }

    async fn put(&mut self, due: Option<Timestamp>) -> Result<(), TableError> {
        let new = NewRow::new(self.key.clone(), &self.row.value).due_at(due);
        let write = Write::replace(&self.key, self.row.version, new)?;
        self.ledger().transact(vec![self.lease.guard(), write]).await?;
        self.row.version += 1;
        Ok(())
    }

    async fn take_in_presses(&mut self) -> Result<(), Trouble> {
        let stored: Option<Row<Site>> = self.ledger().get(&self.key).await?;
        let stored = stored.ok_or_else(|| Trouble::bug("the site's row is gone"))?;
        let known = &mut self.row.value.requests;
        known.extend(stored.value.requests.into_iter().filter(|request| !known.contains(request)).collect::<Vec<_>>());
        self.row.version = stored.version;
        Ok(())
    }

    async fn reread(&self) -> Result<Row<Site>, Failure> {
        let row = self.ledger().get(&self.key).await?;
        row.ok_or_else(|| Failure::park("the site's row is gone"))
    }

    fn ledger(&self) -> &Table {
        &self.deps.platform.ledger
    }

    fn now(&self) -> Timestamp {
        self.deps.clock().now()
    }
}

/// How a delivery of a site ended: the dashboard's figure.
fn count(outcome: &str) {
    metric("Sites", 1.0, Unit::Count, &[("Outcome", outcome)]);
}

/// A note's id is a pure function of whose it is and what it says: told twice, it is one note.
fn note_id(tenant: &TenantId, site: &Site, says: &str) -> CrmId {
    let name = format!("{tenant}/{}/{says}", site.record);
    CrmId::new(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()))
}

//! One delivery at work on a send: it holds the lease, and every write it makes is conditional on the lease and the row.

use std::sync::Arc;

use crm::{Crm, SendRecord, SendReport, SendTotals};
use domain::{CrmId, SignedDuration, TenantId, Timestamp};
use exacttarget::ExactTarget;
use platform::{
    BucketError, Delivery, Failure, Key, Lease, LeaseError, NewRow, Row, TableError, Write,
    telemetry::{Unit, metric},
};
use tenants::{Mailing, SWITCHED_OFF_FOR, Settings, Trouble, trouble};

use crate::{
    Deps, Patience,
    poll::order_of,
    send::{Event, Journal, Send, Staging, Work},
};

/// Longer than the functions may run (`template.yaml`: 300 s) and a last call may take to land, so that a lease outlives
/// all that its holder did.
const LEASE: SignedDuration = SignedDuration::from_mins(7);
/// Kept back for recording and ending cleanly before the function's time limit (S5).
const MARGIN: SignedDuration = SignedDuration::from_secs(30);
/// How long tries may fail without anything being done, before a person is asked.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// Why a delivery stops.
#[derive(Debug)]
pub(crate) enum Halt {
    /// Something that other flows know too.
    Trouble(Trouble),
    /// Not now.
    Later {
        /// Look again after this.
        after: SignedDuration,
        /// Why, for people.
        reason: String,
    },
    /// What happened to the send, which settles it or begins it anew.
    Event(Event),
}

impl<T: Into<Trouble>> From<T> for Halt {
    fn from(trouble: T) -> Self {
        Self::Trouble(trouble.into())
    }
}

impl Halt {
    /// It cannot be done, for a reason that a user can do something about.
    pub(crate) fn refused(reason: impl Into<String>) -> Self {
        Self::Event(Event::Refused(reason.into()))
    }

    /// Only a person can tell.
    pub(crate) fn unclear(reason: impl Into<String>) -> Self {
        Self::Event(Event::Unclear(reason.into()))
    }

    /// There is more to do than one turn allows.
    pub(crate) fn breath() -> Self {
        Self::Later { after: SignedDuration::ZERO, reason: String::new() }
    }
}

/// What a delivery acts through.
pub(crate) struct Hands {
    pub(crate) settings: Settings,
    pub(crate) mailing: Mailing,
    pub(crate) crm: Arc<dyn Crm>,
    pub(crate) email: Arc<ExactTarget>,
}

/// One delivery at work.
pub(crate) struct Desk<'d> {
    pub(crate) deps: &'d Deps,
    pub(crate) tenant: TenantId,
    pub(crate) row: Row<Send>,
    key: Key,
    lease: Lease,
    deadline: Timestamp,
}

impl<'d> Desk<'d> {
    /// Takes the send's lease. `None`: there is nothing to do now, or somebody is at it; if they stop, the row falls due.
    pub(crate) async fn open(
        deps: &'d Deps,
        tenant: TenantId,
        work: Work,
        delivery: &Delivery,
    ) -> Result<Option<Self>, Failure> {
        platform::telemetry::identify(work.send);
        let (ledger, key) = (&deps.platform.ledger, Send::key(&tenant, work.send));
        if ledger.get::<Send>(&key).await?.is_none() {
            return Err(Failure::park(format!("nobody took send {}", work.send)));
        }
        let lease = match Lease::take(ledger, &tenant, &key.sort, &delivery.message_id, LEASE, deps.clock()).await {
            Ok(lease) => lease,
            Err(LeaseError::Held { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // Read under the lease: it may have moved before.
        let row = ledger.get::<Send>(&key).await?.ok_or_else(|| Failure::park("the send's row is gone"))?;
        let is_put_off = row.value.not_before.is_some_and(|until| until > deps.clock().now());
        let desk = Self { deps, tenant, row, key, lease, deadline: delivery.deadline };
        if is_put_off || (desk.row.value.state.is_settled() && desk.is_told()) {
            desk.give_back().await?;
            return Ok(None);
        }
        Ok(Some(desk))
    }

    /// No call is sent after this: the lease may have been taken by one who had stood still before.
    pub(crate) fn last_call(&self) -> Timestamp {
        let landed = self.lease.until().saturating_sub(trouble::LANDING).unwrap_or(self.deadline);
        landed.min(self.deadline)
    }

    /// The number that grows with every take of the lease.
    pub(crate) fn fence(&self) -> u64 {
        self.lease.fence()
    }

    /// Records why the delivery stopped, and gives the lease back.
    pub(crate) async fn close(mut self, outcome: Result<(), Halt>) -> Result<(), Failure> {
        let recorded = match outcome {
            Ok(()) => Ok(()),
            Err(halt) => self.record(halt).await,
        };
        let released = self.give_back().await;
        recorded.and(released)
    }

    async fn give_back(self) -> Result<(), Failure> {
        match self.lease.release().await {
            // Lost only if this delivery stalled past its lease; whoever took it goes on.
            Ok(()) | Err(LeaseError::Lost(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn record(&mut self, halt: Halt) -> Result<(), Failure> {
        match halt {
            Halt::Later { after, reason } => self.wait(after, reason, false).await,
            Halt::Event(event) => self.settle(event).await,
            // The lease was lost: whoever took it goes on, and if nobody did, the row is due.
            Halt::Trouble(Trouble::Ledger(error)) if error.is_conflict() => Ok(()),
            Halt::Trouble(Trouble::Ledger(error)) => Err(error.into()),
            Halt::Trouble(Trouble::SwitchedOff) => {
                self.row.value.forget_failures();
                self.wait(SWITCHED_OFF_FOR, "Tieline is switched off for the organization".to_owned(), false).await
            }
            Halt::Trouble(Trouble::Passing { reason, after }) => {
                let pause = after.unwrap_or_default().max(trouble::pause(self.row.value.attempts));
                self.put_off(pause, reason).await
            }
            Halt::Trouble(Trouble::SignIn { service, until }) => {
                let is_new = self.deps.connections.forget(&self.tenant, service).await;
                let name = if service == "crm" { "CRM" } else { "the e-mail platform" };
                let reason = format!("{name} refuses Tieline's sign-in; ask your administrator");
                let next = until.map(|until| until.duration_since(self.now())).unwrap_or_default();
                let pause =
                    if is_new { SignedDuration::ZERO } else { next.clamp(trouble::pause(0), trouble::LONGEST_PAUSE) };
                self.put_off(pause, reason).await
            }
            Halt::Trouble(Trouble::Final { reason }) => self.settle(Event::Refused(reason)).await,
        }
    }

    /// Waits after a failed try; after a day of them a person is asked.
    async fn put_off(&mut self, pause: SignedDuration, reason: String) -> Result<(), Failure> {
        let since = self.row.value.failing_since.unwrap_or(self.now());
        if self.now().duration_since(since) > PATIENCE {
            return self.settle(Event::Refused(format!("{reason}; given up after a day of trying"))).await;
        }
        self.wait(pause, reason, true).await
    }

    async fn wait(&mut self, after: SignedDuration, reason: String, is_failure: bool) -> Result<(), Failure> {
        let now = self.now();
        let until = now.saturating_add(after).unwrap_or(now);
        let send = &mut self.row.value;
        if is_failure {
            send.attempts = send.attempts.saturating_add(1);
            send.failing_since.get_or_insert(now);
        }
        send.not_before = (!after.is_zero()).then_some(until);
        send.waits_for = Some(reason).filter(|reason| !reason.is_empty());
        tracing::info!(tenant = %self.tenant, send = %send.id, %until, "a send waits: {}", send.waits_for.as_deref().unwrap_or("its turn is over"));
        self.put(Some(until)).await.map_err(Failure::from)
    }

    /// The send is over, or begins anew. What cannot be refused any more needs a person.
    async fn settle(&mut self, event: Event) -> Result<(), Failure> {
        let send = &mut self.row.value;
        send.forget_failures();
        if send.on(event.clone()).is_err() {
            let reason = match event {
                Event::Refused(reason) => reason,
                other => format!("{other:?} after the platform may have been told to mail"),
            };
            send.on(Event::Unclear(reason)).map_err(Failure::park)?;
        }
        if send.state.is_settled() {
            count(&format!("{:?}", send.state.status()));
            tracing::warn!(tenant = %self.tenant, send = %send.id, state = ?send.state.status(), "a send is settled");
        } else {
            send.wake = Work { send: send.id }.wake(Work::STAGE);
        }
        // Durable first, told then: a row that was not told falls due again.
        let now = self.now();
        self.put(Some(now)).await.map_err(Failure::from)?;
        match self.tell_outcome().await {
            Ok(()) => Ok(()),
            Err(trouble) => {
                tracing::warn!(tenant = %self.tenant, send = %self.row.value.id, "could not tell CRM of a send: {trouble}");
                let until = now.saturating_add(trouble::LONGEST_PAUSE).unwrap_or(now);
                self.row.value.attempts = self.row.value.attempts.saturating_add(1);
                // A day of trying is enough: the operators' page has it too.
                let is_over = self.row.value.attempts > 24 * 60;
                self.put(Some(until).filter(|_| !is_over)).await.map_err(Failure::from)
            }
        }
    }

    async fn tell_outcome(&mut self) -> Result<(), Trouble> {
        let settings = Settings::read(&self.deps.platform.ledger, &self.tenant).await?;
        let Some(settings) = settings.filter(|settings| settings.active) else { return Err(Trouble::SwitchedOff) };
        let crm = self.deps.connections.crm(&self.tenant, &settings).await?;
        self.tell(&*crm).await?;
        let due = (!self.row.value.state.is_settled()).then(|| self.now());
        self.put(due).await
    }

    /// What the delivery acts through. A send whose record is not wanted any more stops here.
    pub(crate) async fn hands(&mut self) -> Result<Hands, Halt> {
        let settings = Settings::read(&self.deps.platform.ledger, &self.tenant).await?;
        let settings = settings.ok_or_else(|| Trouble::last("the organization is no longer a customer"))?;
        let mailing = settings.mailing.clone();
        let mailing = mailing.ok_or_else(|| Trouble::last("your organization has no account for e-mail"))?;
        let crm = self.deps.connections.crm(&self.tenant, &settings).await?;
        let email = self.deps.connections.email(&self.tenant, &settings).await?;
        let hands = Hands { settings, mailing, crm, email };
        if self.row.value.state.is_settled() {
            self.tell_outcome().await?;
        }
        Ok(hands)
    }

    /// Whether the record still wants what was taken; it may have been cancelled, deleted or changed.
    pub(crate) async fn look_at_record(&mut self, hands: &Hands) -> Result<SendRecord, Halt> {
        let Some(record) = hands.crm.send_record(self.row.value.id).await? else {
            return Err(Halt::Event(Event::Cancelled));
        };
        if record.is_cancelled || !record.is_active {
            return Err(Halt::Event(Event::Cancelled));
        }
        let order = order_of(&record, &hands.mailing).map_err(Halt::refused)?;
        if order != self.row.value.order {
            let send = &mut self.row.value;
            (send.order, send.revision) = (order, send.revision.saturating_add(1));
            (send.staging, send.journal) = (Staging::default(), Journal::default());
            return Err(Halt::Event(Event::Edited));
        }
        if let Some(campaign) = self.row.value.order.campaign {
            let found = hands.crm.campaign(campaign).await?;
            let found = found.ok_or_else(|| Halt::refused("its campaign is not there any more"))?;
            if !found.is_on {
                let reason = format!("the campaign {} is switched off for e-mail", found.name);
                return Err(Halt::Later { after: SignedDuration::from_mins(5), reason });
            }
        }
        Ok(record)
    }

    /// Tells the record how far the send is, if it was not told yet.
    pub(crate) async fn tell(&mut self, crm: &dyn Crm) -> Result<(), Trouble> {
        if self.is_told() {
            return Ok(());
        }
        let status = self.row.value.state.status();
        match crm.tell_send(self.row.value.id, &self.report()).await {
            // A user deleted it: there is nobody to tell.
            Ok(()) | Err(crm::CrmError::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        self.row.value.told = Some(status);
        Ok(())
    }

    fn is_told(&self) -> bool {
        self.row.value.told == Some(self.row.value.state.status())
    }

    fn report(&self) -> SendReport {
        let send = &self.row.value;
        let mut excluded = send.staging.excluded.clone();
        if let Some((_, since)) = send.journal.opted_out {
            excluded.add(crate::send::WhyNot::OptedOutSince, since);
        }
        let counted = send.counted.as_ref();
        let totals = send.staging.parts.as_ref().map(|parts| SendTotals {
            listed: send.staging.listed,
            excluded: counted.map_or(excluded.total(), |counted| counted.excluded),
            accepted: counted.map(|counted| counted.accepted),
            failed: counted.map(|counted| counted.failed),
            exclusions: excluded.to_string(),
            parts: u64::try_from(parts.len()).unwrap_or(u64::MAX),
        });
        SendReport {
            status: send.state.status(),
            reason: match counted {
                Some(counted) if !counted.adds_up => {
                    "the totals do not add up; your administrator has the receipt".to_owned()
                }
                _ => send.state.reason().to_owned(),
            },
            totals,
            job: send.journal.job,
            released_on: send.journal.released_at,
        }
    }

    /// Whether the function's time is nearly over.
    pub(crate) fn is_late(&self) -> bool {
        self.now().duration_since(self.deadline) > -MARGIN
    }

    /// Waits a few seconds, where the delivery may; else somebody looks again after this time.
    pub(crate) async fn look_again(&self, after: SignedDuration, reason: String) -> Result<(), Halt> {
        if let Patience::Looks(pause) = self.deps.patience
            && !self.is_late()
        {
            tokio::time::sleep(pause).await;
            return Ok(());
        }
        Err(Halt::Later { after, reason })
    }

    /// Something was done, and is recorded before the next thing is.
    pub(crate) async fn done(&mut self) -> Result<(), Halt> {
        self.row.value.forget_failures();
        let due = self.lease.until();
        Ok(self.put(Some(due)).await?)
    }

    /// The next function's turn: recorded as due now, and told to its queue. A message that gets lost is one that `wake`
    /// pushes.
    pub(crate) async fn hand_over(&mut self, queue: &str) -> Result<(), Halt> {
        let work = Work { send: self.row.value.id };
        self.row.value.forget_failures();
        self.row.value.wake = work.wake(queue);
        let soon = self.now().saturating_add(SignedDuration::from_mins(1)).map_err(Trouble::bug)?;
        self.put(Some(soon)).await?;
        Ok(())
    }

    /// Nothing follows.
    pub(crate) async fn finish(&mut self) -> Result<(), Halt> {
        self.row.value.forget_failures();
        Ok(self.put(None).await?)
    }

    /// Writes the row if the lease is still ours. Beside its holder only `wake` writes it, which moves the time.
    async fn put(&mut self, due: Option<Timestamp>) -> Result<(), Trouble> {
        loop {
            let new = NewRow::new(self.key.clone(), &self.row.value).due_at(due);
            let write = Write::replace(&self.key, self.row.version, new)?;
            match self.deps.platform.ledger.transact(vec![self.lease.guard(), write]).await {
                Ok(()) => {
                    self.row.version += 1;
                    return Ok(());
                }
                Err(TableError::Conflict { key, .. }) if key == self.key => {
                    let stored = self.deps.platform.ledger.get::<Send>(&self.key).await?;
                    self.row.version = stored.ok_or_else(|| Trouble::bug("the send's row is gone"))?.version;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.deps.clock().now()
    }

    pub(crate) fn id(&self) -> CrmId {
        self.row.value.id
    }
}

/// How a delivery of a send ended: the dashboard's figure.
fn count(outcome: &str) {
    metric("Sends", 1.0, Unit::Count, &[("Outcome", outcome)]);
}

/// The bucket is away for a while, or for good.
pub(crate) fn bucket_trouble(error: BucketError) -> Halt {
    let trouble = if error.is_transient() {
        Trouble::Passing { reason: error.to_string(), after: None }
    } else {
        Trouble::bug(error)
    };
    trouble.into()
}

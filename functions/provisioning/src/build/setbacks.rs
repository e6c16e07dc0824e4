//! What becomes of a site whose next step cannot be done now, or ever: it waits, or is refused and that is told.

use crm::{Note, RequestState};
use domain::{CrmId, SignedDuration, Timestamp};
use platform::{Failure, TableError};
use tenants::{Settings, Trouble, trouble};

use super::{Desk, count, note_id, steps};
use crate::{
    press::later,
    site::{Event, Failing},
};

/// How long tries may fail without any step being done, before a person is asked.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);
/// A try that comes so late was nobody's wait: the instance was paused, or the message lay somewhere until a person gave
/// it back. What failed before says nothing of today. Far longer than `wake` and a crashed delivery take.
const OVERDUE: SignedDuration = SignedDuration::from_hours(1);

impl Desk<'_> {
    pub(super) async fn put_off(&mut self, reason: String, after: Option<SignedDuration>) -> Result<(), Failure> {
        if self.is_patient() {
            self.wait(reason, after).await
        } else {
            self.refuse(format!("{reason}; given up after a day of trying")).await
        }
    }

    fn is_patient(&self) -> bool {
        self.now().duration_since(self.failing_since()) <= PATIENCE
    }

    /// Since when tries fail, if this one does.
    fn failing_since(&self) -> Timestamp {
        let now = self.now();
        let failing = self.row.value.failing.filter(|failing| now.duration_since(failing.next) <= OVERDUE);
        failing.map_or(now, |failing| failing.since)
    }

    async fn wait(&mut self, reason: String, after: Option<SignedDuration>) -> Result<(), Failure> {
        let (now, site) = (self.now(), &self.row.value);
        let pause = after.unwrap_or(SignedDuration::ZERO).max(trouble::pause(site.attempts));
        // A breath is no failed try; everything else is.
        let is_breath = after == Some(SignedDuration::ZERO);
        let until = later(now, if is_breath { SignedDuration::ZERO } else { pause });
        if !is_breath {
            let since = self.failing_since();
            self.row.value.attempts += 1;
            self.row.value.failing = Some(Failing { since, next: until });
        }
        self.delay(until, reason).await
    }

    pub(super) async fn delay(&mut self, until: Timestamp, reason: String) -> Result<(), Failure> {
        tracing::warn!(tenant = %self.tenant, record = %self.row.value.record, %until, "put off: {reason}");
        self.row.value.on(Event::Delayed { until, reason }).map_err(Failure::park)?;
        self.write(Some(until)).await?;
        count("put-off");
        Ok(())
    }

    /// A refusal becomes a state with its reason, an answer to the requests, and a note on the record.
    pub(super) async fn refuse(&mut self, reason: String) -> Result<(), Failure> {
        let at = self.now();
        tracing::warn!(tenant = %self.tenant, record = %self.row.value.record, "refused a site");
        let note =
            note_id(&self.tenant, &self.row.value, &format!("refused {} {reason}", self.row.value.requests.len()));
        loop {
            // Told first: a delivery that stops in between tells again under the same ids.
            match self.tell_refusal(&reason, note).await {
                Ok(()) => {}
                // Nobody is left with a request that looks taken: it is found out and told again when CRM is back.
                Err(Trouble::Passing { after, .. }) if self.is_patient() => return self.wait(reason, after).await,
                Err(Trouble::SignIn { until: Some(until), .. }) if self.is_patient() => {
                    return self.wait(reason, Some(self.look_again_in(until))).await;
                }
                // Without the ledger nobody can be told, and nothing is refused: the message comes again.
                Err(Trouble::Ledger(error)) => return Err(error.into()),
                Err(error) => tracing::warn!(tenant = %self.tenant, "could not tell CRM of a refusal: {error}"),
            }
            let unfinished = self.row.value.clone();
            self.row.value.on(Event::Refused { reason: reason.clone(), at }).map_err(Failure::park)?;
            match self.put(None).await {
                Ok(()) => break,
                // Somebody pressed meanwhile. A refused site is not begun again for a request that it has: it is told too.
                Err(TableError::Conflict { key, .. }) if key == self.key => {
                    self.row.value = unfinished;
                    self.take_in_presses().await?;
                }
                Err(error) => return Err(Trouble::from(error).into()),
            }
        }
        count("refused");
        Ok(())
    }

    async fn tell_refusal(&self, reason: &str, note: CrmId) -> Result<(), Trouble> {
        let settings = Settings::read(&self.deps.platform.ledger, &self.tenant).await?;
        let Some(settings) = settings.filter(|settings| settings.active) else { return Ok(()) };
        let crm = self.deps.connections.crm(&self.tenant, &settings).await?;
        let site = &self.row.value;
        for request in &site.requests {
            steps::answer(&*crm, *request, &RequestState::Refused(reason.to_owned())).await?;
        }
        let note = Note {
            id: note,
            subject: "No SharePoint site".to_owned(),
            text: format!("The SharePoint site could not be made: {}.", reason.trim_end_matches('.')),
        };
        match crm.add_note(site.record, &note).await {
            // The record itself is gone.
            Err(crm::CrmError::NotFound { .. }) => Ok(()),
            other => Ok(other?),
        }
    }

    /// A refused sign-in may mean that the secret was rotated: it is read anew, and only a second refusal is final. One
    /// that is only remembered is none: the service was not asked, and may be well again.
    pub(super) async fn sign_in_anew(
        &mut self,
        service: &'static str,
        until: Option<Timestamp>,
    ) -> Result<(), Failure> {
        let is_new = self.deps.connections.forget(&self.tenant, service).await;
        let name = if service == "crm" { "CRM" } else { "SharePoint" };
        let reason = format!("{name} refuses Tieline's sign-in; ask your administrator");
        if let Some(until) = until {
            return self.put_off(reason, Some(self.look_again_in(until))).await;
        }
        let is_first = self.row.value.refused_sign_ins == 0;
        self.row.value.refused_sign_ins += 1;
        if is_new || is_first { self.put_off(reason, None).await } else { self.refuse(reason).await }
    }

    /// The service is not asked until then. A look each minute costs it nothing, and finds a secret that was stored
    /// meanwhile (ST-40, P7).
    fn look_again_in(&self, until: Timestamp) -> SignedDuration {
        until.duration_since(self.now()).min(trouble::LONGEST_PAUSE)
    }
}

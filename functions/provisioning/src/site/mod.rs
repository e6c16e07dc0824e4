//! What the engine knows of one record's site: the row `SITE#<kind>#<id>`.
//!
//! The row is the claim (one per record, whoever presses), the journal (which steps are done) and the status that
//! people see. Start at [`Site`]; its life is [`SiteState`].

mod link;
mod naming;
mod state;
mod step;

use crm::{Person, Reason};
use domain::{CrmId, RecordRef, TenantId, Timestamp};
use platform::Key;
use serde::{Deserialize, Serialize};
use sharepoint::{ListRef, Web, WebName};

pub use link::{Link, NotALink};
pub use naming::{candidates, mark, title};
pub use state::{Event, IllegalMove, SiteState};
pub use step::Step;

/// One record's site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Whose site it is.
    pub record: RecordRef,
    /// The unguessable part of its status page's address.
    pub link: Link,
    /// The request records that asked for it, oldest first; all of them are answered.
    pub requests: Vec<CrmId>,
    /// How many of them were told that they are taken, from the oldest on.
    #[serde(default)]
    pub told: usize,
    /// How far it is.
    pub state: SiteState,
    /// The steps that are done, in the order in which they were.
    pub journal: Vec<Done>,
    /// What is known of the site and was needed to make it.
    pub facts: Facts,
    /// Tries since the last step that was done.
    pub attempts: u32,
    /// Sign-ins that were refused since the last step that was done.
    #[serde(default)]
    pub refused_sign_ins: u32,
    /// When the last step was done, or the site was claimed. An older version of the code wants it.
    pub progressed_at: Timestamp,
    /// Since when tries fail; `None` if none did since the last step that was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing: Option<Failing>,
    /// What to queue when the row is due; the `wake` function reads only this.
    pub wake: Wake,
}

/// Tries that fail, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failing {
    /// When the first of them failed.
    pub since: Timestamp,
    /// When the next one was to follow the last of them.
    pub next: Timestamp,
}

/// A step that is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Which.
    pub step: Step,
    /// Since when.
    pub at: Timestamp,
}

/// What the steps learn and later ones need.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The record's name when the building began: a rename in mid-flow does not change half a site.
    pub name: Option<String>,
    /// The name of the record's owner then.
    pub owner: Option<String>,
    /// The web's name, decided before it is made.
    pub web_name: Option<WebName>,
    /// The web.
    pub web: Option<Web>,
    /// Its lists.
    pub lists: Vec<ListRef>,
    /// How many of its people have access.
    #[serde(default)]
    pub members: usize,
    /// The people of the record, and what became of each; those left out first, and of a very large team not all.
    pub people: Vec<Member>,
}

/// A person of the record on the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The CRM user.
    pub user: CrmId,
    /// The name people know.
    pub name: String,
    /// Whether and why.
    pub outcome: Outcome,
    /// Why the person is on the record: `owner`, `share`, `team <name>`.
    pub reasons: Vec<String>,
}

/// Whether a person of the record is on the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// May change things.
    Contributor,
    /// May look.
    Reader,
    /// Disabled in CRM, so left out.
    Disabled,
    /// The tenant's rule names no sign-in name.
    NoLogin,
    /// SharePoint does not know the sign-in name.
    Unknown,
}

impl Outcome {
    /// Why somebody is not on the site, to follow a name; `None` for those who are.
    pub const fn why_not(self) -> Option<&'static str> {
        match self {
            Self::Contributor | Self::Reader => None,
            Self::Disabled => Some("is disabled in CRM"),
            Self::NoLogin => Some("has no SharePoint sign-in name by your organization's rule"),
            Self::Unknown => Some("is not known to SharePoint"),
        }
    }
}

impl Member {
    /// The person with an outcome.
    pub fn of(person: &Person, outcome: Outcome) -> Self {
        let reasons = person.reasons.iter().map(|reason| match reason {
            Reason::Owner => "owner".to_owned(),
            Reason::Share => "share".to_owned(),
            Reason::TeamShare(team) => format!("team {team}"),
        });
        Self { user: person.id, name: person.name.clone(), outcome, reasons: reasons.collect() }
    }

    /// Whether the person has access now.
    pub fn has_access(&self) -> bool {
        self.outcome.why_not().is_none()
    }
}

/// What wakes a row: a message for a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wake {
    /// The queue's name.
    pub queue: String,
    /// The message, as the queue's function reads it.
    pub message: serde_json::Value,
}

/// The message of the queue `build-site`.
///
/// It says whose site, and the row says the rest, so that messages of other versions of the code stay readable: what is
/// not known is ignored, a field that comes later has a default, and a message without a record is parked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildSite {
    /// Whose site to build.
    pub record: RecordRef,
}

impl BuildSite {
    /// The name of the queue.
    pub const QUEUE: &'static str = "build-site";
}

impl Site {
    /// A site that is claimed and not begun.
    pub fn claimed(record: RecordRef, request: CrmId, link: Link, now: Timestamp) -> Self {
        let message = serde_json::json!({ "record": record });
        Self {
            record,
            link,
            requests: vec![request],
            told: 0,
            state: SiteState::Claimed,
            journal: Vec::new(),
            facts: Facts::default(),
            attempts: 0,
            refused_sign_ins: 0,
            progressed_at: now,
            failing: None,
            wake: Wake { queue: BuildSite::QUEUE.to_owned(), message },
        }
    }

    /// The row's key.
    pub fn key(tenant: &TenantId, record: RecordRef) -> Key {
        Key::new(tenant, format!("SITE#{}#{}", record.kind.entity(), record.id))
    }

    /// Whether a step is done.
    pub fn is_done(&self, step: Step) -> bool {
        self.journal.iter().any(|done| done.step == step)
    }

    /// The first step that is not done.
    pub fn next_step(&self) -> Option<Step> {
        Step::ALL.into_iter().find(|step| !self.is_done(*step))
    }

    /// Nothing has failed: a step was done, a person pressed anew, or the tenant was switched off meanwhile.
    pub fn forget_failures(&mut self) {
        (self.attempts, self.refused_sign_ins, self.failing) = (0, 0, None);
    }

    /// Moves the state on; nothing else changes.
    pub fn on(&mut self, event: Event) -> Result<(), IllegalMove> {
        self.state = self.state.clone().on(event)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;

//! The status page: what a person who pressed sees until the site is there, and afterwards.
//!
//! Whoever has the unguessable link sees one site's progress. The page works without script (it then reloads itself);
//! with script it asks for itself again and repaints. Programs get the same as JSON.

mod page;

use domain::{TenantId, Timestamp};
use platform::{Row, TableError};
use serde::Serialize;

use crate::{
    Deps,
    site::{Link, Site, SiteState, Step},
};
pub use page::{PAGE_ICON, PAGE_SCRIPT, PAGE_STYLE, unknown, view};

/// What the page shows, and the JSON form of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// `claimed`, `building`, `waiting`, `ready` or `refused`.
    pub state: &'static str,
    /// The record's name; absent until it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The steps in order.
    pub steps: Vec<StepStatus>,
    /// Why it waits or was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it goes on by itself, while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The finished site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// How many people can open it.
    pub members: usize,
    /// The people of the record who cannot open it, and why.
    pub left_out: Vec<LeftOut>,
}

/// A step on the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepStatus {
    /// In words.
    pub label: &'static str,
    /// Whether it is done.
    pub done: bool,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// A person who cannot open the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The name people know.
    pub name: String,
    /// Why, in words.
    pub reason: &'static str,
}

impl Status {
    /// What there is to say about a site.
    pub fn of(site: &Site) -> Self {
        let done = |step: Step| site.journal.iter().find(|done| done.step == step).map(|done| done.at);
        let steps = Step::ALL.into_iter().map(|step| StepStatus {
            label: step.label(),
            done: done(step).is_some(),
            at: done(step),
        });
        let (reason, until, address) = match &site.state {
            SiteState::Claimed | SiteState::Building => (None, None, None),
            SiteState::Waiting { until, reason } => (Some(reason.clone()), Some(*until), None),
            SiteState::Ready { url, .. } => (None, None, Some(url.clone())),
            SiteState::Refused { reason, .. } => (Some(reason.clone()), None, None),
        };
        let left_out = site
            .facts
            .people
            .iter()
            .filter_map(|member| Some(LeftOut { name: member.name.clone(), reason: member.outcome.why_not()? }));
        Self {
            state: site.state.name(),
            title: site.facts.name.as_deref().map(|name| crate::site::title(site.record, name)),
            steps: steps.collect(),
            reason,
            until,
            site: address,
            members: site.facts.members,
            left_out: left_out.collect(),
        }
    }
}

/// The site that a link leads to; `None` if it leads nowhere.
pub async fn find(deps: &Deps, tenant: &TenantId, link: &Link) -> Result<Option<Site>, TableError> {
    let ledger = &deps.platform.ledger;
    let Some(pointer) = ledger.get(&link.key(tenant)).await? else { return Ok(None) };
    let site: Option<Row<Site>> = ledger.get(&Site::key(tenant, pointer.value)).await?;
    // The pointer is written with the claim, so the two agree; a row restored from an old copy might not.
    Ok(site.map(|row| row.value).filter(|site| site.link == *link))
}

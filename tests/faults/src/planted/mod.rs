//! Mistakes that somebody could make, planted at a port: the product's code is as it deploys, and what is behind it lies
//! as the mistake would. A harness that does not find them proves nothing.

use domain::Timestamp;
use platform::table::raw::{Item, RawWrite};
use serde_json::{Value, json};

/// One planted mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Planted {
    /// A step is in the journal before it is done.
    RecordedBeforeAct,
    /// Nothing is conditional on the lease or on the version that was read: the last one to write wins.
    NoFence,
    /// The lease ends while its holder is still at work.
    LeaseTooShort,
    /// A second press that meets a write of somebody else is dropped, and answered as taken.
    PressLost,
    /// Work that has begun is no longer due: only the queue would bring it back.
    DueLost,
    /// The page says ready when the people are in and CRM is not told.
    ReadyTooEarly,
    /// The lists' own roles are in the journal with the groups: people may come in before the lists are protected.
    ProtectionSkipped,
    /// What was lost on the way is tried again before it can have landed.
    LandingNotAwaited,
    /// A process does not see that its time is over.
    WorksPastItsTime,
    /// The look before rows are added finds none.
    RowsNotLookedFor,
    /// A try that follows another does not know the group by its name, and makes one of another name.
    GroupMadeTwice,
    /// People who were to be let in before are not let in again.
    MemberLostOnRetry,
    /// A web is made without the mark that says whose it is.
    WebWithoutMark,
    /// A refusal is not told to whoever pressed.
    RefusalSwallowed,
    /// The time that a service names is not read.
    RetryAfterIgnored,
}

impl Planted {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::RecordedBeforeAct,
        Self::NoFence,
        Self::LeaseTooShort,
        Self::PressLost,
        Self::DueLost,
        Self::ReadyTooEarly,
        Self::ProtectionSkipped,
        Self::LandingNotAwaited,
        Self::WorksPastItsTime,
        Self::RowsNotLookedFor,
        Self::GroupMadeTwice,
        Self::MemberLostOnRetry,
        Self::WebWithoutMark,
        Self::RefusalSwallowed,
        Self::RetryAfterIgnored,
    ];

    pub(crate) const fn of_ledger(self) -> Option<LedgerBug> {
        Some(match self {
            Self::RecordedBeforeAct => LedgerBug::RecordedBeforeAct,
            Self::NoFence => LedgerBug::NoFence,
            Self::LeaseTooShort => LedgerBug::LeaseTooShort,
            Self::PressLost => LedgerBug::PressLost,
            Self::DueLost => LedgerBug::DueLost,
            Self::ReadyTooEarly => LedgerBug::ReadyTooEarly,
            Self::ProtectionSkipped => LedgerBug::ProtectionSkipped,
            Self::LandingNotAwaited => LedgerBug::LandingNotAwaited,
            _ => return None,
        })
    }
}

/// A mistake in what is asked of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LedgerBug {
    RecordedBeforeAct,
    NoFence,
    LeaseTooShort,
    PressLost,
    DueLost,
    ReadyTooEarly,
    ProtectionSkipped,
    LandingNotAwaited,
}

/// What a write is, if whoever asks for it is wrong.
pub(crate) enum WriteBecomes {
    Itself,
    Another(RawWrite),
    OfAnyVersion(Item),
    Nothing,
}

/// The steps of a site's journal, as the row names them. Written out here: a planted mistake knows what it breaks.
const STEPS: [&str; 8] = ["web", "lists", "links", "pages", "groups", "roles", "members", "record"];

impl LedgerBug {
    pub(crate) fn on_write(self, write: &RawWrite) -> WriteBecomes {
        let item = match write {
            RawWrite::Check(..) if self == Self::NoFence => return WriteBecomes::Nothing,
            RawWrite::Replace(item) if item.key.sort.starts_with("SITE#") => item,
            _ => return WriteBecomes::Itself,
        };
        if self == Self::NoFence {
            return WriteBecomes::OfAnyVersion(item.clone());
        }
        let Ok(mut site) = serde_json::from_str::<Value>(&item.body) else { return WriteBecomes::Itself };
        let (mut due_at, done) = (item.due_at, site["journal"].as_array().map_or(0, Vec::len));
        let is_building = site["state"]["is"] == "building";
        let at = site["progressed_at"].clone();
        match self {
            Self::RecordedBeforeAct if is_building && (1..STEPS.len() - 1).contains(&done) => {
                record(&mut site, STEPS[done], &at);
            }
            Self::ProtectionSkipped if is_building && done == 5 => record(&mut site, "roles", &at),
            Self::DueLost if is_building => due_at = None,
            Self::ReadyTooEarly if is_building && done == 7 => {
                site["state"] = json!({ "is": "ready", "url": site["facts"]["web"]["url"], "at": at });
            }
            Self::LandingNotAwaited if site["state"]["is"] == "waiting" => {
                site["state"]["until"] = json!(Timestamp::UNIX_EPOCH);
                due_at = due_at.map(|_| Timestamp::UNIX_EPOCH);
            }
            _ => return WriteBecomes::Itself,
        }
        WriteBecomes::Another(RawWrite::Replace(Item { body: site.to_string(), due_at, ..item.clone() }))
    }

    pub(crate) fn on_read(self, mut item: Item) -> Item {
        if self == Self::LeaseTooShort
            && item.key.sort.starts_with("LEASE#")
            && let Ok(mut lease) = serde_json::from_str::<Value>(&item.body)
        {
            lease["until"] = json!(Timestamp::UNIX_EPOCH);
            item.body = lease.to_string();
        }
        item
    }
}

fn record(site: &mut Value, step: &str, at: &Value) {
    if let Some(journal) = site["journal"].as_array_mut() {
        journal.push(json!({ "step": step, "at": at }));
    }
}

//! Mistakes that somebody could make, planted at a port: the product's code is as it deploys, and what is behind it lies
//! as the mistake would. A harness that does not find them proves nothing.

mod sends;
mod sites;

use domain::Timestamp;
use platform::table::raw::{Item, RawWrite};
use serde_json::{Value, json};

use crate::Subject;

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
    /// A release is not written down before it is made: whoever comes after a lost answer makes it again.
    BlindRelease,
    /// A send has another key in each process.
    RandomKey,
    /// Nobody waits until a release whose answer is lost can be seen.
    NoQuietWindow,
    /// Who opted out after the people were read is asked, and not excluded.
    ExcludedAtStagingOnly,
    /// The definition is in the journal before it is made.
    DefinedBeforeAct,
    /// An import that took fewer people than the part has is as good as any.
    CountsIgnored,
    /// A part that is handed over again has other content under the same name.
    PartOverwritten,
    /// Work that was handed over and has begun is no longer due.
    ChainCut,
    /// An empty answer to a question that the platform does not understand is believed.
    FilterBelieved,
}

impl Planted {
    /// Those of sites.
    const SITES: [Self; 15] = [
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

    /// Those of sends.
    const SENDS: [Self; 12] = [
        Self::BlindRelease,
        Self::RandomKey,
        Self::NoQuietWindow,
        Self::ExcludedAtStagingOnly,
        Self::DefinedBeforeAct,
        Self::NoFence,
        Self::CountsIgnored,
        Self::PartOverwritten,
        Self::ChainCut,
        Self::FilterBelieved,
        Self::LeaseTooShort,
        Self::RetryAfterIgnored,
    ];

    /// Those that the histories of a subject have to catch.
    pub const fn of(subject: Subject) -> &'static [Self] {
        match subject {
            Subject::Sites => &Self::SITES,
            Subject::Sends => &Self::SENDS,
        }
    }

    /// What a write to the ledger becomes.
    pub(crate) fn on_write(self, write: &RawWrite) -> WriteBecomes {
        let item = match write {
            RawWrite::Check(..) if self == Self::NoFence => return WriteBecomes::Nothing,
            RawWrite::Replace(item) => item,
            _ => return WriteBecomes::Itself,
        };
        let change = match item.key.sort.split_once('#') {
            Some(("SITE", _)) => sites::on_write,
            Some(("SEND", _)) => sends::on_write,
            _ => return WriteBecomes::Itself,
        };
        if self == Self::NoFence {
            return WriteBecomes::OfAnyVersion(item.clone());
        }
        let Ok(mut row) = serde_json::from_str::<Value>(&item.body) else { return WriteBecomes::Itself };
        let mut due_at = item.due_at;
        if !change(self, &mut row, &mut due_at) {
            return WriteBecomes::Itself;
        }
        WriteBecomes::Another(RawWrite::Replace(Item { body: row.to_string(), due_at, ..item.clone() }))
    }

    /// What is read from the ledger becomes.
    pub(crate) fn on_read(self, mut item: Item) -> Item {
        let Ok(mut row) = serde_json::from_str::<Value>(&item.body) else { return item };
        let is_changed = match item.key.sort.split_once('#') {
            Some(("LEASE", _)) if self == Self::LeaseTooShort => {
                row["until"] = json!(Timestamp::UNIX_EPOCH);
                true
            }
            Some(("SEND", _)) => sends::on_read(self, &mut row),
            _ => false,
        };
        if is_changed {
            item.body = row.to_string();
        }
        item
    }
}

/// What a write is, if whoever asks for it is wrong.
pub(crate) enum WriteBecomes {
    Itself,
    Another(RawWrite),
    OfAnyVersion(Item),
    Nothing,
}

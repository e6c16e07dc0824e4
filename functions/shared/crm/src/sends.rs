//! What a CRM says of mails to many: the send records, and the people whom they are for.

use domain::{CrmId, Timestamp};
use serde::{Deserialize, Serialize};

/// One mail to many, as a user made it in CRM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendRecord {
    /// Its id.
    pub id: CrmId,
    /// What people call it.
    pub name: String,
    /// Everything that is named as who gets it. One is right; none and several are a user's mistakes, and told as such.
    pub targets: Vec<Target>,
    /// The campaign that it counts for.
    pub campaign: Option<CrmId>,
    /// The number of the mail at the e-mail platform; `None` where it is none.
    pub email: Option<u64>,
    /// The subject, where it is not the mail's own.
    pub subject: Option<String>,
    /// Not to be mailed before this; `None`: as soon as it can be.
    pub not_before: Option<Timestamp>,
    /// Whether it waits for somebody's approval.
    pub is_held: bool,
    /// Whether a user wants it not to be mailed.
    pub is_cancelled: bool,
    /// Whether it was deactivated.
    pub is_active: bool,
    /// How far it came.
    pub status: SendStatus,
    /// Who owns it.
    pub owner: CrmId,
}

/// Whom a send goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// The members of a campaign's lists.
    Campaign(CrmId),
    /// The members of a marketing list.
    List(CrmId),
    /// One lead.
    Lead(CrmId),
    /// One contact.
    Contact(CrmId),
    /// One account.
    Account(CrmId),
}

/// The kinds of record that have an address. The order is that in which one of two records of the same address is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecipientKind {
    /// A contact.
    Contact,
    /// A lead.
    Lead,
    /// An account.
    Account,
}

impl RecipientKind {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Contact, Self::Lead, Self::Account];

    /// CRM's logical name of the entity.
    pub const fn entity(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Lead => "lead",
            Self::Account => "account",
        }
    }
}

/// How far a send came, as its record says it. Numbers: `infra/crm/entities.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SendStatus {
    /// Made, and not taken yet.
    New,
    /// The people are being read.
    Collecting,
    /// Everything is prepared; somebody has to agree.
    Held,
    /// The people are on their way to the e-mail platform.
    Importing,
    /// The platform is being told to mail.
    Releasing,
    /// The platform was told, and mails.
    Released,
    /// All mails left, and all is counted.
    Sent,
    /// A user did not want it any more.
    Cancelled,
    /// It cannot be done, for a reason that is told.
    Refused,
    /// Nobody but a person can tell what is to be done.
    NeedsPerson,
}

impl SendStatus {
    /// All of them, by their numbers from 1.
    pub const ALL: [Self; 10] = [
        Self::New,
        Self::Collecting,
        Self::Held,
        Self::Importing,
        Self::Releasing,
        Self::Released,
        Self::Sent,
        Self::Cancelled,
        Self::Refused,
        Self::NeedsPerson,
    ];
}

/// What is told of a send on its record. Set as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendReport {
    /// How far it came.
    pub status: SendStatus,
    /// Why, for people; empty where there is nothing to say.
    pub reason: String,
    /// What was counted, as far as it is known.
    pub totals: Option<SendTotals>,
    /// The number of the platform's job.
    pub job: Option<u64>,
    /// When the platform was told to mail.
    pub released_on: Option<Timestamp>,
}

/// What was counted of a send: `listed = excluded + accepted + failed` (FX-03).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SendTotals {
    /// Everybody on the lists, each as often as they are listed.
    pub listed: u64,
    /// Those who were left out.
    pub excluded: u64,
    /// Those whom the platform mailed; `None` before it did.
    pub accepted: Option<u64>,
    /// Those whom it could not mail; `None` before it tried.
    pub failed: Option<u64>,
    /// The reasons of those who were left out, for people.
    pub exclusions: String,
    /// How many parts went to the platform.
    pub parts: u64,
}

/// A campaign, as far as sends need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// Its name.
    pub name: String,
    /// Whether mails are sent for it (EX-13).
    pub is_on: bool,
    /// Its marketing lists, in the order of their ids.
    pub lists: Vec<CrmId>,
}

/// A marketing list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarketingList {
    /// Its name.
    pub name: String,
    /// What its members are; a list has one kind. `None`: a kind that no mail goes to.
    pub kind: Option<RecipientKind>,
    /// Whether it is active.
    pub is_active: bool,
}

/// Which records are read as recipients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Among {
    /// The members of a list.
    MembersOf(CrmId),
    /// This one.
    Only(CrmId),
    /// Those who opted out and were changed at or after this time.
    OptedOutSince(Timestamp),
}

/// Where reading goes on: after a page. Kept as it is, and good for the same question only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The number of the next page, from 1.
    pub page: u32,
    /// What CRM gave with the page before.
    pub cookie: Option<String>,
}

/// One record of a page.
pub trait Recipient {
    /// A value as text, as CRM's own query gives it; `None` where it has none.
    fn value(&self, attribute: &str) -> Option<&str>;
}

/// Takes a page's records as they are read. A page that ends with an error was not read: what was taken of it is dropped.
pub type Each<'e> = &'e mut (dyn FnMut(&dyn Recipient) + Send);

/// A CRM user, as mails name them (EX-50).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The user's id.
    pub id: CrmId,
    /// The full name.
    pub name: String,
    /// The address; empty if CRM has none.
    pub email: String,
}

//! What Tieline asks of a CRM.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::{CrmId, RecordRef, SignedDuration, Timestamp};

use crate::{Among, Campaign, Cursor, Each, MarketingList, Owner, RecipientKind, SendRecord, SendReport};

/// One tenant's CRM. Every call acts as the tenant's integration user.
///
/// Reads may be repeated freely. Writes are absolute (they set, never add), so that a repeat changes nothing.
#[async_trait]
pub trait Crm: Send + Sync {
    /// The integration user: proves that sign-in works.
    async fn who_am_i(&self) -> Result<CrmId, CrmError>;

    /// What the engine needs of this CRM and does not find, each thing once. Only asks: nothing is made or changed.
    async fn lacks(&self) -> Result<Vec<Lack>, CrmError>;

    /// The request record that a press speaks of; `None` if CRM does not have it.
    async fn request_record(&self, id: CrmId) -> Result<Option<RequestRecord>, CrmError>;

    /// Request records still new and made at or after `since`, oldest first, at most `limit` (1 to 5,000). One that
    /// cannot be read is left out and logged by its id: it must not hide the others.
    async fn unanswered_requests(&self, since: Timestamp, limit: usize) -> Result<Vec<RequestRecord>, CrmError>;

    /// Sets the state of a request record, with the reason of a refusal or the address of the site.
    async fn answer_request(&self, id: CrmId, state: &RequestState) -> Result<(), CrmError>;

    /// An account; `None` if CRM does not have it (any more).
    async fn account(&self, id: CrmId) -> Result<Option<Account>, CrmError>;

    /// What a user may do with a record, by CRM's own answer (roles, ownership and shares together).
    async fn access(&self, user: CrmId, target: RecordRef) -> Result<Access, CrmError>;

    /// Who works on a record: its owner and everyone it is shared with,
    /// teams resolved to their users (ST-04). Each person once, ordered by name then id, disabled users included. A user
    /// whom CRM does not show to the integration user has the id for a name, and no login.
    async fn people(&self, target: RecordRef) -> Result<Vec<Person>, CrmError>;

    /// Writes the site onto the record (ST-10, ST-12).
    async fn write_site(&self, target: RecordRef, site: &SiteOnRecord) -> Result<(), CrmError>;

    /// Puts a note on a record. The note's id is the caller's: a note that is already there is left as it is.
    async fn add_note(&self, target: RecordRef, note: &Note) -> Result<(), CrmError>;

    /// Send records that are new, active and not to be mailed later than `now`, oldest first, at most `limit` (1 to 5,000).
    /// One that cannot be read is left out and logged by its id.
    async fn due_sends(&self, now: Timestamp, limit: usize) -> Result<Vec<SendRecord>, CrmError>;

    /// A send record; `None` if CRM does not have it (any more).
    async fn send_record(&self, id: CrmId) -> Result<Option<SendRecord>, CrmError>;

    /// Writes what is known of a send on its record, in place of what was there.
    async fn tell_send(&self, id: CrmId, report: &SendReport) -> Result<(), CrmError>;

    /// A campaign with its lists; `None` if CRM does not have it.
    async fn campaign(&self, id: CrmId) -> Result<Option<Campaign>, CrmError>;

    /// A marketing list; `None` if CRM does not have it.
    async fn marketing_list(&self, id: CrmId) -> Result<Option<MarketingList>, CrmError>;

    /// Reads a page of at most 5,000 records, in an order that stays, and hands each to `each` with these attributes. What
    /// the next page is asked for with; `None` after the last. An attribute that CRM does not have is
    /// [`CrmError::Refused`].
    async fn recipients(
        &self,
        kind: RecipientKind,
        among: Among,
        attributes: &[String],
        after: Option<&Cursor>,
        each: Each<'_>,
    ) -> Result<Option<Cursor>, CrmError>;

    /// Every user: who owns records, and how mails name them.
    async fn owners(&self) -> Result<Vec<Owner>, CrmError>;
}

/// Something that a CRM does not have and the engine cannot do without.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// An entity.
    Entity(String),
    /// An attribute of an entity that is there.
    Attribute {
        /// The entity.
        entity: String,
        /// Its attribute.
        attribute: String,
    },
    /// A privilege of the integration user.
    Privilege {
        /// Its name in CRM, such as `prvReadAccount`.
        name: String,
        /// Whether the user has it, but not for all records of the organization.
        is_partial: bool,
    },
    /// Not known: the user may not read this entity, so nobody can see its attributes.
    Unseen(String),
}

/// The record that the packaged button makes in CRM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRecord {
    /// Its id.
    pub id: CrmId,
    /// The record it asks a site for. `None` when its two statements of the target disagree or name another kind.
    pub target: Option<RecordRef>,
    /// When CRM says it was made.
    pub created_on: Timestamp,
    /// Who made it, by CRM's own account.
    pub created_by: CrmId,
    /// How far it came.
    pub state: RequestState,
}

/// How far a request record came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// Made by the button, not yet read.
    New,
    /// Taken: a site is being built.
    Accepted,
    /// The site is there, at this address.
    Ready(String),
    /// Refused, with a reason for people.
    Refused(String),
}

/// An account, as far as a site needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: CrmId,
    /// Its name as people see it; may be up to 160 characters of any script, or empty.
    pub name: String,
    /// Whether it is active; a deactivated account gets no site.
    pub active: bool,
    /// Who owns it.
    pub owner: CrmId,
    /// The owner's name, as CRM writes it beside the id; `None` if it does not.
    pub owner_name: Option<String>,
    /// The site it already has, if CRM says so.
    pub site_url: Option<String>,
}

/// What a user may do with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Access {
    /// See it.
    pub read: bool,
    /// Change it.
    pub write: bool,
}

/// A person who works on a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The user's id.
    pub id: CrmId,
    /// The full name.
    pub name: String,
    /// The sign-in name, as `DOMAIN\name`; empty if CRM does not show it.
    pub login: String,
    /// The e-mail address, if CRM has one.
    pub email: Option<String>,
    /// Whether the user is disabled in CRM.
    pub disabled: bool,
    /// The most that any of the reasons gives.
    pub access: Access,
    /// Why the person is here; at least one.
    pub reasons: Vec<Reason>,
}

/// Why a person works on a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Owns it.
    Owner,
    /// It is shared with them.
    Share,
    /// It is shared with a team of this name that they are in.
    TeamShare(String),
}

/// What CRM keeps of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteOnRecord {
    /// The address.
    pub url: String,
    /// List title to list id.
    pub lists: BTreeMap<String, String>,
}

/// A note on a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Chosen by the caller, a pure function of what the note says: writing it twice makes one.
    pub id: CrmId,
    /// The subject line, at most 500 characters.
    pub subject: String,
    /// The text, at most 100,000 characters.
    pub text: String,
}

/// What can go wrong with a CRM.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CrmError {
    /// Could not be reached, was busy, timed out, or answered what is no answer. Ask the inner error whether to try again.
    #[error("{operation}: {source}")]
    Call {
        /// What was attempted.
        operation: &'static str,
        /// What happened.
        source: transport::CallError,
    },
    /// CRM is busy or its own parts time out (the contract's "back off and retry" codes).
    #[error("{operation}: CRM is busy (code {code})")]
    Busy {
        /// What was attempted.
        operation: &'static str,
        /// CRM's code, `0x…`.
        code: String,
        /// When CRM wants to be asked again, if it says.
        retry_after: Option<SignedDuration>,
    },
    /// Sign-in was refused, also after signing in anew.
    #[error("{operation}: sign-in to CRM was refused (code {code})")]
    SignIn {
        /// What was attempted.
        operation: &'static str,
        /// CRM's code or the HTTP status.
        code: String,
        /// CRM was not asked: it refused this sign-in before, and is not asked again until then.
        until: Option<Timestamp>,
    },
    /// The integration user lacks a privilege, or the record is not there; a repeat will not help.
    #[error("{operation}: CRM refused (code {code})")]
    Refused {
        /// What was attempted.
        operation: &'static str,
        /// CRM's code.
        code: String,
    },
    /// The record does not exist.
    #[error("{operation}: no such record in CRM")]
    NotFound {
        /// What was attempted.
        operation: &'static str,
    },
    /// What should be written has no form in XML, such as a control character; nothing was sent.
    #[error("{operation}: the message to CRM cannot be written: {source}")]
    Unsendable {
        /// What was attempted.
        operation: &'static str,
        /// Where and why.
        source: soap::Error,
    },
    /// The answer was not what the contract says.
    #[error("{operation}: CRM's answer cannot be read: {source}")]
    Unreadable {
        /// What was attempted.
        operation: &'static str,
        /// Where and why.
        source: soap::Error,
    },
}

impl CrmError {
    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Call { source, .. } => source.is_transient(),
            Self::Busy { .. } => true,
            // A cut reply: the next one may be whole. One that ends inside of a tag is not called cut but malformed. A
            // reply of the wrong shape stays wrong.
            Self::Unreadable { source, .. } => {
                matches!(source.problem(), soap::Problem::Cut { .. } | soap::Problem::Malformed(_))
            }
            Self::SignIn { .. } | Self::Refused { .. } | Self::NotFound { .. } | Self::Unsendable { .. } => false,
        }
    }

    /// When to ask again, if CRM said so.
    pub fn retry_after(&self) -> Option<SignedDuration> {
        match self {
            Self::Call { source, .. } => source.retry_after(),
            Self::Busy { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

//! One customer's account: everything that it holds.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{
    events::{Due, Event},
    files::Folder,
    history::History,
    import::{Import, ImportDefinition},
    job::Job,
};

/// A name and a password.
#[derive(Clone, Copy, Debug)]
pub struct Credentials {
    /// The user's name, or the id of the package.
    pub name: &'static str,
    /// The password, or the secret.
    pub password: &'static str,
}

/// An account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Whose it is.
    pub tenant: &'static str,
    /// Its number (MID).
    pub member: u32,
    /// Who signs in with a password.
    pub user: Credentials,
    /// What signs in with a token.
    pub package: Credentials,
    /// The password of its files; the user is the member id.
    pub files: &'static str,
    /// By key.
    pub subscribers: BTreeMap<String, Subscriber>,
    /// By number.
    pub lists: BTreeMap<u32, List>,
    /// Data extensions, by key.
    pub tables: BTreeMap<String, Table>,
    /// By number.
    pub emails: BTreeMap<u32, Email>,
    /// Send classifications: key and name.
    pub classifications: BTreeMap<String, String>,
    /// The folder *Import* of the Enhanced FTP account.
    pub folder: Folder,
    /// By key.
    pub import_definitions: BTreeMap<String, ImportDefinition>,
    /// Every import that was started.
    pub imports: Vec<Import>,
    /// By key.
    pub send_definitions: BTreeMap<String, SendDefinition>,
    /// Every job, by number; those of the years before are in the history.
    pub jobs: BTreeMap<u32, Job>,
    /// What happened to mails; with the history's, all there is.
    pub events: Vec<Event>,
    /// What can be switched on for tests.
    pub quirks: Quirks,
    pub(super) history: History,
    pub(super) due: BTreeSet<Due>,
    /// The last number that was given to something.
    pub(super) last_id: u32,
}

/// What an account does that others do not, or not always.
#[derive(Clone, Debug)]
pub struct Quirks {
    /// Filters that are answered *OK* without rows: object and property (contract §4, `Send`).
    pub unsupported_filters: BTreeSet<(String, String)>,
    /// How many rows every import leaves out without a word.
    pub lost_rows: usize,
    /// How long an import or a send waits before it begins.
    pub slow_start: SignedDuration,
    /// Whether the last row of a page comes again as the first one of the next.
    pub repeats_at_seams: bool,
    /// Properties that this account does not have: object and property.
    pub missing_properties: BTreeSet<(String, String)>,
    /// Whether the people behind the addresses open mails, follow links, bounce and opt out by themselves.
    pub people_react: bool,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            unsupported_filters: BTreeSet::new(),
            lost_rows: 0,
            slow_start: SignedDuration::from_secs(2),
            repeats_at_seams: false,
            missing_properties: BTreeSet::new(),
            people_react: true,
        }
    }
}

/// The states of contract §6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Gets mails.
    Active,
    /// Mails came back.
    Bounced,
    /// Gets none: three came back in a row, over more than 14 days.
    Held,
    /// Wants none.
    Unsubscribed,
    /// Was removed.
    Deleted,
}

impl Status {
    const ALL: [(Self, &str); 5] = [
        (Self::Active, "Active"),
        (Self::Bounced, "Bounced"),
        (Self::Held, "Held"),
        (Self::Unsubscribed, "Unsubscribed"),
        (Self::Deleted, "Deleted"),
    ];

    /// The state of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, text)| *text == name).map(|(status, _)| status)
    }

    /// As it is written.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(status, _)| *status == self).map_or("Active", |(_, text)| text)
    }

    /// Whether somebody in this state gets mails.
    pub fn gets_mails(self) -> bool {
        matches!(self, Self::Active | Self::Bounced)
    }
}

/// A person who may get mails.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscriber {
    /// The platform's number.
    pub id: u32,
    /// The customer's own key.
    pub key: String,
    /// Where mails go.
    pub address: String,
    /// In the account; lists have their own.
    pub status: Status,
    /// Profile attributes that have a value.
    pub attributes: BTreeMap<String, String>,
    /// On which lists, and how.
    pub lists: BTreeMap<u32, Subscription>,
    /// When it was made.
    pub created: Timestamp,
    /// When all mails were declined.
    pub unsubscribed: Option<Timestamp>,
    /// Such as `MSCRMContact`.
    pub kind: Option<String>,
    /// How many mails in a row came back, the first of them and the last one.
    pub bounces: Option<(u32, Timestamp, Timestamp)>,
}

/// Somebody on a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// There.
    pub status: Status,
    /// Since when.
    pub created: Timestamp,
    /// When it last changed.
    pub modified: Timestamp,
}

/// A list of subscribers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// Its number.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// The customer's own key.
    pub key: String,
    /// When it was made.
    pub created: Timestamp,
}

/// A data extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The platform's id.
    pub object_id: Uuid,
    /// The customer's own key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// The column that holds the key of a subscriber, where mails can be sent to the rows.
    pub sendable: Option<String>,
    /// Its rows, shared with the jobs that read them.
    pub rows: Vec<Arc<Row>>,
    /// When it was made.
    pub created: Timestamp,
}

/// A row: column to value.
pub(super) type Row = BTreeMap<String, String>;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// `Text`, `Number`, `Date`, `Boolean`, `EmailAddress`, `Phone`, `Decimal`, `Locale`.
    pub kind: String,
    /// The most characters of a text.
    pub length: Option<usize>,
    /// Whether every row has a value.
    pub is_required: bool,
    /// Whether it is part of the primary key.
    pub is_key: bool,
}

/// A mail that was written for many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// Its number.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// The subject, personal.
    pub subject: String,
    /// The text, personal.
    pub body: String,
    /// When it was made.
    pub created: Timestamp,
}

/// A send that is prepared (contract §6, Sending, B).
#[derive(Clone, Debug, PartialEq)]
pub struct SendDefinition {
    /// The platform's id.
    pub object_id: Uuid,
    /// The customer's own key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The mail.
    pub email: u32,
    /// The subject, where it is not the mail's own.
    pub subject: Option<String>,
    /// The key of its send classification.
    pub classification: String,
    /// To whom.
    pub sources: Vec<Audience>,
    /// To whom not.
    pub exclusions: Vec<Audience>,
    /// From whom, where it is said.
    pub from: Option<(String, String)>,
    /// Whether one address gets one mail only.
    pub is_deduplicated: bool,
    /// The customer's own text; a job carries it on.
    pub additional: String,
    /// When it was made.
    pub created: Timestamp,
}

/// Who is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Those on a list.
    List(u32),
    /// The rows of a table, and the list that their opt-outs count on.
    Table(Uuid, Option<u32>),
}

impl Account {
    /// A number that nothing else in the account has.
    pub(super) fn next_id(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }

    /// An id that nothing else has.
    pub(super) fn next_object_id(&mut self) -> Uuid {
        let number = self.next_id();
        Uuid::new_v5(&super::seed::SPACE, format!("{}/{number}", self.member).as_bytes())
    }

    /// The table of this object id.
    pub(super) fn table_by_id(&self, id: Uuid) -> Option<&Table> {
        self.tables.values().find(|table| table.object_id == id)
    }

    /// A job, of the years before or since.
    pub fn job(&self, id: u32) -> Option<&Job> {
        self.jobs.get(&id).or_else(|| self.history.past().jobs.get(&id))
    }

    /// Every job, oldest first.
    pub fn all_jobs(&self) -> impl Iterator<Item = &Job> {
        self.history.past().jobs.values().chain(self.jobs.values())
    }

    /// Every event that the platform has noticed by now.
    pub fn events_by(&self, now: Timestamp) -> impl Iterator<Item = &Event> {
        self.history.past().events.iter().chain(&self.events).filter(move |event| event.noticed <= now)
    }

    /// How many mails were sent since the sandbox began.
    pub fn mail_count(&self) -> usize {
        self.jobs.values().map(Job::mailed).sum()
    }
}

//! A send that was released: who gets a mail and who does not, and the mails themselves (contract §6, Sending).

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use domain::{SignedDuration, Timestamp};

use super::{
    account::{Account, Audience, Row, Status, Table},
    events::{Deed, Event, Happening, What, fate, notice},
    personal::{Person, personal},
};

/// A job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its number: `SendID` of its events.
    pub id: u32,
    /// The key of the definition that was started.
    pub definition: Option<String>,
    /// The mail.
    pub email: u32,
    /// The mail's name.
    pub email_name: String,
    /// The subject, not personal yet.
    pub subject: String,
    pub(super) body: Arc<str>,
    /// Name and address of the sender.
    pub from: (String, String),
    /// The customer's own text.
    pub additional: String,
    /// The list that opt-outs count on.
    pub list: Option<u32>,
    /// When it was released.
    pub asked: Timestamp,
    /// When it begins: a start takes a while.
    pub begins: Timestamp,
    pub(super) audience: Arc<[Recipient]>,
    pub(super) sent: usize,
    pub(super) not_sent: usize,
    /// When the last mail left.
    pub done: Option<Timestamp>,
    /// Who was meant, and who got nothing.
    pub targets: Targets,
    /// How it stands.
    pub state: JobState,
}

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Not begun.
    Scheduled,
    /// Mails leave.
    Sending,
    /// No mail leaves, until it is resumed.
    Paused,
    /// All mails left.
    Complete,
    /// It ends here.
    Canceled,
}

impl JobState {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "Scheduled",
            Self::Sending => "Sending",
            Self::Paused => "Paused",
            Self::Complete => "Complete",
            Self::Canceled => "Canceled",
        }
    }
}

/// Who was meant, and who of them got nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// All who are on the lists and in the tables.
    pub targeted: usize,
    /// On an exclusion list.
    pub excluded: usize,
    /// A second time in the audience.
    pub duplicates: usize,
    /// No address that mail could go to.
    pub invalid: usize,
    /// No address.
    pub missing: usize,
    /// Held.
    pub undeliverable: usize,
    /// Opted out.
    pub unsubscribed: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Recipient {
    key: Arc<str>,
    address: Arc<str>,
    known: Arc<Row>,
}

/// One mail, as it lies in a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The job.
    pub job: u32,
    /// Whom it is for.
    pub person: Person,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// When it left.
    pub at: Timestamp,
}

impl Job {
    /// How many mails left.
    pub fn mailed(&self) -> usize {
        if self.audience.is_empty() { 0 } else { self.sent }
    }

    /// When the mail of this place leaves: a thousand in a second.
    fn leaves(&self, place: usize) -> Timestamp {
        self.begins + SignedDuration::from_millis(i64::try_from(place).unwrap_or(i64::MAX))
    }

    /// The mails that left; `unsubscribe` makes the address where one of them can be declined.
    pub fn mails<'j>(&'j self, unsubscribe: impl Fn(u32, &str) -> String + 'j) -> impl Iterator<Item = Mail> + 'j {
        self.audience[..self.mailed()].iter().enumerate().map(move |(place, recipient)| {
            let person = recipient.person();
            let no_more = unsubscribe(self.id, &person.key);
            Mail {
                job: self.id,
                subject: personal(&self.subject, &person, &no_more),
                body: personal(&self.body, &person, &no_more),
                at: self.leaves(place),
                person,
            }
        })
    }

    /// Whether a mail of this job went to somebody.
    pub fn went_to(&self, key: &str) -> bool {
        self.audience[..self.mailed()].iter().any(|recipient| &*recipient.key == key)
    }

    /// The links of its mails, in order.
    pub(super) fn links(&self) -> Vec<Arc<str>> {
        let words = self.body.split_whitespace();
        words.filter(|word| word.starts_with("https://") || word.starts_with("http://")).map(Arc::from).collect()
    }
}

impl Recipient {
    fn person(&self) -> Person {
        Person { key: self.key.to_string(), address: self.address.to_string(), known: (*self.known).clone() }
    }
}

/// What a release says.
#[derive(Clone, Debug)]
pub(super) struct Release {
    pub(super) definition: Option<String>,
    pub(super) email: u32,
    pub(super) subject: Option<String>,
    pub(super) from: Option<(String, String)>,
    pub(super) additional: String,
    pub(super) sources: Vec<Audience>,
    pub(super) exclusions: Vec<Audience>,
    pub(super) is_deduplicated: bool,
}

impl Account {
    /// Releases a send: its number. Who gets a mail is decided now.
    pub(super) fn release(&mut self, release: Release, now: Timestamp) -> Option<u32> {
        let email = self.emails.get(&release.email)?.clone();
        let (audience, targets) = self.audience(&release);
        let id = self.next_id();
        let list = release.sources.iter().find_map(|source| match source {
            Audience::List(list) => Some(*list),
            Audience::Table(_, list) => *list,
        });
        let begins = now + self.quirks.slow_start;
        let from = release.from.unwrap_or_else(|| ("Sandbox".to_owned(), "sandbox@tieline.example".to_owned()));
        let job = Job {
            id,
            definition: release.definition,
            email: email.id,
            email_name: email.name,
            subject: release.subject.unwrap_or(email.subject),
            body: email.body.into(),
            from,
            additional: release.additional,
            list,
            asked: now,
            begins,
            audience: audience.into(),
            sent: 0,
            not_sent: 0,
            done: None,
            targets,
            state: JobState::Scheduled,
        };
        self.jobs.insert(id, job);
        self.later(begins, Happening::Job(id));
        Some(id)
    }

    fn audience(&self, release: &Release) -> (Vec<Recipient>, Targets) {
        let mut targets = Targets::default();
        let mut audience = Vec::new();
        let excluded: HashSet<Arc<str>> =
            release.exclusions.iter().flat_map(|source| self.members(*source)).map(|member| member.key).collect();
        let (mut keys, mut addresses) = (HashSet::new(), BTreeSet::new());
        for source in &release.sources {
            let list = match source {
                Audience::List(list) => Some(*list),
                Audience::Table(_, list) => *list,
            };
            for member in self.members(*source) {
                targets.targeted += 1;
                let known = self.subscribers.get(&*member.key);
                let on_list = known.and_then(|known| known.lists.get(&list?)).map(|subscription| subscription.status);
                let lower = member.address.to_lowercase();
                let count = if excluded.contains(&member.key) {
                    &mut targets.excluded
                } else if member.address.is_empty() {
                    &mut targets.missing
                } else if !is_address(&member.address) {
                    &mut targets.invalid
                } else if known.is_some_and(|it| it.status == Status::Unsubscribed)
                    || on_list == Some(Status::Unsubscribed)
                {
                    &mut targets.unsubscribed
                } else if known.is_some_and(|it| !it.status.gets_mails()) {
                    &mut targets.undeliverable
                } else if !keys.insert(member.key.clone()) || (release.is_deduplicated && addresses.contains(&lower)) {
                    &mut targets.duplicates
                } else {
                    addresses.insert(lower);
                    audience.push(member);
                    continue;
                };
                *count += 1;
            }
        }
        (audience, targets)
    }

    /// Those who are on a list, in the order of their keys, or the rows of a table, in theirs.
    fn members(&self, source: Audience) -> Vec<Recipient> {
        match source {
            Audience::List(list) => {
                let on_list = self.subscribers.values().filter(|subscriber| {
                    subscriber.lists.get(&list).is_some_and(|subscription| subscription.status != Status::Deleted)
                });
                let recipient = |subscriber: &super::Subscriber| Recipient {
                    key: (*subscriber.key).into(),
                    address: (*subscriber.address).into(),
                    known: Arc::new(subscriber.attributes.clone()),
                };
                on_list.map(recipient).collect()
            }
            Audience::Table(id, _) => {
                let Some(table) = self.table_by_id(id) else { return Vec::new() };
                table.rows.iter().map(|row| self.of_row(table, row)).collect()
            }
        }
    }

    /// The key is in the column that the table says, or else in the one of that name; the address in the first column
    /// of addresses, or else it is the subscriber's own.
    fn of_row(&self, table: &Table, row: &Arc<Row>) -> Recipient {
        let value = |column: &str| row.get(column).cloned().unwrap_or_default();
        let key = value(table.sendable.as_deref().unwrap_or("SubscriberKey"));
        let column = table.columns.iter().find(|column| column.kind == "EmailAddress");
        let written = column.map(|column| value(&column.name)).filter(|address| !address.is_empty());
        let own = || self.subscribers.get(&key).map(|known| known.address.clone());
        let address = written.or_else(own).unwrap_or_default();
        Recipient { key: key.into(), address: address.into(), known: row.clone() }
    }

    /// Mails leave whose time has come; who gets one and is no subscriber yet becomes one, as in the real platform.
    pub(super) fn job_goes_on(&mut self, id: u32, at: Timestamp, now: Timestamp) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        if matches!(job.state, JobState::Canceled | JobState::Paused | JobState::Complete) {
            return;
        }
        job.state = JobState::Sending;
        let begins = job.begins;
        let passed = now.duration_since(begins).as_millis();
        let whole = job.audience.len();
        let until = usize::try_from(passed).map_or(0, |passed| passed + 1).min(whole);
        let (from, audience, list) = (job.sent, job.audience.clone(), job.list);
        let links = job.links();
        job.sent = until.max(from);
        let next = job.leaves(until);
        if until == whole {
            job.state = JobState::Complete;
            job.done = Some(if whole == 0 { at } else { job.leaves(whole - 1) });
        } else {
            self.later(next, Happening::Job(id));
        }
        for (place, recipient) in audience.iter().enumerate().take(until).skip(from) {
            let at = begins + SignedDuration::from_millis(i64::try_from(place).unwrap_or_default());
            self.mailed(id, list, recipient, &links, at);
        }
    }

    fn mailed(&mut self, job: u32, list: Option<u32>, recipient: &Recipient, links: &[Arc<str>], at: Timestamp) {
        let key = &recipient.key;
        if !self.subscribers.contains_key(&**key) {
            self.subscribe_by_sending(key, &recipient.address, at);
        }
        self.log(job, key, list, at, What::Sent);
        let mut came_back = false;
        let deeds = if self.quirks.people_react { fate(job, key) } else { Vec::new() };
        for (seconds, deed) in deeds {
            let at = at + SignedDuration::from_secs(i64::try_from(seconds).unwrap_or_default());
            match deed {
                Deed::Open => self.log(job, key, list, at, What::Open),
                Deed::Forward => self.log(job, key, list, at, What::Forwarded),
                Deed::Click(which) if !links.is_empty() => {
                    let place = usize::try_from(which).unwrap_or_default() % links.len();
                    self.log(job, key, list, at, What::Click(url_id(job, place), links[place].clone()));
                }
                Deed::Click(_) => {}
                Deed::Bounce(cause, is_delayed) => {
                    came_back = true;
                    self.log(job, key, list, at, What::Bounce(cause, is_delayed));
                    self.later(at, Happening::Bounced(key.clone()));
                }
                Deed::Unsubscribe => {
                    self.log(job, key, list, at, What::Unsubscribe(list.is_none()));
                    self.later(at, Happening::Declined(key.clone(), list));
                }
            }
        }
        // Bounces count in a row: a mail that arrives ends it.
        if let Some(subscriber) = self.subscribers.get_mut(&**key).filter(|_| !came_back) {
            subscriber.bounces = None;
            if subscriber.status == Status::Bounced {
                subscriber.status = Status::Active;
            }
        }
    }

    pub(super) fn log(&mut self, job: u32, key: &Arc<str>, list: Option<u32>, at: Timestamp, what: What) {
        let noticed = notice(job, key, at);
        self.events.push(Event { job, key: key.clone(), list, at, noticed, what });
    }
}

/// The number of a link in a job.
pub(super) fn url_id(job: u32, place: usize) -> u32 {
    job.wrapping_mul(10).wrapping_add(u32::try_from(place).unwrap_or_default())
}

/// Whether mail could go there: something, an at, something with a dot, and no space.
pub(super) fn is_address(text: &str) -> bool {
    let text = text.trim();
    let Some((name, host)) = text.rsplit_once('@') else { return false };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | ',' | ';' | '@');
    text.len() <= 254
        && !name.is_empty()
        && name.chars().all(plain)
        && host.contains('.')
        && !host.starts_with('.')
        && !host.ends_with('.')
        && host.chars().all(plain)
}

//! A send that was released: who gets a mail and who does not, and the mails themselves (contract §6, Sending).

use std::sync::Arc;

use domain::{SignedDuration, Timestamp};

use super::{
    account::{Account, Audience, Row, Status},
    events::{Event, Happening, What, fate},
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
    pub(super) key: Arc<str>,
    pub(super) address: Arc<str>,
    pub(super) known: Arc<Row>,
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

    /// The mails that left; `unsubscribe` makes the address where one of them can be declined.
    pub fn mails<'j>(&'j self, unsubscribe: impl Fn(u32, &str) -> String + 'j) -> impl Iterator<Item = Mail> + 'j {
        self.audience[..self.mailed()].iter().enumerate().map(move |(place, recipient)| {
            let person = recipient.person();
            let no_more = unsubscribe(self.id, &person.key);
            Mail {
                job: self.id,
                subject: personal(&self.subject, &person, &no_more),
                body: personal(&self.body, &person, &no_more),
                at: leaves(self.begins, place),
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
        let next = leaves(begins, until);
        if until == whole {
            job.state = JobState::Complete;
            job.done = Some(if whole == 0 { at } else { leaves(begins, whole - 1) });
        } else {
            self.later(next, Happening::Job(id));
        }
        for (place, recipient) in audience.iter().enumerate().take(until).skip(from) {
            self.mailed(id, list, recipient, &links, leaves(begins, place));
        }
    }

    fn mailed(&mut self, job: u32, list: Option<u32>, recipient: &Recipient, links: &[Arc<str>], at: Timestamp) {
        let key = &recipient.key;
        if !self.subscribers.contains_key(&**key) {
            self.subscribe_by_sending(key, &recipient.address, at);
        }
        self.log(job, key, list, at, What::Sent);
        let mut came_back = false;
        let events = if self.quirks.people_react { fate(job, key, links, list, at) } else { Vec::new() };
        for (at, what) in events {
            match what {
                What::Bounce(..) => {
                    came_back = true;
                    self.later(at, Happening::Bounced(key.clone()));
                }
                What::Unsubscribe(_) => self.later(at, Happening::Declined(key.clone(), list)),
                _ => {}
            }
            self.log(job, key, list, at, what);
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
        self.events.push(Event::new(job, key, list, at, what));
    }
}

/// When the mail of this place leaves a job: a thousand in a second.
fn leaves(begins: Timestamp, place: usize) -> Timestamp {
    begins + SignedDuration::from_millis(i64::try_from(place).unwrap_or(i64::MAX))
}

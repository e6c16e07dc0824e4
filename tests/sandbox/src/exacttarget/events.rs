//! What becomes of mails: events as the platform keeps them (contract §5), and what people do by themselves.
//!
//! Which of them does what depends on the job and the person alone, so that a story is the same each time it is told.

use std::sync::Arc;

use domain::{SignedDuration, Timestamp};

use super::account::{Account, Status};

/// Something that happened to a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The job that sent the mail.
    pub job: u32,
    /// The key of the one it was for.
    pub key: Arc<str>,
    /// The list that they were on.
    pub list: Option<u32>,
    /// When.
    pub at: Timestamp,
    /// When the platform shows it: minutes later, in no order.
    pub noticed: Timestamp,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It left the platform.
    Sent,
    /// It did not.
    NotSent,
    /// It was opened.
    Open,
    /// A link in it was followed: its number and its address.
    Click(u32, Arc<str>),
    /// It came back.
    Bounce(&'static Cause, bool),
    /// Its reader wants no more; whether of anything.
    Unsubscribe(bool),
    /// It was forwarded.
    Forwarded,
}

/// Why mails come back, and how often of a hundred: the mix of one real account (contract §5).
#[derive(Debug, PartialEq, Eq)]
pub struct Cause {
    /// `BounceCategory`.
    pub category: &'static str,
    /// `EventType`.
    pub event: &'static str,
    /// What the other side said.
    pub smtp: (&'static str, &'static str),
    share: u64,
}

/// Reasons are written after those of common mail servers.
pub(super) static CAUSES: [Cause; 5] = [
    Cause {
        category: "Block bounce",
        event: "OtherBounce",
        smtp: ("554", "5.7.1 (delivery not authorized) listed at a block list"),
        share: 37,
    },
    Cause { category: "Unknown bounce", event: "OtherBounce", smtp: ("", ""), share: 28 },
    Cause {
        category: "Technical/Other bounce",
        event: "OtherBounce",
        smtp: ("451", "4.3.2 (system not accepting network messages) try again later"),
        share: 21,
    },
    Cause {
        category: "Hard bounce",
        event: "HardBounce",
        smtp: ("550", "5.1.1 (bad destination mailbox address) User unknown"),
        share: 13,
    },
    Cause { category: "Soft bounce", event: "SoftBounce", smtp: ("452", "4.2.2 (mailbox full)"), share: 1 },
];

/// What is due at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    pub(super) at: Timestamp,
    pub(super) what: Happening,
}

/// What happens by itself, in the order in which it does at the same time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Happening {
    /// An import goes on, by its place.
    Import(usize),
    /// A job goes on.
    Job(u32),
    /// A mail to this key came back.
    Bounced(Arc<str>),
    /// Somebody declined: their key, and the list, or everything.
    Declined(Arc<str>, Option<u32>),
}

/// What becomes of a mail that left at this time, and when: about one in thirty bounces, one in four is opened, one in twenty
/// is followed. Who declines wants no more of anything where no list is known.
pub(super) fn fate(
    job: u32,
    key: &str,
    links: &[Arc<str>],
    list: Option<u32>,
    left: Timestamp,
) -> Vec<(Timestamp, What)> {
    let at = |seconds: u64| left + SignedDuration::from_secs(i64::try_from(seconds).unwrap_or_default());
    let luck = |what| chance(job, key, what);
    if luck(1) % 1_000 < 30 {
        let mut share = luck(2) % 100;
        let cause = CAUSES.iter().find(|cause| match share.checked_sub(cause.share) {
            Some(left) => {
                share = left;
                false
            }
            None => true,
        });
        let cause = cause.unwrap_or(&CAUSES[0]);
        // The platform tries for 72 hours before it gives up on a soft one (contract §5).
        let delay = match cause.category {
            "Soft bounce" => 72 * 3_600,
            _ if luck(3).is_multiple_of(4) => 3_600 + luck(4) % 36_000,
            _ => luck(4) % 30,
        };
        return vec![(at(delay), What::Bounce(cause, delay > 60))];
    }
    let mut events = Vec::new();
    if luck(5) % 100 < 25 {
        let opened = 60 + luck(6) % 172_800;
        events.push((at(opened), What::Open));
        if luck(7) % 100 < 30 {
            events.push((at(opened + 600 + luck(8) % 86_400), What::Open));
        }
        if luck(9) % 100 < 20 && !links.is_empty() {
            let place = usize::try_from(luck(11)).unwrap_or_default() % links.len();
            events.push((at(opened + 20 + luck(10) % 120), What::Click(url_id(job, place), links[place].clone())));
        }
        if luck(12) % 100 < 2 {
            events.push((at(opened + 40 + luck(13) % 300), What::Unsubscribe(list.is_none())));
        }
        if luck(14) % 100 < 1 {
            events.push((at(opened + 90), What::Forwarded));
        }
    }
    events
}

/// The number of a link in a job.
pub(super) fn url_id(job: u32, place: usize) -> u32 {
    job.wrapping_mul(10).wrapping_add(u32::try_from(place).unwrap_or_default())
}

impl Event {
    /// One that the platform shows some minutes later.
    pub(super) fn new(job: u32, key: &Arc<str>, list: Option<u32>, at: Timestamp, what: What) -> Self {
        let lag = chance(job, key, at.as_second().unsigned_abs()) % 600;
        let noticed = at + SignedDuration::from_secs(i64::try_from(lag).unwrap_or_default());
        Self { job, key: key.clone(), list, at, noticed, what }
    }
}

/// A number that belongs to a job, a person and a question: FNV-1a over all of it, finished as `SplitMix64` does.
fn chance(job: u32, key: &str, question: u64) -> u64 {
    let bytes = job.to_le_bytes().into_iter().chain(question.to_le_bytes()).chain(key.bytes());
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Account {
    pub(super) fn has_something_due(&self, now: Timestamp) -> bool {
        self.due.first().is_some_and(|due| due.at <= now)
    }

    /// Lets everything happen that is due, each at its own time.
    pub(super) fn settle(&mut self, now: Timestamp) {
        while self.has_something_due(now) {
            let Some(Due { at, what }) = self.due.pop_first() else { return };
            match what {
                Happening::Import(place) => self.import_goes_on(place, at),
                Happening::Job(id) => self.job_goes_on(id, at, now),
                Happening::Bounced(key) => self.bounced(&key, at),
                Happening::Declined(key, list) => self.decline(&key, list, at),
            }
        }
    }

    pub(super) fn later(&mut self, at: Timestamp, what: Happening) {
        self.due.insert(Due { at, what });
    }

    /// Held is who had three bounces in a row with more than 14 days between the first and the last (contract §6).
    fn bounced(&mut self, key: &str, at: Timestamp) {
        let Some(subscriber) = self.subscribers.get_mut(key) else { return };
        let (count, first) = subscriber.bounces.map_or((1, at), |(count, first, _)| (count + 1, first));
        subscriber.bounces = Some((count, first, at));
        if !subscriber.status.gets_mails() {
            return;
        }
        let is_held = count >= 3 && at.duration_since(first) > SignedDuration::from_hours(14 * 24);
        subscriber.status = if is_held { Status::Held } else { Status::Bounced };
    }

    /// Somebody wants no more, of a list or of anything.
    pub(super) fn decline(&mut self, key: &str, list: Option<u32>, at: Timestamp) {
        let Some(subscriber) = self.subscribers.get_mut(key) else { return };
        if let Some(subscription) = list.and_then(|list| subscriber.lists.get_mut(&list)) {
            subscription.status = Status::Unsubscribed;
            subscription.modified = at;
        } else {
            subscriber.status = Status::Unsubscribed;
            subscriber.unsubscribed = Some(at);
        }
    }
}

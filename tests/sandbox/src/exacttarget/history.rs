//! The two years before the sandbox begins: a send a week, and what became of it, made from nothing but the account's
//! number when somebody first asks.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};

use domain::{SignedDuration, Timestamp};

use super::{
    events::{Event, What, fate},
    job::{Job, JobState, Targets},
    seed,
};

/// How many weeks it goes back.
pub(super) const WEEKS: u32 = 104;
/// The number of the first job of the past; those of the present come after them all.
const FIRST_JOB: u32 = 20_001;
/// How many people got mails then and are not there any more.
const FORMER: usize = 20;

/// The past of an account.
#[derive(Clone, Debug)]
pub(super) struct History {
    member: u32,
    people: Arc<[Arc<str>]>,
    ends: Timestamp,
    past: Arc<OnceLock<Past>>,
}

/// What happened.
#[derive(Debug, Default)]
pub(super) struct Past {
    pub(super) jobs: BTreeMap<u32, Job>,
    pub(super) events: Vec<Event>,
}

impl History {
    pub(super) fn new(member: u32, people: Vec<String>, ends: Timestamp) -> Self {
        let people = people.into_iter().map(Arc::from).collect();
        Self { member, people, ends, past: Arc::default() }
    }

    /// The jobs and events of the past.
    pub(super) fn past(&self) -> &Past {
        self.past.get_or_init(|| self.tell())
    }

    fn tell(&self) -> Past {
        let former = (1..=FORMER).map(|number| Arc::from(seed::key(&format!("former {}", self.member), number)));
        let mut former: BTreeSet<Arc<str>> = former.collect();
        let mut past = Past::default();
        let list = Some(seed::NEWSLETTER);
        let links = ["one", "two", "three"].map(|name| format!("https://www.example.com/news/{name}").into());
        for week in 0..WEEKS {
            let id = FIRST_JOB + week;
            let at = self.ends - SignedDuration::from_hours(i64::from(WEEKS - week) * 168);
            let sent: Vec<_> = self.people.iter().chain(&former).cloned().collect();
            let mut gone = Vec::new();
            for (place, key) in sent.iter().enumerate() {
                let at = at + SignedDuration::from_millis(i64::try_from(place).unwrap_or_default());
                let mut log = |at, what| past.events.push(Event::new(id, key, list, at, what));
                log(at, What::Sent);
                for (at, what) in fate(id, key, &links, list, at) {
                    match what {
                        // Those who are still there did nothing that would have removed them.
                        What::Bounce(..) | What::Unsubscribe(_) if !former.contains(key) => continue,
                        What::Unsubscribe(_) => gone.push(key.clone()),
                        _ => {}
                    }
                    log(at, what);
                }
            }
            let targets = Targets { targeted: sent.len(), ..Targets::default() };
            past.jobs.insert(id, job(id, week, at, sent.len(), targets));
            former.retain(|key| !gone.contains(key));
        }
        past
    }
}

fn job(id: u32, week: u32, at: Timestamp, sent: usize, targets: Targets) -> Job {
    Job {
        id,
        definition: None,
        email: seed::NEWS,
        email_name: "News of the month".to_owned(),
        subject: format!("News, number {}", week + 1),
        body: Arc::from(""),
        from: ("News".to_owned(), "news@tieline.example".to_owned()),
        additional: String::new(),
        list: Some(seed::NEWSLETTER),
        asked: at,
        begins: at,
        audience: Arc::from([]),
        sent,
        not_sent: 0,
        done: Some(at + SignedDuration::from_millis(i64::try_from(sent).unwrap_or_default())),
        targets,
        state: JobState::Complete,
    }
}

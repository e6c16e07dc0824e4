//! A seed makes a script.

use std::collections::BTreeMap;

use sandbox::Service;

use crate::{CallFault, Event, Invoked, Moment, Random, Requests, Script, StoreFault, When};

/// What there is in an uninterrupted run: where events can be.
#[derive(Clone, Debug)]
pub struct Extent {
    /// Whose processes die, each as often as it is here.
    pub mortals: &'static [Invoked],
    /// How many deliveries things happen to.
    pub deliveries: u32,
    /// Polls of each invocation.
    pub polls: BTreeMap<(Invoked, u32), u32>,
    /// Calls to each service.
    pub calls: [(Service, u32); 2],
    /// Requests to our own stores.
    pub requests: Requests,
    /// Whether a service may refuse for good.
    pub denies: bool,
}

/// The most events of a script.
const MOST_EVENTS: u32 = 6;
/// The last minute at which something happens by the clock.
const LAST_MINUTE: u32 = 15;

impl Extent {
    /// The script of a seed.
    pub fn script(&self, seed: u64) -> Script {
        let mut random = Random::new(seed);
        let weave = random.next() % 1_000;
        let count = 1 + random.below(MOST_EVENTS);
        let events = (0..count).map(|_| self.event(&mut random)).collect();
        Script { weave, events }
    }

    /// Polls of the longest invocation of a kind.
    pub fn longest(&self, of: Invoked) -> Option<u32> {
        self.polls.iter().filter(|((it, _), _)| *it == of).map(|(_, polls)| *polls).max()
    }

    fn event(&self, random: &mut Random) -> Event {
        match random.below(32) {
            0..=5 => Event::Dies(self.moment(random)),
            6..=8 => Event::Freezes(self.delivery(random), 1 + random.below(25)),
            9..=10 => Event::Again(self.delivery(random)),
            11..=12 => Event::Presses(self.when(random)),
            14..=22 => self.call(random),
            23 if self.denies => {
                let (service, calls) = *random.of(&self.calls);
                let number = random.below(calls);
                if random.below(3) == 0 { Event::Shut(service, number) } else { Event::Denied(service, number) }
            }
            13 | 23 => Event::Changes(self.when(random)),
            24 if self.requests.bucket > 0 => Event::Bucket(random.below(self.requests.bucket * 3 / 2), store(random)),
            24..=26 => Event::Ledger(random.below(self.requests.ledger * 3 / 2), store(random)),
            27 => Event::Queue(random.below(self.requests.queue + 3), store(random)),
            28..=29 => Event::TimersMissed(1 + random.below(LAST_MINUTE)),
            30 => Event::TimersTwice(1 + random.below(LAST_MINUTE)),
            _ => Event::Jumps(1 + random.below(LAST_MINUTE), 1 + random.below(45)),
        }
    }

    /// A point in any process, most often in a delivery.
    fn moment(&self, random: &mut Random) -> Moment {
        match *random.of(self.mortals) {
            Invoked::Deliver => self.delivery(random),
            of => {
                let number = if of == Invoked::Ring { 0 } else { random.below(3) };
                Moment { of, number, polls: self.polls((of, number), random) }
            }
        }
    }

    fn delivery(&self, random: &mut Random) -> Moment {
        let number = random.below(self.deliveries);
        Moment { of: Invoked::Deliver, number, polls: self.polls((Invoked::Deliver, number), random) }
    }

    /// One that the uninterrupted run does not have may be as long as the longest of its kind.
    fn polls(&self, (of, number): (Invoked, u32), random: &mut Random) -> u32 {
        let polls = self.polls.get(&(of, number)).copied().or_else(|| self.longest(of));
        1 + random.below(polls.unwrap_or(8))
    }

    fn when(&self, random: &mut Random) -> When {
        if random.below(2) == 0 {
            When::During(self.delivery(random))
        } else {
            When::Minute(1 + random.below(LAST_MINUTE))
        }
    }

    fn call(&self, random: &mut Random) -> Event {
        let (service, calls) = *random.of(&self.calls);
        let fault = match random.below(13) {
            0 => CallFault::Refuse,
            1 => CallFault::Busy,
            2 => CallFault::Throttle(*random.of(&[30, 60, 120, 600])),
            3..=4 => CallFault::Lose,
            5..=7 => CallFault::Late(*random.of(late(service))),
            8 => CallFault::Twice,
            9 => CallFault::Cut,
            10 => CallFault::Stall,
            11 => CallFault::Page,
            // Which of SharePoint's calls are pages, which have no such words, a history decides as it goes.
            _ if service == Service::Crm => CallFault::Passing,
            _ => CallFault::Busy,
        };
        Event::Call(service, random.below(calls * 3 / 2), fault)
    }
}

/// How many seconds after a call it may land. Nobody has documented how late a release may show at the e-mail platform.
fn late(service: Service) -> &'static [u32] {
    if service == Service::ExactTarget { &[5, 20, 61, 90, 600] } else { &[5, 20, 61, 90] }
}

fn store(random: &mut Random) -> StoreFault {
    *random.of(&[StoreFault::Refuse, StoreFault::Lose])
}

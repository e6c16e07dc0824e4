//! What goes wrong in one history: a list of events, printed as one line and read again from that line ([`text`]).
//!
//! `weave 7; dies deliver0@34; call sharepoint 12 late 45; presses minute3`

mod text;

use sandbox::{Fault, Service};
pub use text::NotAScript;

/// One history. The same script gives the same history, to the last call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Decides which process goes on where several could.
    pub weave: u64,
    /// What goes wrong, in no order: each event says when.
    pub events: Vec<Event>,
}

/// One thing that goes wrong, or that somebody does meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A process dies: its invocation is dropped where it waits, and whatever other processes kept to themselves is gone
    /// too, as after a deployment.
    Dies(Moment),
    /// A process stands still and goes on so many minutes later.
    Freezes(Moment, u32),
    /// The queue delivers again what is being handled.
    Again(Moment),
    /// Somebody else presses.
    Presses(When),
    /// Somebody changes the record.
    Changes(When),
    /// The n-th call to a service from the beginning of the history goes wrong.
    Call(Service, u32, CallFault),
    /// From the n-th call on a service refuses for good, until it has refused the flow or twenty minutes are over.
    Denied(Service, u32),
    /// The n-th request to the ledger goes wrong.
    Ledger(u32, StoreFault),
    /// The n-th request to a queue goes wrong.
    Queue(u32, StoreFault),
    /// The n-th request to a bucket goes wrong.
    Bucket(u32, StoreFault),
    /// From the n-th call on a service shows sign-in pages only, as long.
    Shut(Service, u32),
    /// At this minute no timer fires.
    TimersMissed(u32),
    /// At this minute every timer fires twice.
    TimersTwice(u32),
    /// At this minute the clock jumps so many minutes ahead.
    Jumps(u32, u32),
}

/// A point in a process: before its invocation is polled for the so-manieth time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// What is invoked.
    pub of: Invoked,
    /// Which of its invocations, counted from 0.
    pub number: u32,
    /// How often it was polled, at least once.
    pub polls: u32,
}

/// When somebody does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At a point in a process.
    During(Moment),
    /// At a minute of the history.
    Minute(u32),
}

/// What is invoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invoked {
    /// The HTTP API.
    Ring,
    /// A message's function.
    Deliver,
    /// The timer of what is due.
    Wake,
    /// The timer of what nobody rang for.
    Sweep,
    /// The timer of send records.
    Poll,
}

/// What goes wrong with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallFault {
    /// Nobody there.
    Refuse,
    /// Busy, with no time to come back.
    Busy,
    /// Busy, with a time to come back, in seconds.
    Throttle(u32),
    /// Done, the answer is lost.
    Lose,
    /// Done so many seconds later, the answer is lost.
    Late(u32),
    /// Arrives twice.
    Twice,
    /// Done, the answer is cut.
    Cut,
    /// Never answered.
    Stall,
    /// A sign-in page.
    Page,
    /// The service's own words for *later*. SharePoint's pages, by which a web is looked for and made, have none.
    Passing,
}

/// What goes wrong with a request to a store of our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoreFault {
    /// Not done, and said so.
    Refuse,
    /// Done, and nobody hears of it.
    Lose,
}

impl CallFault {
    /// As the sandbox has it.
    pub fn fault(&self, service: Service) -> Fault {
        match *self {
            // CRM's "SQL timeout" and SharePoint's "changed by somebody else".
            Self::Passing => {
                let code = if service == Service::Crm { "0x80044151" } else { "0x81020015" };
                Fault::Error { code: code.to_owned() }
            }
            Self::Refuse => Fault::Refuse,
            Self::Busy => Fault::Throttle { status: 503, retry_after: None },
            Self::Throttle(seconds) => Fault::Throttle { status: 429, retry_after: Some(seconds) },
            Self::Lose => Fault::LoseAnswer,
            Self::Late(seconds) => Fault::LateEffect { seconds },
            Self::Twice => Fault::Twice,
            Self::Cut => Fault::Truncate,
            Self::Stall => Fault::Stall,
            Self::Page => Fault::Html,
        }
    }

    /// For how many minutes it may hold up work that does nothing wrong.
    pub const fn minutes(&self) -> u32 {
        match *self {
            Self::Throttle(seconds) | Self::Late(seconds) => seconds.div_ceil(60),
            _ => 0,
        }
    }
}

impl Event {
    /// Whether it is a store of our own that fails.
    pub(crate) const fn is_of_a_store(&self) -> bool {
        matches!(self, Self::Ledger(..) | Self::Queue(..) | Self::Bucket(..))
    }

    /// The kind, for counting.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Dies(Moment { of: Invoked::Ring, .. }) => "doorbell dies",
            Self::Dies(Moment { of: Invoked::Deliver, .. }) => "delivery dies",
            Self::Dies(_) => "timer dies",
            Self::Freezes(..) => "freezes",
            Self::Again(_) => "delivered twice",
            Self::Presses(_) => "second press",
            Self::Changes(_) => "record changes",
            Self::Call(_, _, fault) => match fault {
                CallFault::Refuse => "call refused",
                CallFault::Busy => "call busy",
                CallFault::Throttle(_) => "call throttled",
                CallFault::Lose => "call answered and lost",
                CallFault::Late(_) => "call lands late",
                CallFault::Twice => "call arrives twice",
                CallFault::Cut => "answer cut",
                CallFault::Stall => "call never answered",
                CallFault::Page => "sign-in page",
                CallFault::Passing => "call put off",
            },
            Self::Denied(..) => "service denies",
            Self::Shut(..) => "sign-in pages only",
            Self::Ledger(_, StoreFault::Refuse) => "ledger refuses",
            Self::Ledger(_, StoreFault::Lose) => "ledger done and lost",
            Self::Queue(_, StoreFault::Refuse) => "queue refuses",
            Self::Queue(_, StoreFault::Lose) => "queue done and lost",
            Self::Bucket(_, StoreFault::Refuse) => "bucket refuses",
            Self::Bucket(_, StoreFault::Lose) => "bucket done and lost",
            Self::TimersMissed(_) => "timers missed",
            Self::TimersTwice(_) => "timers fire twice",
            Self::Jumps(..) => "clock jumps",
        }
    }
}

impl Script {
    /// Whether a flow may end refused: a service refused for good, or showed a sign-in page where no other may follow.
    pub fn allows_refusal(&self) -> bool {
        self.denied().next().is_some()
            || self.events.iter().filter(|event| matches!(event, Event::Call(_, _, CallFault::Page))).count() > 1
    }

    /// The services that refuse for good.
    pub fn denied(&self) -> impl Iterator<Item = Service> {
        self.events.iter().filter_map(|event| match event {
            Event::Denied(service, _) | Event::Shut(service, _) => Some(*service),
            _ => None,
        })
    }
}

impl Invoked {
    const ALL: [Self; 5] = [Self::Ring, Self::Deliver, Self::Wake, Self::Sweep, Self::Poll];

    /// As a script writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ring => "ring",
            Self::Deliver => "deliver",
            Self::Wake => "wake",
            Self::Sweep => "sweep",
            Self::Poll => "poll",
        }
    }
}

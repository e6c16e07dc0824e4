//! A script as one line.

use std::{fmt, str::FromStr};

use sandbox::Service;

use super::{CallFault, Event, Invoked, Moment, Script, StoreFault, When};

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "weave {}", self.weave)?;
        self.events.iter().try_for_each(|event| write!(f, "; {event}"))
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dies(moment) => write!(f, "dies {moment}"),
            Self::Freezes(moment, minutes) => write!(f, "freezes {moment} {minutes}"),
            Self::Again(moment) => write!(f, "again {moment}"),
            Self::Presses(when) => write!(f, "presses {when}"),
            Self::Changes(when) => write!(f, "changes {when}"),
            Self::Call(service, number, fault) => write!(f, "call {} {number} {fault}", service.name()),
            Self::Denied(service, number) => write!(f, "denied {} {number}", service.name()),
            Self::Shut(service, number) => write!(f, "shut {} {number}", service.name()),
            Self::Ledger(number, fault) => write!(f, "ledger {number} {fault}"),
            Self::Queue(number, fault) => write!(f, "queue {number} {fault}"),
            Self::Bucket(number, fault) => write!(f, "bucket {number} {fault}"),
            Self::TimersMissed(minute) => write!(f, "timers-missed {minute}"),
            Self::TimersTwice(minute) => write!(f, "timers-twice {minute}"),
            Self::Jumps(minute, by) => write!(f, "jumps {minute} {by}"),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}@{}", self.of.name(), self.number, self.polls)
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::During(moment) => moment.fmt(f),
            Self::Minute(minute) => write!(f, "minute{minute}"),
        }
    }
}

impl fmt::Display for CallFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refuse => f.write_str("refuse"),
            Self::Busy => f.write_str("busy"),
            Self::Throttle(seconds) => write!(f, "throttle {seconds}"),
            Self::Lose => f.write_str("lose"),
            Self::Late(seconds) => write!(f, "late {seconds}"),
            Self::Twice => f.write_str("twice"),
            Self::Cut => f.write_str("cut"),
            Self::Stall => f.write_str("stall"),
            Self::Page => f.write_str("page"),
            Self::Passing => f.write_str("passing"),
        }
    }
}

impl fmt::Display for StoreFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refuse => "refuse",
            Self::Lose => "lose",
        })
    }
}

/// Text that is not a script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an event of a history: {0:?}")]
pub struct NotAScript(String);

impl FromStr for Script {
    type Err = NotAScript;

    fn from_str(text: &str) -> Result<Self, NotAScript> {
        let mut script = Self::default();
        for event in text.split(';').map(str::trim).filter(|event| !event.is_empty()) {
            match event.strip_prefix("weave ") {
                Some(weave) => script.weave = weave.trim().parse().map_err(|_| NotAScript(event.to_owned()))?,
                None => script.events.push(event.parse()?),
            }
        }
        Ok(script)
    }
}

impl FromStr for Event {
    type Err = NotAScript;

    fn from_str(text: &str) -> Result<Self, NotAScript> {
        let words: Vec<&str> = text.split_whitespace().collect();
        read(&words).ok_or_else(|| NotAScript(text.to_owned()))
    }
}

fn read(words: &[&str]) -> Option<Event> {
    Some(match *words {
        ["dies", moment] => Event::Dies(read_moment(moment)?),
        ["freezes", moment, minutes] => Event::Freezes(read_moment(moment)?, minutes.parse().ok()?),
        ["again", moment] => Event::Again(read_moment(moment)?),
        ["presses", when] => Event::Presses(read_when(when)?),
        ["changes", when] => Event::Changes(read_when(when)?),
        ["call", service, number, ref fault @ ..] => {
            Event::Call(read_service(service)?, number.parse().ok()?, read_fault(fault)?)
        }
        ["denied", service, number] => Event::Denied(read_service(service)?, number.parse().ok()?),
        ["shut", service, number] => Event::Shut(read_service(service)?, number.parse().ok()?),
        ["ledger", number, fault] => Event::Ledger(number.parse().ok()?, read_store(fault)?),
        ["queue", number, fault] => Event::Queue(number.parse().ok()?, read_store(fault)?),
        ["bucket", number, fault] => Event::Bucket(number.parse().ok()?, read_store(fault)?),
        ["timers-missed", minute] => Event::TimersMissed(minute.parse().ok()?),
        ["timers-twice", minute] => Event::TimersTwice(minute.parse().ok()?),
        ["jumps", minute, by] => Event::Jumps(minute.parse().ok()?, by.parse().ok()?),
        _ => return None,
    })
}

fn read_moment(text: &str) -> Option<Moment> {
    let of = Invoked::ALL.into_iter().find(|it| text.starts_with(it.name()))?;
    let (number, polls) = text[of.name().len()..].split_once('@')?;
    Some(Moment { of, number: number.parse().ok()?, polls: polls.parse().ok()? })
}

fn read_when(text: &str) -> Option<When> {
    match text.strip_prefix("minute") {
        Some(minute) => Some(When::Minute(minute.parse().ok()?)),
        None => read_moment(text).map(When::During),
    }
}

fn read_service(text: &str) -> Option<Service> {
    [Service::Crm, Service::SharePoint, Service::ExactTarget].into_iter().find(|service| service.name() == text)
}

fn read_fault(words: &[&str]) -> Option<CallFault> {
    Some(match *words {
        ["refuse"] => CallFault::Refuse,
        ["busy"] => CallFault::Busy,
        ["throttle", seconds] => CallFault::Throttle(seconds.parse().ok()?),
        ["lose"] => CallFault::Lose,
        ["late", seconds] => CallFault::Late(seconds.parse().ok()?),
        ["twice"] => CallFault::Twice,
        ["cut"] => CallFault::Cut,
        ["stall"] => CallFault::Stall,
        ["page"] => CallFault::Page,
        ["passing"] => CallFault::Passing,
        _ => return None,
    })
}

fn read_store(text: &str) -> Option<StoreFault> {
    [StoreFault::Refuse, StoreFault::Lose].into_iter().find(|fault| fault.to_string() == text)
}

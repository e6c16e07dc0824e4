//! The life of a send.

use crm::SendStatus;
use serde::{Deserialize, Serialize};

/// How far a send is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum SendState {
    /// The people are read, sifted and written down.
    Collecting,
    /// Everything is prepared, and somebody has to agree.
    Held,
    /// The parts go to the platform.
    Importing,
    /// The platform is told to mail, or may have been.
    Releasing,
    /// The platform mails.
    Released,
    /// All mails left, and the receipt is written.
    Sent,
    /// A user did not want it any more.
    Cancelled,
    /// It cannot be done.
    Refused {
        /// Why, for people.
        reason: String,
    },
    /// Nobody but a person can tell what is to be done.
    NeedsPerson {
        /// Why, and what to do.
        reason: String,
    },
}

/// What happens to a send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The parts are written.
    Collected,
    /// Somebody has to agree first.
    HeldBack,
    /// Somebody agreed.
    Approved,
    /// All parts are in the platform's table.
    Imported,
    /// The platform has a job for it.
    JobFound,
    /// All is counted.
    Counted,
    /// A user wants it no more.
    Cancelled,
    /// The record was changed: the people are read anew.
    Edited,
    /// It cannot be done.
    Refused(String),
    /// A person has to look.
    Unclear(String),
}

/// An event that cannot happen in this state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a send that is {state:?} cannot be {event:?}")]
pub struct IllegalMove {
    state: SendState,
    event: Event,
}

impl SendState {
    /// Whether nothing follows.
    pub const fn is_settled(&self) -> bool {
        matches!(self, Self::Sent | Self::Cancelled | Self::Refused { .. } | Self::NeedsPerson { .. })
    }

    /// As its record says it.
    pub const fn status(&self) -> SendStatus {
        match self {
            Self::Collecting => SendStatus::Collecting,
            Self::Held => SendStatus::Held,
            Self::Importing => SendStatus::Importing,
            Self::Releasing => SendStatus::Releasing,
            Self::Released => SendStatus::Released,
            Self::Sent => SendStatus::Sent,
            Self::Cancelled => SendStatus::Cancelled,
            Self::Refused { .. } => SendStatus::Refused,
            Self::NeedsPerson { .. } => SendStatus::NeedsPerson,
        }
    }

    /// Why, where there is something to say.
    pub fn reason(&self) -> &str {
        match self {
            Self::Refused { reason } | Self::NeedsPerson { reason } => reason,
            _ => "",
        }
    }

    /// The state after an event. Once the platform may have been told to mail, nothing is cancelled, edited or refused.
    pub fn on(self, event: Event) -> Result<Self, IllegalMove> {
        let is_before_release = matches!(self, Self::Collecting | Self::Held | Self::Importing);
        Ok(match (self, event) {
            (Self::Collecting, Event::Collected) | (Self::Held, Event::Approved) => Self::Importing,
            (Self::Importing, Event::HeldBack) => Self::Held,
            (Self::Importing, Event::Imported) => Self::Releasing,
            (Self::Releasing, Event::JobFound) => Self::Released,
            (Self::Released, Event::Counted) => Self::Sent,
            (_, Event::Cancelled) if is_before_release => Self::Cancelled,
            (_, Event::Edited) if is_before_release => Self::Collecting,
            (_, Event::Refused(reason)) if is_before_release => Self::Refused { reason },
            (state, Event::Unclear(reason)) if !state.is_settled() => Self::NeedsPerson { reason },
            (state, event) => return Err(IllegalMove { state, event }),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn events() -> impl Strategy<Value = Event> {
        proptest::sample::select(vec![
            Event::Collected,
            Event::HeldBack,
            Event::Approved,
            Event::Imported,
            Event::JobFound,
            Event::Counted,
            Event::Cancelled,
            Event::Edited,
            Event::Refused("no".to_owned()),
            Event::Unclear("look".to_owned()),
        ])
    }

    proptest! {
        /// Whatever happens in whatever order: what is settled stays, and after the platform may have been told to mail,
        /// nothing says that it was not.
        #[test]
        fn a_send_never_goes_back_behind_its_release(events in proptest::collection::vec(events(), 0..30)) {
            let (mut state, mut may_be_mailed) = (SendState::Collecting, false);
            for event in events {
                let before = state.clone();
                match state.clone().on(event) {
                    Ok(next) => {
                        prop_assert!(!before.is_settled());
                        may_be_mailed |= next == SendState::Releasing;
                        state = next;
                    }
                    Err(illegal) => prop_assert_eq!(illegal.state, before),
                }
                if may_be_mailed {
                    let late = [SendStatus::Releasing, SendStatus::Released, SendStatus::Sent, SendStatus::NeedsPerson];
                    prop_assert!(late.contains(&state.status()), "{:?}", state);
                }
            }
        }
    }
}

//! The life of a site, from claim to ready.

use domain::Timestamp;
use serde::{Deserialize, Serialize};

/// How far a site is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum SiteState {
    /// Asked for and queued.
    Claimed,
    /// Being made.
    Building,
    /// Put off: another system is busy or away.
    Waiting {
        /// No call before this.
        until: Timestamp,
        /// Why, for people.
        reason: String,
    },
    /// All steps are done.
    Ready {
        /// Where it is.
        url: String,
        /// Since when.
        at: Timestamp,
    },
    /// Cannot be made as things are; another press begins again where it stopped.
    Refused {
        /// Why, for people.
        reason: String,
        /// Since when.
        at: Timestamp,
    },
}

/// What happens to a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A press: also the second one, and one after a refusal.
    Pressed,
    /// A delivery takes up the work.
    Started,
    /// A delivery cannot go on now.
    Delayed {
        /// When to go on.
        until: Timestamp,
        /// Why, for people.
        reason: String,
    },
    /// The last step is done.
    Finished {
        /// Where the site is.
        url: String,
        /// When.
        at: Timestamp,
    },
    /// It cannot be done.
    Refused {
        /// Why, for people.
        reason: String,
        /// When.
        at: Timestamp,
    },
}

/// An event that the state has no answer to: a bug, or a row that somebody changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a site that is {state} does not take {event}")]
pub struct IllegalMove {
    state: &'static str,
    event: &'static str,
}

impl SiteState {
    /// The next state.
    pub fn on(self, event: Event) -> Result<Self, IllegalMove> {
        match (self, event) {
            (Self::Refused { .. }, Event::Pressed) => Ok(Self::Claimed),
            // A press never disturbs work that is under way or done (ST-10).
            (state, Event::Pressed) => Ok(state),
            // A delivery may follow one that was cut off without a word.
            (Self::Claimed | Self::Waiting { .. } | Self::Building, Event::Started) => Ok(Self::Building),
            (Self::Building, Event::Delayed { until, reason }) => Ok(Self::Waiting { until, reason }),
            (Self::Building, Event::Finished { url, at }) => Ok(Self::Ready { url, at }),
            (Self::Building, Event::Refused { reason, at }) => Ok(Self::Refused { reason, at }),
            (state, event) => Err(IllegalMove { state: state.name(), event: event.name() }),
        }
    }

    /// Whether no delivery has anything to do.
    pub fn is_settled(&self) -> bool {
        matches!(self, Self::Ready { .. } | Self::Refused { .. })
    }

    /// One word.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Building => "building",
            Self::Waiting { .. } => "waiting",
            Self::Ready { .. } => "ready",
            Self::Refused { .. } => "refused",
        }
    }
}

impl Event {
    const fn name(&self) -> &'static str {
        match self {
            Self::Pressed => "a press",
            Self::Started => "a start",
            Self::Delayed { .. } => "a delay",
            Self::Finished { .. } => "a finish",
            Self::Refused { .. } => "a refusal",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event() -> impl Strategy<Value = Event> {
        let at = Timestamp::UNIX_EPOCH;
        prop_oneof![
            Just(Event::Pressed),
            Just(Event::Started),
            Just(Event::Delayed { until: at, reason: "busy".to_owned() }),
            Just(Event::Finished { url: "u".to_owned(), at }),
            Just(Event::Refused { reason: "no".to_owned(), at }),
        ]
    }

    proptest! {
        /// ST-09, ST-10: a site is ready only by a finish out of building, and stays ready whatever happens.
        #[test]
        fn a_site_is_ready_only_through_building_and_stays_ready(events in proptest::collection::vec(event(), 0..30)) {
            let mut state = SiteState::Claimed;
            for event in events {
                let before = state.clone();
                match before.clone().on(event.clone()) {
                    Ok(after) => {
                        if after.name() == "ready" && before.name() != "ready" {
                            prop_assert_eq!(&before, &SiteState::Building);
                        }
                        if before.name() == "ready" {
                            prop_assert_eq!(&after, &before);
                        }
                        if before.name() == "refused" {
                            prop_assert_eq!(&after, &SiteState::Claimed);
                        }
                        state = after;
                    }
                    // An illegal move changes nothing, and says what it was.
                    Err(error) => prop_assert!(error.to_string().contains(before.name())),
                }
            }
        }
    }
}

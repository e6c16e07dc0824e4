//! What a person did with an issue.

use domain::Timestamp;
use serde::{Deserialize, Serialize};

/// What became of an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "lowercase")]
pub enum IssueState {
    /// It waits for a person.
    Open,
    /// It is in its queue again. If it fails again it is another issue: a message that is sent anew has a new id.
    Returned {
        /// Since when.
        at: Timestamp,
        /// Who did it: an id, no name.
        by: String,
    },
    /// Nothing is to be done.
    Dismissed {
        /// Since when.
        at: Timestamp,
        /// Who did it: an id, no name.
        by: String,
    },
}

/// What a person wants to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Back into its queue.
    GiveBack,
    /// It is back in its queue: a fact, whatever a person said meanwhile.
    Pushed,
    /// Nothing.
    Dismiss,
}

/// Whether a move did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// By this move.
    Now,
    /// By an equal one before.
    Already,
}

/// A move that the state does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message was {0} before")]
pub struct IllegalMove(&'static str);

impl IssueState {
    /// The state's name: `open`, `returned` or `dismissed`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Returned { .. } => "returned",
            Self::Dismissed { .. } => "dismissed",
        }
    }

    /// The state after a move. The first of two equal moves is the one that counts. A message that was pushed is at work:
    /// its row never says that nothing is to be done.
    pub fn on(self, wanted: Move, at: Timestamp, by: &str) -> Result<(Self, Settled), IllegalMove> {
        let by = || by.to_owned();
        match (wanted, self) {
            (Move::GiveBack | Move::Pushed, Self::Open) | (Move::Pushed, Self::Dismissed { .. }) => {
                Ok((Self::Returned { at, by: by() }, Settled::Now))
            }
            (Move::Dismiss, Self::Open) => Ok((Self::Dismissed { at, by: by() }, Settled::Now)),
            (Move::GiveBack | Move::Pushed, it @ Self::Returned { .. })
            | (Move::Dismiss, it @ Self::Dismissed { .. }) => Ok((it, Settled::Already)),
            (_, other) => Err(IllegalMove(other.name())),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever else is tried, a message that was pushed is returned, and stays so.
        #[test]
        fn what_was_pushed_is_returned(moves in prop::collection::vec(0..3_usize, 0..12)) {
            let at = Timestamp::UNIX_EPOCH;
            let (mut state, mut pushed) = (IssueState::Open, false);
            for number in moves {
                let wanted = [Move::GiveBack, Move::Dismiss, Move::Pushed][number];
                let outcome = state.clone().on(wanted, at, "somebody");
                pushed |= wanted == Move::Pushed;
                prop_assert!(outcome.is_ok() || wanted != Move::Pushed);
                state = outcome.map_or(state, |(next, _)| next);
                prop_assert!(!pushed || state.name() == "returned");
            }
        }

        /// Whatever is tried, the first move of a person decides, and keeps its time and its person.
        #[test]
        fn the_first_move_is_the_only_one(moves in prop::collection::vec(any::<bool>(), 1..12)) {
            let moves: Vec<Move> = moves.into_iter().map(|back| if back { Move::GiveBack } else { Move::Dismiss }).collect();
            let mut state = IssueState::Open;
            let mut after_first = None;
            for (number, wanted) in moves.iter().enumerate() {
                let at = Timestamp::from_second(i64::try_from(number).expect("small")).expect("a timestamp");
                let outcome = state.clone().on(*wanted, at, &format!("person-{number}"));
                prop_assert_eq!(outcome.is_ok(), *wanted == moves[0], "{:?}", wanted);
                let Ok((next, settled)) = outcome else { continue };
                prop_assert_eq!(settled == Settled::Now, number == 0);
                state = next;
                prop_assert_eq!(after_first.get_or_insert(state.clone()), &state);
            }
        }

        #[test]
        fn a_state_is_read_as_it_was_written(number in 0..3, second in 0..4_000_000_000_i64, by in "[a-z0-9-]{1,36}") {
            let at = Timestamp::from_second(second).expect("a timestamp");
            let state = match number {
                0 => IssueState::Open,
                1 => IssueState::Returned { at, by },
                _ => IssueState::Dismissed { at, by },
            };
            let text = serde_json::to_string(&state).expect("JSON");
            prop_assert_eq!(serde_json::from_str::<IssueState>(&text).expect("a state"), state);
        }
    }
}

//! Mistakes in what is written and read of a send.

use domain::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Planted;

/// Longer than anybody waits for a release to be seen.
const LONG_AGO: SignedDuration = SignedDuration::from_mins(30);

/// Changes a send's row and when it is due; whether it did.
pub(super) fn on_write(planted: Planted, send: &mut Value, due_at: &mut Option<Timestamp>) -> bool {
    let is_at_work = matches!(send["state"]["is"].as_str(), Some("collecting" | "importing" | "releasing"));
    // What is handed over, and what waits for a time of its own, is due then: those are other chains.
    let has_no_time = send["not_before"].is_null() && !send["journal"]["table"].is_null();
    let journal = &mut send["journal"];
    match planted {
        Planted::BlindRelease if journal["job"].is_null() && !journal["attempt"].is_null() => {
            journal["attempt"] = Value::Null;
        }
        Planted::DefinedBeforeAct if !journal["opted_out"].is_null() => journal["is_defined"] = true.into(),
        Planted::ChainCut if is_at_work && has_no_time => *due_at = None,
        _ => return false,
    }
    true
}

/// Changes what is read of a send's row; whether it did.
pub(super) fn on_read(planted: Planted, send: &mut Value) -> bool {
    let attempt = &mut send["journal"]["attempt"];
    let at = attempt["at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
    match (planted, at) {
        (Planted::NoQuietWindow, Some(at)) => {
            attempt["at"] = json!(at - LONG_AGO);
            true
        }
        _ => false,
    }
}

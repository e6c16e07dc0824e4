//! Mistakes in what is written of a site.

use domain::Timestamp;
use serde_json::{Value, json};

use super::Planted;

/// The steps of a site's journal, as the row names them. Written out here: a planted mistake knows what it breaks.
const STEPS: [&str; 8] = ["web", "lists", "links", "pages", "groups", "roles", "members", "record"];

/// Changes a site's row and when it is due; whether it did.
pub(super) fn on_write(planted: Planted, site: &mut Value, due_at: &mut Option<Timestamp>) -> bool {
    let done = site["journal"].as_array().map_or(0, Vec::len);
    let is_building = site["state"]["is"] == "building";
    let at = site["progressed_at"].clone();
    match planted {
        Planted::RecordedBeforeAct if is_building && (1..STEPS.len() - 1).contains(&done) => {
            record(site, STEPS[done], &at);
        }
        Planted::ProtectionSkipped if is_building && done == 5 => record(site, "roles", &at),
        Planted::DueLost if is_building => *due_at = None,
        Planted::ReadyTooEarly if is_building && done == 7 => {
            site["state"] = json!({ "is": "ready", "url": site["facts"]["web"]["url"], "at": at });
        }
        Planted::LandingNotAwaited if site["state"]["is"] == "waiting" => {
            site["state"]["until"] = json!(Timestamp::UNIX_EPOCH);
            *due_at = due_at.map(|_| Timestamp::UNIX_EPOCH);
        }
        _ => return false,
    }
    true
}

fn record(site: &mut Value, step: &str, at: &Value) {
    if let Some(journal) = site["journal"].as_array_mut() {
        journal.push(json!({ "step": step, "at": at }));
    }
}

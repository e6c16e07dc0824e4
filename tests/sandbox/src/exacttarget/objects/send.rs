//! Jobs that are made directly (contract §6, Sending, A), and their steering.

use domain::Timestamp;
use soap::Element;

use super::{number, text};
use crate::exacttarget::{
    account::{Account, Audience},
    answer::{Outcome, Refused},
    events::Happening,
    job::{JobState, Release},
};

/// Sends a mail to lists, at once: the new id is the job's number.
pub(super) fn create(account: &mut Account, asked: &Element, now: Timestamp) -> Result<Outcome, Refused> {
    let email = asked.child("Email").and_then(|email| number(email, "ID"));
    let email = email.ok_or_else(|| Refused::new(7_001, "Email.ID has to have a value."))?;
    let lists: Vec<u32> = asked.all("List").filter_map(|list| number(list, "ID")).collect();
    if lists.is_empty() || lists.iter().any(|id| !account.lists.contains_key(id)) {
        return Err(Refused::new(7_002, "The list was not found."));
    }
    let from = match (text(asked, "FromName"), text(asked, "FromAddress")) {
        (Some(name), Some(address)) => Some((name, address)),
        _ => None,
    };
    let release = Release {
        definition: None,
        email,
        subject: text(asked, "Subject"),
        from,
        additional: text(asked, "Additional").unwrap_or_default(),
        sources: lists.into_iter().map(Audience::List).collect(),
        exclusions: Vec::new(),
        is_deduplicated: true,
    };
    let job = account.release(release, now).ok_or_else(|| Refused::new(7_001, "The e-mail was not found."))?;
    Ok(Outcome { message: "Created Send.".to_owned(), new_id: Some(job), ..Outcome::default() })
}

/// Pauses, resumes or cancels a job.
pub(super) fn steer(account: &mut Account, action: &str, asked: &Element, now: Timestamp) -> Result<Outcome, Refused> {
    let id = number(asked, "ID").unwrap_or_default();
    let job = account.jobs.get_mut(&id).ok_or_else(|| Refused::new(7_000, "The send was not found."))?;
    let next = match (action, job.state) {
        ("cancel", JobState::Scheduled | JobState::Sending | JobState::Paused) => JobState::Canceled,
        ("pause", JobState::Scheduled | JobState::Sending) => JobState::Paused,
        ("resume", JobState::Paused) => JobState::Sending,
        (_, state) => return Err(Refused::new(140, format!("The send is {}.", state.name()))),
    };
    job.state = next;
    if next == JobState::Sending {
        account.later(now, Happening::Job(id));
    }
    Ok(Outcome { message: format!("Send {action} performed"), ..Outcome::default() })
}

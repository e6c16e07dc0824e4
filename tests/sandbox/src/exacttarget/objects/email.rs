//! Mails that are written for many.

use domain::Timestamp;
use soap::Element;

use super::text;
use crate::exacttarget::{
    account::{Account, Email},
    answer::{Outcome, Refused},
};

/// Makes one. Of the two bodies the text is the one that mailboxes show.
pub(super) fn create(account: &mut Account, asked: &Element, now: Timestamp) -> Result<Outcome, Refused> {
    let name = text(asked, "Name").ok_or_else(|| Refused::new(4_000, "Name has to have a value."))?;
    let subject = text(asked, "Subject").ok_or_else(|| Refused::new(4_001, "Subject has to have a value."))?;
    let body = text(asked, "TextBody").or_else(|| text(asked, "HTMLBody")).unwrap_or_default();
    let id = account.next_id();
    account.emails.insert(id, Email { id, name, subject, body, created: now });
    Ok(Outcome { message: "Created Email.".to_owned(), new_id: Some(id), ..Outcome::default() })
}

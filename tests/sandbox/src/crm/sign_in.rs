//! Tickets: who may call, for which organisation, until when.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{CrmId, SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::{fault::Refusal, organisation::Organisation};
use crate::people;

/// How long a ticket is accepted. Invented: the contract says only that they expire.
pub(crate) const LIFETIME: SignedDuration = SignedDuration::from_hours(4);

/// The tickets that were handed out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tickets {
    by_text: BTreeMap<String, Ticket>,
    issued: u64,
}

#[derive(Clone, Debug)]
struct Ticket {
    organisation: String,
    user: CrmId,
    expires: Timestamp,
}

impl Tickets {
    /// A ticket for a user of an organisation, and when it ends.
    pub(crate) fn issue(&mut self, organisation: &str, user: CrmId, now: Timestamp) -> (String, Timestamp) {
        self.issued += 1;
        let seed = format!("{organisation}/{user}/{}", self.issued);
        let text = STANDARD.encode(Sha256::digest(seed.as_bytes()));
        let expires = now + LIFETIME;
        self.by_text.insert(text.clone(), Ticket { organisation: organisation.to_owned(), user, expires });
        (text, expires)
    }

    /// The user whose ticket this is. A ticket that is missing, unknown, expired or another organisation's is refused
    /// with the one code that makes a client sign in anew.
    pub(crate) fn user(&self, text: &str, organisation: &str, now: Timestamp) -> Result<CrmId, Refusal> {
        let ticket = self.by_text.get(text).filter(|ticket| ticket.organisation == organisation);
        let valid = ticket.filter(|ticket| now < ticket.expires);
        valid.map(|ticket| ticket.user).ok_or_else(Refusal::expired_ticket)
    }

    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.by_text.keys().map(String::as_str)
    }

    /// Makes every ticket that was handed out expire.
    pub(crate) fn expire(&mut self) {
        self.by_text.clear();
    }
}

/// The user of the organisation who signs in with this name and password.
pub(crate) fn check(organisation: &Organisation, login: &str, password: &str) -> Result<CrmId, Refusal> {
    // Codes of the bad-ticket family; which of them a wrong password gives is not known (contract §8).
    let denied = || Refusal::new("0x80048405", "Access is denied.");
    let person = people::by_login(login).filter(|person| person.tenant == organisation.name).ok_or_else(denied)?;
    let user = organisation.user(person.login).ok_or_else(denied)?;
    if organisation.passwords.get(&user).map_or(person.password, String::as_str) != password {
        return Err(denied());
    }
    organisation.caller(user).map(|caller| caller.user)
}

//! Tickets: who may call, for which organisation, until when.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{CrmId, SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::{fault::Refusal, organisation::Organisation};
use crate::{
    live_id::passport::{PARTNER, POLICY, Passport},
    people,
};

/// How the people of an organisation prove who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignIn {
    /// With name and password, in an internet-facing deployment on premise.
    Ifd,
    /// With a ticket of Live ID, at CRM Online.
    LiveId,
}

impl SignIn {
    /// `AuthenticationType` of the header of every call (contract §2).
    pub(crate) const fn authentication_type(self) -> &'static str {
        match self {
            Self::Ifd => "2",
            Self::LiveId => "1",
        }
    }
}

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

/// The user of the organisation whose ticket of Live ID this is.
///
/// Codes of the bad-ticket family after their names in `errors/crm2015_error_codes.tsv` of the contract.
pub(crate) fn check_passport(organisation: &Organisation, ticket: &str, now: Timestamp) -> Result<CrmId, Refusal> {
    let refusal =
        |code: &str, text: &str| Refusal::new(code, format!("The ticket specified for authentication {text}"));
    if ticket.is_empty() {
        return Err(refusal("0x8004A100", "didn't pass validation"));
    }
    let passport = Passport::of_ticket(ticket);
    let passport = passport.ok_or_else(|| refusal("0x8004A105", "has been tampered with or invalidated."))?;
    if passport.partner != PARTNER || passport.policy != POLICY {
        return Err(refusal("0x8004A103", "didn't meet policy"));
    }
    if passport.expires <= now {
        return Err(Refusal::expired_ticket());
    }
    let person = people::by_login(&passport.member).filter(|person| person.tenant == organisation.name);
    let user = person.and_then(|person| organisation.user(person.login));
    let user = user.ok_or_else(|| Refusal::new("0x80048405", "Access is denied."))?;
    organisation.caller(user).map(|caller| caller.user)
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

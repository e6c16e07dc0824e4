//! What Live ID gives out, sealed so that only the simulated services read it, and know if it was changed.
//!
//! The real ones are encrypted for the partner and for Live ID itself; what is inside is invented.

use aws_lc_rs::hmac;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use domain::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The partner that CRM Online is to Live ID (contract §3, step 4).
pub(crate) const PARTNER: &str = "crm.dynamics.com";
/// The policy that CRM Online names, and under which Live ID makes a ticket for it (contract §3, step 1).
pub(crate) const POLICY: &str = "MBI_SSL";

const SEAL: &[u8] = b"the sandbox's Live ID and its partners";

/// A ticket of a person for a partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Passport {
    pub(crate) member: String,
    pub(crate) partner: String,
    pub(crate) policy: String,
    pub(crate) expires: Timestamp,
    /// Two tickets of a second are two.
    pub(crate) number: usize,
}

/// What a device token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DeviceProof {
    pub(super) device: String,
    pub(super) expires: Timestamp,
    pub(super) number: usize,
}

impl Passport {
    /// As clients carry it: `t=…&p=`.
    pub(crate) fn to_ticket(&self) -> String {
        format!("t={}&p=", seal(self))
    }

    /// A ticket that was not changed; whether it is still good is for the reader to say.
    pub(crate) fn of_ticket(ticket: &str) -> Option<Self> {
        open(ticket.trim().strip_prefix("t=")?.strip_suffix("&p=")?)
    }
}

impl DeviceProof {
    pub(super) fn to_cipher(&self) -> String {
        seal(self)
    }

    pub(super) fn of_cipher(cipher: &str) -> Option<Self> {
        open(cipher.trim())
    }
}

fn seal<T: Serialize>(value: &T) -> String {
    // A value of texts, numbers and instants always becomes JSON; an empty seal would be refused.
    let mut bytes = serde_json::to_vec(value).unwrap_or_default();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SEAL), &bytes);
    bytes.extend_from_slice(tag.as_ref());
    BASE64_STANDARD.encode(bytes)
}

fn open<T: DeserializeOwned>(sealed: &str) -> Option<T> {
    let bytes = BASE64_STANDARD.decode(sealed).ok()?;
    let (value, tag) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, SEAL), value, tag).ok()?;
    serde_json::from_slice(value).ok()
}

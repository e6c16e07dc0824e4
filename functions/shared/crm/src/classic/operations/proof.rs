//! Who asks discovery.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use soap::Element;

/// What discovery believes a user by.
#[derive(Clone)]
pub enum Proof {
    /// Name and password, at `/SPLA/`.
    Password {
        /// The user, as `DOMAIN\user`.
        user: String,
        /// The password.
        password: SecretString,
    },
    /// A ticket of Live ID, at `/Passport/`.
    Passport(SecretString),
}

impl Proof {
    /// The request with the proof at its end: the schema's order, in which a ticket comes before a name.
    pub(super) fn write(&self, request: Element) -> Element {
        match self {
            Self::Password { user, password } => {
                request.with_value("UserId", user).with_value("Password", password.expose_secret())
            }
            Self::Passport(ticket) => request.with_value("PassportTicket", ticket.expose_secret()),
        }
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password { .. } => "Password",
            Self::Passport(_) => "Passport",
        })
    }
}

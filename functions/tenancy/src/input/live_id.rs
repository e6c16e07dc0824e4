//! How a CRM Online is signed in to, as an operator says it.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use transport::Guard;
use url::Url;

use super::{Form, connection::address};

/// The longest name and password of a device: `MaxDeviceNameLength` and `MaxDevicePasswordLength` of the CRM SDK's
/// `DeviceIdManager`, as are the characters that they may have.
const LONGEST: usize = 24;
const PUNCTUATION: &str = "!@#$%^*()-_=+;,./?`~";

/// What [`crm::classic::LiveId`] is read from.
pub(crate) struct LiveId {
    issuer: Url,
    registration: Url,
    partner: String,
    device: (String, SecretString),
}

impl LiveId {
    pub(super) fn read(form: &Form<'_>, guard: Option<&Guard>) -> Option<Self> {
        let (issuer, registration) = (address(form, "issuer", guard), address(form, "registration", guard));
        let partner = form.text("partner").map(ToOwned::to_owned);
        let device = form.form("device").and_then(|device| {
            let name = device.text("name").filter(|name| {
                let fits = name.len() <= LONGEST
                    && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
                if !fits {
                    device.wrong("name", format!("is not 1 to {LONGEST} small letters and digits"));
                }
                fits
            });
            let password = device.secret("password").filter(|password| {
                let password = password.expose_secret();
                let fits = password.len() <= LONGEST
                    && password.chars().all(|it| it.is_ascii_alphanumeric() || PUNCTUATION.contains(it));
                if !fits {
                    device.wrong("password", format!("is not 1 to {LONGEST} letters, digits and {PUNCTUATION}"));
                }
                fits
            });
            Some((name?.to_owned(), password?))
        });
        Some(Self { issuer: issuer?, registration: registration?, partner: partner?, device: device? })
    }

    /// As the secret holds it.
    pub(super) fn to_secret(&self) -> Value {
        let Self { issuer, registration, partner, device: (name, password) } = self;
        json!({
            "issuer": issuer, "registration": registration, "partner": partner,
            "device": { "name": name, "password": password.expose_secret() },
        })
    }
}

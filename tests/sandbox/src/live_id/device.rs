//! Registering devices: `DeviceAddCredential.srf` (contract §3, step 3).

use bytes::Bytes;
use http::{Response, StatusCode};
use soap::{Element, Limits};

use super::{State, xml};

/// A name (without the `11` in front of it) and a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// The name.
    pub name: &'static str,
    /// The password.
    pub password: &'static str,
}

impl Device {
    /// What the connection of a seeded tenant calls itself. It is not registered until somebody does.
    pub const LAKESIDE: Self = Self { name: "lakesidetieline", password: "sandbox-device-lakeside1" };
}

/// In front of the name of every device (contract §3).
const PREFIX: &str = "11";
/// `MaxDeviceNameLength` and `MaxDevicePasswordLength` of the SDK's `DeviceIdManager`.
const LONGEST: usize = 24;
/// Shorter passwords are refused: invented.
const SHORTEST_PASSWORD: usize = 6;

// `DeviceRegistrationErrorCode` of the SDK's `DeviceIdManager`.
const MALFORMED: &str = "dc3";
const BLANK_PASSWORD: &str = "dc6";
const INCOMPLETE: &str = "dc7";
const BAD_SYNTAX: &str = "dc8";
const BAD_CHARACTERS: &str = "dc9";
const ALREADY_THERE: &str = "dc13";

pub(super) fn handle(state: &mut State, body: &Bytes) -> Response<Bytes> {
    let (name, password) = match read(body) {
        Ok(device) => device,
        Err(code) => return refusal(code),
    };
    // Whatever the password: the SDK ignores this code where it does not know whether it registered before.
    if state.devices.contains_key(&name) {
        return refusal(ALREADY_THERE);
    }
    state.devices.insert(name, password);
    let puid = format!("0018{:012X}", state.devices.len());
    // The contract's authored sample has both ways of saying so that public clients read.
    let added = Element::new("", "DeviceAddResponse").with_attribute("Success", "true");
    let added = added.with_value("success", "true").with_value("puid", puid);
    xml(StatusCode::OK, "text/xml; charset=utf-8", added.to_document())
}

/// A device that is not registered. That its status is 400 is invented: the SDK reads such a body with any status.
pub(super) fn refusal(code: &str) -> Response<Bytes> {
    let refused = Element::new("", "DeviceAddResponse")
        .with_attribute("Success", "false")
        .with_value("success", "false")
        .with(Element::new("", "Error").with_attribute("Code", code))
        .with_value("ErrorSubcode", "as the sandbox says");
    xml(StatusCode::BAD_REQUEST, "text/xml; charset=utf-8", refused.to_document())
}

/// Name and password of a `DeviceAddRequest`.
fn read(body: &Bytes) -> Result<(String, String), &'static str> {
    let request = soap::parse(body, Limits::default()).map_err(|_| MALFORMED)?;
    if !request.is(("", "DeviceAddRequest")) {
        return Err(MALFORMED);
    }
    let client = request.child(("", "ClientInfo")).ok_or(MALFORMED)?;
    let has_application = client.attribute("name").is_some_and(|name| uuid::Uuid::parse_str(name).is_ok());
    if !has_application || client.attribute("version").is_none() {
        return Err(MALFORMED);
    }
    let authentication = request.child(("", "Authentication")).ok_or(INCOMPLETE)?;
    let member = authentication.child(("", "Membername")).ok_or(INCOMPLETE)?.text();
    let password = authentication.child(("", "Password")).ok_or(INCOMPLETE)?.text();
    let name = member.strip_prefix(PREFIX).ok_or(BAD_SYNTAX)?;
    if name.is_empty() || name.len() > LONGEST || password.len() > LONGEST {
        return Err(BAD_SYNTAX);
    }
    if password.is_empty() {
        return Err(BLANK_PASSWORD);
    }
    // `ValidDeviceNameCharacters` and `ValidDevicePasswordCharacters` of the SDK's `DeviceIdManager`.
    let is_of_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_of_password = |byte: u8| byte.is_ascii_alphanumeric() || b"!@#$%^*()-_=+;,./?`~".contains(&byte);
    if !name.bytes().all(is_of_name) || !password.bytes().all(is_of_password) {
        return Err(BAD_CHARACTERS);
    }
    if password.len() < SHORTEST_PASSWORD {
        return Err(BAD_SYNTAX);
    }
    Ok((name.to_owned(), password))
}

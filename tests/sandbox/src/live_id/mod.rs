//! A simulated Windows Live ID: devices are registered, and the token service (WS-Trust, February 2005) gives out device
//! tokens and the tickets that CRM Online takes.
//!
//! Facts are from the Dynamics contract (§3 and `samples/liveid`). Codes of faults are those of the sign-in assistant
//! <https://learn.microsoft.com/previous-versions/office/developer/lync-online/hh472110(v=office.14)>, codes of
//! registrations those of the CRM SDK's `DeviceIdManager`; which of them answers what is invented where the contract has
//! no sample. Start at [`handle`].

mod device;
mod fault;
pub(crate) mod passport;
mod rst;
mod sts;

use std::collections::BTreeMap;

use bytes::Bytes;
use domain::Timestamp;
use http::{Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};
use soap::Element;

use self::{fault::Fault, rst::Rst};
use crate::{Addresses, people};

pub use device::Device;
pub use sts::{DEVICE_LIFETIME, TICKET_LIFETIME};

/// Where devices are registered (contract §3, step 3).
pub const DEVICES: &str = "/ppsecure/DeviceAddCredential.srf";
/// The token service that clients find in no document (contract §3, step 2).
pub const TOKENS: &str = "/wstlogin.srf";
/// The token service that [`METADATA`] names.
const TOKENS_OF_METADATA: &str = "/liveidSTS.srf";
/// What the SDK reads to find the token service (contract §3, step 2).
const METADATA: &str = "/federationmetadata/2006-12/FederationMetaData.xml";

/// The accounts, the devices, and what was given out.
#[derive(Clone, Debug)]
pub struct State {
    address: String,
    /// The host of the CRM, which is a partner by its own name too.
    crm: String,
    /// Passwords that were changed since the seed, by member name.
    passwords: BTreeMap<String, String>,
    /// Passwords, by name without the `11` in front of it.
    devices: BTreeMap<String, String>,
    /// Every ticket and device token, as clients send them.
    issued: Vec<String>,
}

impl State {
    /// The people of the seeded tenants that are online have an account; no device is registered.
    pub fn seeded(addresses: &Addresses) -> Self {
        let crm = addresses.crm.split("//").nth(1).unwrap_or_default().to_owned();
        let address = addresses.live_id.clone();
        Self { address, crm, passwords: BTreeMap::new(), devices: BTreeMap::new(), issued: Vec::new() }
    }

    /// Gives an account another password; tickets that were handed out stay good.
    pub fn set_password(&mut self, member: &str, password: &str) {
        self.passwords.insert(member.to_ascii_lowercase(), password.to_owned());
    }

    /// Registers a device, as if somebody had done so before.
    pub fn register(&mut self, device: &Device) {
        self.devices.insert(device.name.to_owned(), device.password.to_owned());
    }

    /// The names of the devices that are registered.
    pub fn devices(&self) -> impl Iterator<Item = &str> {
        self.devices.keys().map(String::as_str)
    }

    /// Every ticket and device token that was given out, as clients send them.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        self.issued.iter().map(String::as_str)
    }

    pub(crate) fn summary(&self) -> Value {
        json!({ "devices": self.devices.len(), "tokens": self.issued.len() })
    }

    /// The password of an account, if there is one of that name.
    fn password(&self, member: &str) -> Option<&str> {
        let person = people::by_login(member).filter(|person| people::is_online(person.tenant))?;
        Some(self.passwords.get(&member.to_ascii_lowercase()).map_or(person.password, String::as_str))
    }
}

/// Answers a request.
pub fn handle(state: &mut State, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
    match (Endpoint::of(request.uri().path()), request.method()) {
        (None, _) => empty(StatusCode::NOT_FOUND),
        (Some(Endpoint::Metadata), &Method::GET) => metadata(state),
        (Some(Endpoint::Devices), &Method::POST) => device::handle(state, request.body()),
        (Some(Endpoint::Tokens), &Method::POST) => sts::handle(state, request, now),
        _ => empty(StatusCode::METHOD_NOT_ALLOWED),
    }
}

/// What a request asks for, as it is counted and as switches name it.
pub fn operation(request: &Request<Bytes>) -> String {
    let name = match Endpoint::of(request.uri().path()) {
        Some(Endpoint::Devices) => "DeviceAdd",
        Some(Endpoint::Metadata) => "FederationMetadata",
        Some(Endpoint::Tokens) => match Rst::read(request) {
            Ok(rst) if rst.is_of_device() => "DeviceToken",
            Ok(_) => "UserToken",
            Err(_) => "unreadable",
        },
        None => "Other",
    };
    name.to_owned()
}

/// The answer with this code: `dc13` or `0x80048821`.
pub fn refusal(request: &Request<Bytes>, code: &str) -> Response<Bytes> {
    match Endpoint::of(request.uri().path()) {
        Some(Endpoint::Devices) => device::refusal(code),
        _ => Fault::of_code(code).to_response(),
    }
}

enum Endpoint {
    Devices,
    Tokens,
    Metadata,
}

impl Endpoint {
    /// IIS does not distinguish case in paths.
    fn of(path: &str) -> Option<Self> {
        let is = |known: &str| path.eq_ignore_ascii_case(known);
        if is(DEVICES) {
            Some(Self::Devices)
        } else if is(TOKENS) || is(TOKENS_OF_METADATA) {
            Some(Self::Tokens)
        } else {
            is(METADATA).then_some(Self::Metadata)
        }
    }
}

/// As much of the document as the SDK reads: `fed:TargetServiceEndpoint/wsa:Address`. What is around it is invented.
fn metadata(state: &State) -> Response<Bytes> {
    const FEDERATION: &str = "http://schemas.xmlsoap.org/ws/2006/03/federation";
    let address =
        Element::new(soap::ns::ADDRESSING, "Address").with_text(format!("{}{TOKENS_OF_METADATA}", state.address));
    let endpoint = Element::new(FEDERATION, "TargetServiceEndpoint").with(address);
    let federation = Element::new(FEDERATION, "Federation").with_attribute("FederationID", "http://Passport.NET/tb");
    let document = Element::new(FEDERATION, "FederationMetadata").with(federation.with(endpoint));
    xml(StatusCode::OK, "text/xml; charset=utf-8", document.to_document())
}

fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

fn xml(status: StatusCode, kind: &'static str, document: Result<Vec<u8>, soap::Error>) -> Response<Bytes> {
    let Ok(document) = document else { return empty(StatusCode::INTERNAL_SERVER_ERROR) };
    let mut response = Response::new(Bytes::from(document));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    response
}

//! Reading a request for a token: what the clients of the contract's samples send, and what else the protocols allow.

use bytes::Bytes;
use domain::Timestamp;
use http::{Request, header};
use soap::{
    Element, Envelope, Limits, SoapVersion,
    ns::{ADDRESSING, POLICY, SECURITY, TRUST, UTILITY},
};

use super::fault::Fault;

/// The headers that are understood.
const UNDERSTOOD: [(&str, &str); 7] = [
    (ADDRESSING, "Action"),
    (ADDRESSING, "MessageID"),
    (ADDRESSING, "ReplyTo"),
    (ADDRESSING, "To"),
    (SECURITY, "Security"),
    ("http://schemas.microsoft.com/LiveID/SoapServices/v1", "AuthInfo"),
    ("http://schemas.microsoft.com/wlid", "ClientInfo"),
];

/// A request for a token, as far as it can be judged without the service's memory.
#[derive(Debug)]
pub(super) struct Rst {
    /// `wsu:Id` of the name: `user` or `devicesoftware`.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) password: String,
    /// `To`.
    pub(super) to: String,
    pub(super) applies_to: String,
    pub(super) policy: Option<String>,
    pub(super) token_type: Option<String>,
    /// The text of the device token's `CipherValue`; empty for a token of another shape.
    pub(super) device: Option<String>,
    /// From when until when the message counts, if it says so.
    pub(super) lifetime: Option<(Timestamp, Timestamp)>,
}

impl Rst {
    /// Reads a request. Content type and version are those of SOAP 1.2 (contract §3, step 4).
    pub(super) fn read(request: &Request<Bytes>) -> Result<Self, Fault> {
        let invalid = Fault::invalid_request;
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.to_ascii_lowercase().starts_with("application/soap+xml") {
            return Err(invalid("The content type is not application/soap+xml."));
        }
        let envelope = Envelope::parse(request.body(), Limits::default());
        let envelope = envelope.map_err(|_| invalid("This is no SOAP message."))?;
        if envelope.version != SoapVersion::V12 {
            return Err(invalid("This is not SOAP 1.2."));
        }
        let has_to_be = |header: &Element| {
            let value = header.attribute((soap::ns::SOAP12, "mustUnderstand"));
            value.is_some_and(|value| matches!(value.trim(), "1" | "true"))
        };
        if envelope.headers.iter().any(|it| has_to_be(it) && !UNDERSTOOD.iter().any(|known| it.is(*known))) {
            return Err(Fault::must_understand());
        }
        let header = |name: (&str, &str)| envelope.headers.iter().find(|header| header.is(name));
        let text = |name: (&str, &str)| header(name).map(|it| it.text().trim().to_owned()).unwrap_or_default();
        if text((ADDRESSING, "Action")) != format!("{TRUST}/RST/Issue") {
            return Err(invalid("The action is not to issue a token."));
        }
        let security = header((SECURITY, "Security")).ok_or(invalid("There is no Security header."))?;
        let mut names = security.all((SECURITY, "UsernameToken"));
        let (Some(user), None) = (names.next(), names.next()) else {
            return Err(invalid("There is not one UsernameToken."));
        };
        let id = user.attribute((UTILITY, "Id")).unwrap_or_default().to_owned();
        if !matches!(&*id, "user" | "devicesoftware") {
            return Err(invalid("The UsernameToken is neither a user's nor a device's."));
        }
        let value = |name: &str| user.child_text((SECURITY, name));
        let token = security.child((SECURITY, "BinarySecurityToken"));
        let token = token.filter(|token| token.attribute("ValueType") == Some("urn:liveid:device"));
        let wanted = &envelope.body;
        if !wanted.is((TRUST, "RequestSecurityToken")) {
            return Err(invalid("The body is no RequestSecurityToken."));
        }
        if wanted.child_text((TRUST, "RequestType")).trim() != format!("{TRUST}/Issue") {
            return Err(invalid("The request is not to issue a token."));
        }
        let applies_to = wanted.child((POLICY, "AppliesTo")).and_then(|it| it.child((ADDRESSING, "EndpointReference")));
        let applies_to = applies_to.ok_or(invalid("AppliesTo is missing."))?.child_text((ADDRESSING, "Address"));
        let policy = wanted.child((POLICY, "PolicyReference")).and_then(|it| it.attribute("URI"));
        Ok(Self {
            id,
            name: value("Username").trim().to_owned(),
            password: value("Password"),
            to: text((ADDRESSING, "To")),
            applies_to: applies_to.trim().to_owned(),
            policy: policy.map(ToOwned::to_owned),
            token_type: wanted.child((TRUST, "TokenType")).map(|it| it.text().trim().to_owned()),
            device: token.map(cipher),
            lifetime: security.child((UTILITY, "Timestamp")).map(lifetime).transpose()?,
        })
    }

    /// Whether it is a device that asks.
    pub(super) fn is_of_device(&self) -> bool {
        self.id == "devicesoftware"
    }
}

fn cipher(token: &Element) -> String {
    let data = token.child("EncryptedData").and_then(|data| data.child("CipherData"));
    data.map(|data| data.child_text("CipherValue").trim().to_owned()).unwrap_or_default()
}

fn lifetime(timestamp: &Element) -> Result<(Timestamp, Timestamp), Fault> {
    let at = |name: &str| timestamp.value::<Timestamp>((UTILITY, name)).map_err(|_| Fault::out_of_time());
    Ok((at("Created")?, at("Expires")?))
}

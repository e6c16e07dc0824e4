//! The token service: who asks, for whom, under which policy.

use bytes::Bytes;
use domain::{SignedDuration, Timestamp};
use http::{Request, Response, StatusCode};
use soap::{
    Element, Envelope, SoapVersion,
    ns::{self, SECURITY, TRUST, UTILITY},
};

use super::{
    State,
    fault::Fault,
    passport::{DeviceProof, PARTNER, POLICY, Passport},
    rst::Rst,
    xml,
};

/// How long a ticket is good: a day, as in the contract's sample reply.
pub const TICKET_LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// How long a device token is good. Invented.
pub const DEVICE_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// By how much a message's clock may be wrong: the usual five minutes of WS-Security. Invented for this service.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Live ID itself: for whom device tokens are, and whom requests may be addressed to.
const SELF: &str = "http://Passport.NET/tb";
const ENCRYPTION: &str = "http://www.w3.org/2001/04/xmlenc#";
const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";

/// The kind of a ticket (the contract's sample reply).
const TICKET: &str = "urn:passport:compact";
/// The kind of a device token. From memory.
const DEVICE: &str = "urn:passport:legacy";

pub(super) fn handle(state: &mut State, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
    let issued = Rst::read(request).and_then(|rst| {
        judge(&rst, request.uri().path(), now)?;
        if rst.is_of_device() { for_device(state, &rst, now) } else { for_user(state, &rst, now) }
    });
    match issued {
        Ok(issued) => issued.to_response(now),
        Err(fault) => fault.to_response(),
    }
}

/// What holds for every request.
fn judge(rst: &Rst, path: &str, now: Timestamp) -> Result<(), Fault> {
    if let Some((created, expires)) = rst.lifetime
        && (created > now + SKEW || expires <= created || expires + SKEW < now)
    {
        return Err(Fault::out_of_time());
    }
    let is_here = rst.to == SELF || rst.to.to_ascii_lowercase().ends_with(&path.to_ascii_lowercase());
    if !is_here {
        return Err(Fault::invalid_request("The message is for somebody else."));
    }
    let kind = if rst.is_of_device() { DEVICE } else { TICKET };
    if rst.token_type.as_ref().is_some_and(|wanted| wanted != kind) {
        return Err(Fault::invalid_request("Tokens of this type are not made."));
    }
    Ok(())
}

fn for_device(state: &mut State, rst: &Rst, now: Timestamp) -> Result<Issued, Fault> {
    if rst.applies_to != SELF {
        return Err(Fault::unknown_partner());
    }
    let name = rst.name.strip_prefix("11").ok_or_else(Fault::unknown_member)?;
    let password = state.devices.get(name).ok_or_else(Fault::unknown_member)?;
    if *password != rst.password {
        return Err(Fault::wrong_password());
    }
    let (expires, number) = (now + DEVICE_LIFETIME, state.issued.len());
    let cipher = DeviceProof { device: name.to_owned(), expires, number }.to_cipher();
    state.issued.push(cipher.clone());
    // As the contract's `crm2011-rst-user.xml` carries it on.
    let data = Element::new(ENCRYPTION, "EncryptedData")
        .with_attribute("Id", "BinaryDAToken0")
        .with_attribute("Type", "http://www.w3.org/2001/04/xmlenc#Element")
        .with(
            Element::new(ENCRYPTION, "EncryptionMethod")
                .with_attribute("Algorithm", "http://www.w3.org/2001/04/xmlenc#tripledes-cbc"),
        )
        .with(Element::new(SIGNATURE, "KeyInfo").with_value("KeyName", "http://Passport.NET/STS"))
        .with(Element::new(ENCRYPTION, "CipherData").with_value("CipherValue", cipher));
    Ok(Issued { kind: DEVICE, applies_to: rst.applies_to.clone(), expires, token: data })
}

fn for_user(state: &mut State, rst: &Rst, now: Timestamp) -> Result<Issued, Fault> {
    // Clients name the partner, or the CRM's own host (contract §3, step 4).
    if rst.applies_to != PARTNER && rst.applies_to != state.crm {
        return Err(Fault::unknown_partner());
    }
    let policy = rst.policy.as_deref().ok_or_else(Fault::wrong_policy)?;
    // Under MBI_SSL one real client sends no device token (GoodData); the federated policy is not CRM 4.0's.
    match (policy, &rst.device) {
        (POLICY, None) => {}
        ("MBI_FED_SSL", None) => return Err(Fault::no_device_token()),
        (POLICY, Some(cipher)) => {
            let proof = DeviceProof::of_cipher(cipher).ok_or_else(Fault::unknown_device_token)?;
            if !state.devices.contains_key(&proof.device) {
                return Err(Fault::unknown_device_token());
            }
            if proof.expires <= now {
                return Err(Fault::expired_device_token());
            }
        }
        _ => return Err(Fault::wrong_policy()),
    }
    let password = state.password(&rst.name).ok_or_else(Fault::unknown_member)?;
    if password != rst.password {
        return Err(Fault::wrong_password());
    }
    let (expires, number) = (now + TICKET_LIFETIME, state.issued.len());
    let (member, partner) = (rst.name.to_ascii_lowercase(), PARTNER.to_owned());
    let ticket = Passport { member, partner, policy: policy.to_owned(), expires, number }.to_ticket();
    state.issued.push(ticket.clone());
    let token = Element::new(SECURITY, "BinarySecurityToken").with_attribute("Id", "Compact0").with_text(ticket);
    Ok(Issued { kind: TICKET, applies_to: rst.applies_to.clone(), expires, token })
}

/// A token, and what is said of it.
struct Issued {
    kind: &'static str,
    applies_to: String,
    expires: Timestamp,
    token: Element,
}

impl Issued {
    /// In the shape of the contract's `rstr-user-passport.authored.xml`.
    fn to_response(&self, now: Timestamp) -> Response<Bytes> {
        let second = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let address = Element::new(ns::ADDRESSING, "EndpointReference").with_value("Address", &self.applies_to);
        let utility = |name: &str, at: Timestamp| Element::new(UTILITY, name).with_text(second(at));
        let lifetime =
            Element::new(TRUST, "Lifetime").with(utility("Created", now)).with(utility("Expires", self.expires));
        let response = Element::new(TRUST, "RequestSecurityTokenResponse")
            .with_value("TokenType", self.kind)
            .with(Element::new(ns::POLICY, "AppliesTo").with(address))
            .with(lifetime)
            .with(Element::new(TRUST, "RequestedSecurityToken").with(self.token.clone()));
        let header = |name: &str, text: &str| {
            let header = Element::new(ns::ADDRESSING, name).with_text(text);
            header.with_attribute_in(ns::SOAP12, "mustUnderstand", "1")
        };
        let envelope = Envelope::new(SoapVersion::V12, response)
            .with_header(header("Action", &format!("{TRUST}/RSTR/Issue")))
            .with_header(header("To", "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"));
        xml(StatusCode::OK, "application/soap+xml; charset=utf-8", envelope.to_bytes())
    }
}

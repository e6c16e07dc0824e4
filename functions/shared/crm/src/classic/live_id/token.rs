//! Asking the token service: WS-Trust of February 2005 in SOAP 1.2.
//!
//! `samples/liveid/sdk40-rst-*.xml`, `rstr-user-passport.authored.xml` and `fault-passport.authored.xml` of the contract.
//! As the SDK for this generation of CRM does, a request carries no time of ours, so that no clock of ours can be wrong.

use domain::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use soap::{
    Element, Envelope, Error, Fault, FromXml, Problem, SoapVersion,
    ns::{ADDRESSING, POLICY, SECURITY, SOAP12, TRUST, UTILITY},
};
use transport::passport;

use super::{APPLICATION, device::PREFIX, only_child};
use crate::classic::Device;

const LIVE_ID: &str = "http://schemas.microsoft.com/LiveID/SoapServices/v1";

/// Live ID itself: whom requests are addressed to, and for whom device tokens are.
const SELF: &str = "http://Passport.NET/tb";

/// Who asks for a token.
pub enum TokenRequest {
    /// A device, for one that it shows when users sign in on it.
    Device(Device),
    /// A user, for a ticket.
    User {
        /// The member name.
        user: String,
        /// The password.
        password: SecretString,
        /// The device's token.
        device: Element,
        /// For whom the ticket is.
        partner: String,
        /// Under which policy it is made.
        policy: String,
    },
}

impl TokenRequest {
    /// The message. The order of everything in it is that of the recorded samples.
    pub fn to_envelope(&self) -> Envelope {
        let addressed = |name: &str, text: String| {
            Element::new(ADDRESSING, name).with_attribute_in(SOAP12, "mustUnderstand", "1").with_text(text)
        };
        let envelope = Envelope::new(SoapVersion::V12, self.wanted())
            .with_header(addressed("Action", format!("{TRUST}/RST/Issue")))
            .with_header(addressed("To", SELF.to_owned()));
        match self {
            Self::Device(Device { name, password }) => {
                let name = name_token("devicesoftware", &format!("{PREFIX}{name}"), password);
                envelope.with_header(Element::new(SECURITY, "Security").with(name))
            }
            Self::User { user, password, device, .. } => {
                let application = Element::new(LIVE_ID, "AuthInfo")
                    .with_attribute("Id", "PPAuthInfo")
                    .with_value("HostingApp", APPLICATION);
                let device = Element::new(SECURITY, "BinarySecurityToken")
                    .with_attribute("ValueType", "urn:liveid:device")
                    .with(device.clone());
                let security = Element::new(SECURITY, "Security").with(name_token("user", user, password)).with(device);
                envelope.with_header(application).with_header(security)
            }
        }
    }

    fn wanted(&self) -> Element {
        let (partner, policy) = match self {
            Self::Device(_) => (SELF, None),
            Self::User { partner, policy, .. } => (&**partner, Some(policy)),
        };
        let partner = Element::new(ADDRESSING, "EndpointReference").with_value("Address", partner);
        let policy = policy.map(|uri| Element::new(POLICY, "PolicyReference").with_attribute("URI", uri));
        Element::new(TRUST, "RequestSecurityToken")
            .with_attribute("Id", "RST0")
            .with_value("RequestType", format_args!("{TRUST}/Issue"))
            .with(Element::new(POLICY, "AppliesTo").with(partner))
            .with_all(policy)
    }
}

fn name_token(id: &str, name: &str, password: &SecretString) -> Element {
    Element::new(SECURITY, "UsernameToken")
        .with_attribute_in(UTILITY, "Id", id)
        .with_value("Username", name)
        .with_value("Password", password.expose_secret())
}

/// A token that was given out.
pub struct IssuedToken {
    /// What is inside of `RequestedSecurityToken`.
    pub(super) token: Element,
    /// Until when it is good.
    pub expires: Timestamp,
}

impl IssuedToken {
    /// A user's token as text, `t=…&p=`.
    pub fn ticket(&self) -> Result<SecretString, Error> {
        if !self.token.is((SECURITY, "BinarySecurityToken")) {
            return Err(Error::unexpected("BinarySecurityToken", self.token.local()));
        }
        let ticket = self.token.text().trim().to_owned();
        if ticket.is_empty() {
            return Err(Error::new(Problem::Missing).under("BinarySecurityToken"));
        }
        Ok(ticket.into())
    }
}

impl FromXml for IssuedToken {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        if !body.is((TRUST, "RequestSecurityTokenResponse")) {
            return Err(Error::unexpected("RequestSecurityTokenResponse", body.local()));
        }
        let expires = body.within((TRUST, "Lifetime"), |lifetime| lifetime.value((UTILITY, "Expires")))?;
        let token = body.within((TRUST, "RequestedSecurityToken"), |it| only_child(it).cloned())?;
        Ok(Self { token, expires })
    }
}

/// The code of a fault: `psf:error/psf:value`, or else the code inside of `psf:internalerror`; `none` for one that is no
/// number, which is no matter for a log.
pub(super) fn code(fault: &Fault) -> String {
    let code = ["value", "code"].into_iter().find_map(|local| passport::number(&fault.detail_text(local)?));
    code.unwrap_or_else(|| passport::NO_CODE.to_owned())
}

#[cfg(test)]
mod tests;

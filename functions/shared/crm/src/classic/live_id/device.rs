//! Registering a device.
//!
//! `samples/liveid/sdk40-device-add-request.xml` and `device-add-response.authored.xml` of the contract; the codes are
//! `DeviceRegistrationErrorCode` of the CRM SDK's `DeviceIdManager`.

use secrecy::ExposeSecret;
use soap::{Element, Error, FromXml, ToXml};

use super::APPLICATION;
use crate::classic::Device;

/// Live ID wants it in front of a device's name (contract §3).
pub(super) const PREFIX: &str = "11";

/// Registers a device under its name and password.
pub struct DeviceRequest(pub Device);

/// How a registration ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Registered {
    /// The device is known from now on.
    Now,
    /// The name was there: ours from an earlier try, or somebody else's.
    Before,
    /// Live ID cannot do it now.
    Busy(String),
    /// It does not take such a device. `dc` and a number, or `none`.
    Refused(String),
}

impl ToXml for DeviceRequest {
    fn to_xml(&self) -> Element {
        let Device { name, password } = &self.0;
        let client =
            Element::new("", "ClientInfo").with_attribute("name", APPLICATION).with_attribute("version", "1.0");
        let authentication = Element::new("", "Authentication")
            .with_value("Membername", format_args!("{PREFIX}{name}"))
            .with_value("Password", password.expose_secret());
        Element::new("", "DeviceAddRequest").with(client).with(authentication)
    }
}

impl FromXml for Registered {
    fn from_xml(answer: &Element) -> Result<Self, Error> {
        if !answer.is("DeviceAddResponse") {
            return Err(Error::unexpected("DeviceAddResponse", answer.local()));
        }
        if answer.required("success")?.text().trim().eq_ignore_ascii_case("true") {
            return Ok(Self::Now);
        }
        let code = answer.child("Error").and_then(|error| error.attribute("Code")).unwrap_or_default().trim();
        let is_code = code.strip_prefix("dc").is_some_and(|number| number.parse::<u8>().is_ok());
        Ok(match code {
            // DeviceAlreadyExists. The SDK passes over it too where it cannot know whether it registered before.
            "dc13" => Self::Before,
            // InterfaceDisabled, InternalError.
            "dc1" | "dc11" => Self::Busy(code.to_owned()),
            _ if is_code => Self::Refused(code.to_owned()),
            _ => Self::Refused("none".to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use soap::Limits;

    use super::*;

    fn answer(xml: &str) -> Result<Registered, String> {
        let element = soap::parse(xml.as_bytes(), Limits::default()).unwrap();
        Registered::from_xml(&element).map_err(|error| error.to_string())
    }

    /// The shape of the refusals is that of the SDK's classes; the texts are invented.
    #[test]
    fn an_answer_is_sorted_by_its_code() {
        let refused = |code: &str| {
            answer(&format!(
                r#"<DeviceAddResponse><success>false</success><Error Code="{code}"/><ErrorSubcode>x</ErrorSubcode></DeviceAddResponse>"#
            ))
        };
        let said = |code: &str| code.to_owned();
        assert_eq!(answer("<DeviceAddResponse><success>true</success></DeviceAddResponse>"), Ok(Registered::Now));
        assert_eq!(refused("dc13"), Ok(Registered::Before));
        assert_eq!(
            (refused("dc1"), refused("dc11")),
            (Ok(Registered::Busy(said("dc1"))), Ok(Registered::Busy(said("dc11"))))
        );
        assert_eq!(refused("dc9"), Ok(Registered::Refused(said("dc9"))));
        // What is no code is no matter for a log.
        assert_eq!(refused("dc tieline"), Ok(Registered::Refused(said("none"))));
        let silent = answer("<DeviceAddResponse><success>false</success></DeviceAddResponse>");
        assert_eq!(silent, Ok(Registered::Refused(said("none"))));
    }

    #[test]
    fn what_is_no_answer_is_not_taken_for_one() {
        assert_eq!(answer("<DeviceAddResponse/>"), Err("success: missing".to_owned()));
        assert!(answer("<html><success>true</success></html>").unwrap_err().contains("DeviceAddResponse"));
    }
}

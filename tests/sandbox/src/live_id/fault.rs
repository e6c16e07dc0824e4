//! Refusals of the token service, in the shape of the contract's `samples/liveid/fault-passport.authored.xml`.

use bytes::Bytes;
use http::{Response, StatusCode};
use soap::{Element, Envelope, SoapVersion, ns::SOAP12};

use super::xml;

const PSF: &str = "http://schemas.microsoft.com/Passport/SoapServices/SOAPFault";

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    code: &'static str,
    subcode: &'static str,
    reason: &'static str,
    value: String,
    internal: &'static str,
    text: &'static str,
}

impl Fault {
    fn sender(subcode: &'static str, value: String, internal: &'static str, text: &'static str) -> Self {
        Self { code: "Sender", subcode, reason: "Authentication Failure", value, internal, text }
    }

    /// The password is another one (the contract's sample).
    pub(super) fn wrong_password() -> Self {
        let text = "The entered and stored passwords do not match.";
        Self::sender("wst:FailedAuthentication", "0x80048821".to_owned(), "0x80041012", text)
    }

    /// Nobody has that name. The same code as a wrong password, as published faults of the service have it.
    pub(super) fn unknown_member() -> Self {
        let text = "The specified member name is either invalid or empty.";
        Self::sender("wst:FailedAuthentication", "0x80048821".to_owned(), "0x80041034", text)
    }

    /// `PPCRL_AUTHSTATE_E_UNAUTHENTICATED`, for a device token that Live ID did not make. The use is invented.
    pub(super) fn unknown_device_token() -> Self {
        let text = "The device token is not valid.";
        Self::sender("wst:FailedAuthentication", "0x80048800".to_owned(), "0x80048800", text)
    }

    /// `PPCRL_AUTHSTATE_E_EXPIRED`. The use is invented.
    pub(super) fn expired_device_token() -> Self {
        let text = "The device token has expired.";
        Self::sender("wst:FailedAuthentication", "0x80048801".to_owned(), "0x80048801", text)
    }

    /// `PPCRL_AUTHREQUIRED_E_UNKNOWN`, where the policy asks for a device. The use is invented.
    pub(super) fn no_device_token() -> Self {
        let text = "The policy requires a device token.";
        Self::sender("wst:FailedAuthentication", "0x80048814".to_owned(), "0x80048814", text)
    }

    /// `PPCRL_REQUEST_E_PARTNER_NOT_FOUND`: nobody whom tickets are made for.
    pub(super) fn unknown_partner() -> Self {
        Self::sender("wst:InvalidScope", "0x8004882A".to_owned(), "0x8004882A", "The partner is not known.")
    }

    /// The policy is not one of the partner's. The code is invented.
    pub(super) fn wrong_policy() -> Self {
        let text = "The policy is not known, or not for this partner.";
        Self::sender("wst:InvalidScope", "0x80048831".to_owned(), "0x80048831", text)
    }

    /// `wsse:MessageExpired` of WS-Security 1.1. The code is invented.
    pub(super) fn out_of_time() -> Self {
        let text = "The message is from the future, or has expired.";
        Self::sender("wsse:MessageExpired", "0x80048832".to_owned(), "0x80048832", text)
    }

    /// No request that the service understands. The code is invented.
    pub(super) fn invalid_request(text: &'static str) -> Self {
        Self::sender("wst:InvalidRequest", "0x80048833".to_owned(), "0x80048833", text)
    }

    /// A header that has to be understood and is not (SOAP 1.2, section 5.4.6).
    pub(super) fn must_understand() -> Self {
        let text = "A header has to be understood, and is not.";
        let code = "0x80048834";
        Self { code: "MustUnderstand", ..Self::sender("wst:InvalidRequest", code.to_owned(), code, text) }
    }

    /// With this code, as a switch says. `PPCRL_REQUEST_E_AUTH_SERVER_ERROR` is the service's own trouble.
    pub(super) fn of_code(code: &str) -> Self {
        let text = "As a switch of the sandbox says.";
        let fault = Self::sender("wst:FailedAuthentication", code.to_owned(), "0x80041012", text);
        if code == "0x80048820" { Self { code: "Receiver", ..fault } } else { fault }
    }

    /// With status 200: invented, after what messengers of the time met at the same service.
    pub(super) fn to_response(&self) -> Response<Bytes> {
        let error = Element::new(PSF, "error")
            .with_value("value", &self.value)
            .with(Element::new(PSF, "internalerror").with_value("code", self.internal).with_value("text", self.text));
        let subcode = Element::new(SOAP12, "Subcode").with_value("Value", self.subcode);
        let code = Element::new(SOAP12, "Code").with_value("Value", format_args!("soap:{}", self.code)).with(subcode);
        let text =
            Element::new(SOAP12, "Text").with_attribute_in(soap::ns::XML, "lang", "en-US").with_text(self.reason);
        let fault = Element::new(SOAP12, "Fault")
            .with(code)
            .with(Element::new(SOAP12, "Reason").with(text))
            .with(Element::new(SOAP12, "Detail").with(error));
        let envelope = Envelope::new(SoapVersion::V12, fault).to_bytes();
        xml(StatusCode::OK, "application/soap+xml; charset=utf-8", envelope)
    }
}

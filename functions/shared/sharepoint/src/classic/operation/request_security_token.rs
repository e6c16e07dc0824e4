//! A request for a token of the sign-in service of SharePoint Online, `extSTS.srf` (WS-Trust of February 2005, SOAP 1.2;
//! contract, section 7 C).

use secrecy::{ExposeSecret, SecretString};
use soap::{
    Element, Envelope, Error, FromXml, SoapVersion,
    ns::{self, POLICY, SECURITY, TRUST},
};
use transport::passport;
use url::Url;

const ANONYMOUS: &str = "http://www.w3.org/2005/08/addressing/anonymous";

/// Asks by name and password. The elements, their attributes and their order are those of the contract's
/// `request-template-SAML.xml`.
pub(in crate::classic) struct RequestSecurityToken<'a> {
    /// The sign-in service.
    pub(in crate::classic) sts: &'a Url,
    /// The host that the token is for: scheme and name, and no path.
    pub(in crate::classic) site: String,
    pub(in crate::classic) user: &'a str,
    pub(in crate::classic) password: &'a SecretString,
}

impl RequestSecurityToken<'_> {
    pub(in crate::classic) const NAME: &'static str = "RequestSecurityToken";

    pub(in crate::classic) fn to_envelope(&self) -> Envelope {
        let must = |element: Element| element.with_attribute_in(ns::SOAP12, "mustUnderstand", "1");
        let addressing = |local| Element::new(ns::ADDRESSING, local);
        let token = Element::new(SECURITY, "UsernameToken")
            .with_value("Username", self.user)
            .with_value("Password", self.password.expose_secret());
        let endpoint = addressing("EndpointReference").with_value("Address", &self.site);
        let body = Element::new(TRUST, Self::NAME)
            .with(Element::new(POLICY, "AppliesTo").with(endpoint))
            .with(Element::new(POLICY, "PolicyReference").with_attribute("URI", "MBI"))
            .with_value("KeyType", "http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey")
            .with_value("RequestType", format_args!("{TRUST}/Issue"))
            .with_value("TokenType", "urn:oasis:names:tc:SAML:1.0:assertion");
        Envelope::new(SoapVersion::V12, body)
            .with_header(must(addressing("Action")).with_text(format!("{TRUST}/RST/Issue")))
            .with_header(addressing("ReplyTo").with_value("Address", ANONYMOUS))
            .with_header(must(addressing("To")).with_text(self.sts.as_str()))
            .with_header(must(Element::new(SECURITY, "Security")).with(token))
    }
}

/// The token, which only its host reads. Good once.
pub(in crate::classic) struct SecurityToken(pub(in crate::classic) SecretString);

impl FromXml for SecurityToken {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        let text: String = body.within("RequestedSecurityToken", |token| token.value("BinarySecurityToken"))?;
        Ok(Self(text.into()))
    }
}

/// What the service says when it gives no token: the number of `psf:error`, in a fault or in an answer of its own;
/// `none` for one that is no number.
pub(in crate::classic) fn refusal(body: &Element) -> Option<String> {
    fn find<'e>(element: &'e Element, local: &str) -> Option<&'e Element> {
        element.children().find_map(|child| if child.is(local) { Some(child) } else { find(child, local) })
    }
    let error = if body.is("error") { body } else { find(body, "error")? };
    Some(passport::number(&error.child_text("value")).unwrap_or_else(|| passport::NO_CODE.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};

    /// Invented, after what the contract's clients read.
    #[test]
    fn a_refusal_is_read_wherever_it_stands() {
        let error = "<e:error xmlns:e='http://schemas.microsoft.com/Passport/SoapServices/SOAPFault'><e:value> 0x80048821\
                     </e:value><e:internalerror><e:code>0x80041012</e:code><e:text>no</e:text></e:internalerror></e:error>";
        for document in
            [error.to_owned(), format!("<Fault><Detail>{error}</Detail></Fault>"), format!("<R>{error}</R>")]
        {
            let body = soap::parse(document.as_bytes(), soap::Limits::default()).unwrap();
            assert_eq!(refusal(&body).as_deref(), Some("0x80048821"), "{document}");
        }
        for value in ["", "no number", "0x", "0x80048821 for Anna", "80048821"] {
            let error = format!("<error><value>{value}</value></error>");
            let body = soap::parse(error.as_bytes(), soap::Limits::default()).unwrap();
            assert_eq!(refusal(&body).as_deref(), Some("none"), "{value}");
        }
        let body = soap::parse(b"<Fault><Detail/></Fault>", soap::Limits::default()).unwrap();
        assert_eq!(refusal(&body), None);
    }

    /// Invented: as little of the recorded answer as is read.
    #[test]
    fn a_token_is_taken_from_the_answer() {
        let token: SecurityToken = read(
            "<RequestSecurityTokenResponse><TokenType>urn:passport:compact</TokenType><RequestedSecurityToken>\
             <BinarySecurityToken Id='Compact0'>t=abc&amp;p=</BinarySecurityToken></RequestedSecurityToken>\
             </RequestSecurityTokenResponse>",
        );
        assert_eq!(token.0.expose_secret(), "t=abc&p=");
    }
}

//! `Authentication.asmx` Login (MS-AUTHWS 3.1.4.1).

use secrecy::{ExposeSecret, SecretString};
use soap::{Element, Error, FromXml, Operation, ToXml};

use super::SOAP;

/// Signs in by name and password, where the host uses forms.
pub(in crate::classic) struct Login {
    pub(in crate::classic) user: String,
    pub(in crate::classic) password: SecretString,
}

impl ToXml for Login {
    fn to_xml(&self) -> Element {
        Element::new(SOAP, Self::NAME)
            .with_value("username", &self.user)
            .with_value("password", self.password.expose_secret())
    }
}

impl Operation for Login {
    type Reply = LoginOutcome;
    const NAME: &'static str = "Login";
    const ACTION: &'static str = "http://schemas.microsoft.com/sharepoint/soap/Login";
}

/// Whether the ticket is among the answer's cookies.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::classic) enum LoginOutcome {
    /// It is.
    SignedIn,
    /// `PasswordNotMatch` or `NotInFormsAuthenticationMode` (R82, R83).
    Refused,
}

impl FromXml for LoginOutcome {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        let code: String = body.within("LoginResult", |result| result.value("ErrorCode"))?;
        Ok(if code == "NoError" { Self::SignedIn } else { Self::Refused })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};

    /// Documented.
    #[test]
    fn only_no_error_is_a_sign_in() {
        let reply = |code: &str| {
            read::<LoginOutcome>(&format!(
                "<LoginResponse xmlns='{SOAP}'><LoginResult><CookieName>.ASPXAUTH</CookieName>\
                 <ErrorCode>{code}</ErrorCode></LoginResult></LoginResponse>"
            ))
        };
        assert_eq!(reply("NoError"), LoginOutcome::SignedIn);
        assert_eq!(reply("PasswordNotMatch"), LoginOutcome::Refused);
    }
}

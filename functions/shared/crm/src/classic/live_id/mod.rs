//! Windows Live ID: a device is registered once, gets a token, and with it the user gets a ticket that CRM Online takes.
//!
//! Contract §3 (CRM Online; msdn cc151051, dd548513), in the way of the CRM 4.0 SDK: `samples/liveid/sdk40-*`. The
//! messages are [`TokenRequest`], [`IssuedToken`] and [`DeviceRequest`].

mod device;
mod token;

use domain::Timestamp;
use http::{HeaderValue, StatusCode, header};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use soap::{Element, Envelope, FromXml as _, Limits, Operation, Problem, ToXml as _};
use transport::{Answer, Call, CallError, Client, passport};
use url::Url;

pub use device::{DeviceRequest, Registered};
pub use token::{IssuedToken, TokenRequest};
pub use transport::passport::BAD_NAME_OR_PASSWORD;

use super::{
    connection::{Connection, LiveId},
    operations::RetrievePolicy,
};
use crate::CrmError;

/// Asking CRM for the policy, as errors and counts name it.
pub const POLICY: &str = <RetrievePolicy as Operation>::NAME;
/// Registering a device, as errors and counts name it.
pub const DEVICE_ADD: &str = "LiveIdDeviceAdd";
/// Asking for a device's token.
pub const DEVICE_TOKEN: &str = "LiveIdDeviceToken";
/// Asking for a user's ticket.
pub const USER_TOKEN: &str = "LiveIdUserToken";

/// Our application's id, as every client sends one that it has chosen.
const APPLICATION: &str = "7d3b1f5e-52a4-4c0b-8f9d-1b6a2c7e4d90";

/// What a sign-in begins with, and the next one again as long as it is good.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Basis {
    /// The policy that CRM named.
    pub(crate) policy: String,
    /// The device's token, as XML.
    device: String,
    /// Until when Live ID takes it.
    until: Timestamp,
}

impl Basis {
    /// Whether the device's token is not over yet.
    pub(crate) fn is_good(&self, now: Timestamp) -> bool {
        now < self.until
    }
}

/// Live ID, as one connection speaks to it.
pub(crate) struct Issuer<'c> {
    pub(crate) client: &'c Client,
    pub(crate) connection: &'c Connection,
    pub(crate) live_id: &'c LiveId,
}

impl Issuer<'_> {
    /// A basis for tickets under this policy. One call where the device is known, three where it is not: it is
    /// registered only then, because Live ID registers a name once. What Live ID says of a device that nobody registered
    /// is not recorded, so that any refusal of its own may mean that; to register a name again changes nothing.
    pub(crate) async fn basis(&self, policy: String) -> Result<Basis, CrmError> {
        let request = TokenRequest::Device(self.live_id.device.clone());
        let issued = match self.token(DEVICE_TOKEN, &request).await {
            Err(CrmError::SignIn { code, .. }) if code.starts_with("0x") => {
                self.register().await?;
                self.token(DEVICE_TOKEN, &request).await?
            }
            issued => issued?,
        };
        let unreadable = |source| CrmError::Unreadable { operation: DEVICE_TOKEN, source };
        let device = issued.token.to_xml().map_err(unreadable)?;
        Ok(Basis { policy, device, until: issued.expires })
    }

    /// A ticket for the user. One call.
    pub(crate) async fn ticket(&self, basis: &Basis) -> Result<SecretString, CrmError> {
        let unreadable = |source| CrmError::Unreadable { operation: USER_TOKEN, source };
        let device = soap::parse(basis.device.as_bytes(), Limits::default()).map_err(unreadable)?;
        let request = TokenRequest::User {
            user: self.connection.user.clone(),
            password: self.connection.password.clone(),
            device,
            partner: self.live_id.partner.clone(),
            policy: basis.policy.clone(),
        };
        self.token(USER_TOKEN, &request).await?.ticket().map_err(unreadable)
    }

    /// A name that is there already is as good as registered: the answer to an earlier try may be lost. Whose it is
    /// shows when it asks for a token.
    async fn register(&self) -> Result<(), CrmError> {
        let operation = DEVICE_ADD;
        let request = DeviceRequest(self.live_id.device.clone()).to_xml();
        let document = request.to_document().map_err(|source| CrmError::Unsendable { operation, source })?;
        let answer = self.post(operation, &self.live_id.registration, document).await?;
        let unreadable = |source| CrmError::Unreadable { operation, source };
        let answer = soap::parse(&answer.body, Limits::default()).map_err(unreadable)?;
        match Registered::from_xml(&answer).map_err(unreadable)? {
            Registered::Now | Registered::Before => Ok(()),
            Registered::Busy(code) => Err(CrmError::Busy { operation, code, retry_after: None }),
            Registered::Refused(code) => Err(CrmError::SignIn { operation, code, until: None }),
        }
    }

    async fn token(&self, operation: &'static str, request: &TokenRequest) -> Result<IssuedToken, CrmError> {
        let unsendable = |source| CrmError::Unsendable { operation, source };
        let document = request.to_envelope().to_bytes().map_err(unsendable)?;
        let answer = self.post(operation, &self.live_id.issuer, document).await?;
        let unreadable = |source: soap::Error| CrmError::Unreadable { operation, source };
        let envelope = Envelope::parse(&answer.body, Limits::default()).map_err(unreadable)?;
        match envelope.into_body() {
            Ok(body) if answer.status.is_success() => IssuedToken::from_xml(&body).map_err(unreadable),
            Ok(_) => Err(refused(operation, answer.status)),
            Err(fault) => {
                let code = token::code(&fault);
                Err(if passport::is_trouble(&code, Some(&fault.code)) {
                    CrmError::Busy { operation, code, retry_after: None }
                } else {
                    CrmError::SignIn { operation, code, until: None }
                })
            }
        }
    }

    /// Posts a document: a token asked for twice, or a device registered twice, is one. The answer is XML.
    async fn post(&self, operation: &'static str, url: &Url, document: Vec<u8>) -> Result<Answer, CrmError> {
        let kind = HeaderValue::from_static("application/soap+xml; charset=utf-8");
        let call = Call::post(url.clone(), operation, document).header(header::CONTENT_TYPE, kind).repeatable();
        match self.client.send_soap(call).await {
            Ok(answer) if answer.is_xml() => Ok(answer),
            Ok(answer) => Err(refused(operation, answer.status)),
            Err(CallError::SignInPage { .. }) => {
                Err(CrmError::SignIn { operation, code: "sign-in page".to_owned(), until: None })
            }
            Err(source) => Err(CrmError::Call { operation, source }),
        }
    }
}

/// Whatever is refused here, it is the sign-in.
fn refused(operation: &'static str, status: StatusCode) -> CrmError {
    CrmError::SignIn { operation, code: format!("HTTP {}", status.as_u16()), until: None }
}

/// Whether Live ID does not take the user's or the device's name and password, whatever else is asked for.
pub fn is_of_secret(operation: &str, code: &str) -> bool {
    match operation {
        USER_TOKEN | DEVICE_TOKEN => passport::is_of_secret(code),
        // The device's own rules: blank, missing, of the wrong form, or with characters that are none.
        DEVICE_ADD => ["dc6", "dc7", "dc8", "dc9"].contains(&code),
        _ => false,
    }
}

/// The one child of an element.
fn only_child(element: &Element) -> Result<&Element, soap::Error> {
    let mut children = element.children();
    match (children.next(), children.next()) {
        (Some(child), None) => Ok(child),
        (None, _) => Err(soap::Error::new(Problem::Missing).under("*")),
        (Some(_), Some(second)) => Err(soap::Error::unexpected("one element", second.local())),
    }
}

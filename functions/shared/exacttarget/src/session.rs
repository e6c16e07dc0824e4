//! Signed in, and kept so (contract §3).

use std::sync::Arc;

use domain::{SignedDuration, Timestamp};
use http::{HeaderValue, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use soap::{Element, ns};
use transport::{Answer, Call, CallError, Client, GuardError, Refusal, SignInError, Token, TokenStore, Tokens};
use url::Url;

use crate::{
    ApiUser, Connection, ExactTargetError, Package, SignIn,
    channel::{Failure, Outgoing, exchange, http_code},
};

/// Asking for a token, as errors and counts name it.
pub const TOKEN_REQUEST: &str = "RequestToken";

/// A token is not used for the last part of its time, so that no call arrives after its end.
///
/// It says that it lasts 1,079 seconds (recorded), and the guide asks for no more than one request in 20 minutes and for
/// one some five minutes before the end. Both cannot be: here a token is used for as long as it may be, so that there is
/// one request in each lifetime of a token.
const MARGIN: SignedDuration = SignedDuration::from_secs(30);
/// Where a token does not say how long it lasts.
const SHORTEST_LIFE: u32 = 60;

/// `UsernameToken` 1.0: the password is sent as it is, inside of TLS.
const PASSWORD_TEXT: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText";
/// The namespace of a token's header, which is directly below `Header` and no HTTP header (recorded).
const FUEL: &str = "http://exacttarget.com";

/// A connection with what proves who we are.
pub(crate) struct Session {
    connection: Connection,
    client: Client,
    tokens: Tokens<ExactTargetError>,
}

/// The text of a [`Token`].
#[derive(Serialize, Deserialize)]
enum Proof {
    /// The user's password, which is not repeated here: that nobody has refused it so far.
    Believed,
    /// A package's token, and where it counts.
    Fuel { token: String, endpoint: Url },
}

/// The answer of the token endpoint. Its `scope` and the address of REST are not used.
#[derive(Deserialize)]
struct Issued {
    access_token: String,
    expires_in: Option<u32>,
    soap_instance_url: Option<Url>,
}

/// Its refusal: RFC 6749, section 5.2.
#[derive(Deserialize)]
struct NotIssued {
    error: String,
}

impl Session {
    pub(crate) fn new(connection: Connection, client: Client, store: Arc<dyn TokenStore>) -> Self {
        Self { connection, client, tokens: Tokens::new(store) }
    }

    /// Sends a message. A token that ended is renewed once, and the message sent once more: what was refused did nothing.
    pub(crate) async fn send(&self, message: Outgoing<'_>) -> Result<Answer, ExactTargetError> {
        let operation = message.operation;
        let token = self.token().await?;
        match self.send_with(&token, message).await {
            Ok(answer) => return Ok(answer),
            Err(Failure::TokenExpired) => {}
            Err(Failure::SignInRefused { code }) if matches!(self.connection.sign_in, SignIn::User(_)) => {
                return Err(self.refused(operation, &token, code).await);
            }
            Err(failure) => return Err(failure.into_error(operation)),
        }
        tracing::debug!(operation, "the token of {operation} has ended");
        let renewed = self.tokens.get(Some(&token), || self.sign_in()).await?;
        self.send_with(&renewed, message).await.map_err(|failure| failure.into_error(operation))
    }

    async fn token(&self) -> Result<Token, ExactTargetError> {
        let token = self.tokens.get(None, || self.sign_in()).await?;
        if token.expires_at.is_none_or(|end| end > self.client.now()) {
            return Ok(token);
        }
        self.tokens.get(Some(&token), || self.sign_in()).await
    }

    /// Lets everybody who uses this connection know that its password is refused, so that nobody tries it again.
    async fn refused(&self, operation: &'static str, token: &Token, code: String) -> ExactTargetError {
        let error = ExactTargetError::SignIn { operation, code, until: None };
        let told = error.clone();
        self.tokens.get(Some(token), || async { Err(told) }).await.err().unwrap_or(error)
    }

    async fn send_with(&self, token: &Token, message: Outgoing<'_>) -> Result<Answer, Failure> {
        // One that a later version of the code wrote is as good as ended.
        let proof: Proof = serde_json::from_str(token.text.expose_secret()).map_err(|_| Failure::TokenExpired)?;
        match (&self.connection.sign_in, proof) {
            (SignIn::User(user), Proof::Believed) => {
                let refused =
                    || ExactTargetError::Refused { operation: message.operation, code: "no endpoint".to_owned() };
                let endpoint = self.connection.endpoint.as_ref().ok_or_else(|| Failure::Other(refused()))?;
                exchange(&self.client, endpoint, message, username_token(user)).await
            }
            (SignIn::Package(_), Proof::Fuel { token, endpoint }) => {
                exchange(&self.client, &endpoint, message, Element::new(FUEL, "fueloauth").with_text(token)).await
            }
            // The secret is of another kind by now.
            _ => Err(Failure::TokenExpired),
        }
    }

    async fn sign_in(&self) -> Result<Token, ExactTargetError> {
        match &self.connection.sign_in {
            SignIn::User(_) => Ok(token(&Proof::Believed, None)),
            SignIn::Package(package) => self.request_token(package).await,
        }
    }

    async fn request_token(&self, package: &Package) -> Result<Token, ExactTargetError> {
        let operation = TOKEN_REQUEST;
        let mut asked = serde_json::json!({
            "grant_type": "client_credentials",
            "client_id": package.client_id,
            "client_secret": package.client_secret.expose_secret(),
        });
        if let Some(account) = package.account_id {
            asked["account_id"] = account.into();
        }
        let started = self.client.now();
        // Another token does no harm, but is counted: it is not asked for again by itself.
        let call = Call::post(package.token.clone(), operation, asked.to_string())
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let answer = self.client.send(call).await.map_err(|source| ExactTargetError::Call { operation, source })?;
        if answer.status != StatusCode::OK {
            return Err(refusal(&answer));
        }
        let issued: Issued = serde_json::from_slice(&answer.body)
            .map_err(|_| unreadable(operation, "access_token, expires_in, soap_instance_url"))?;
        let endpoint = match (&self.connection.endpoint, issued.soap_instance_url) {
            (Some(endpoint), _) => endpoint.clone(),
            (None, Some(base)) => base.join("Service.asmx").map_err(|_| unreadable(operation, "soap_instance_url"))?,
            (None, None) => return Err(unreadable(operation, "soap_instance_url")),
        };
        // The guard judges the host on every call. What it cannot see is that the token would leave TLS.
        if package.token.scheme() == "https" && endpoint.scheme() != "https" {
            return Err(ExactTargetError::Call { operation, source: CallError::Refused(GuardError::Scheme) });
        }
        let life = SignedDuration::from_secs(issued.expires_in.unwrap_or(SHORTEST_LIFE).into());
        let end = started.saturating_add(life.saturating_sub(MARGIN)).unwrap_or(started);
        tracing::debug!("signed in to the e-mail platform");
        Ok(token(&Proof::Fuel { token: issued.access_token, endpoint }, Some(end)))
    }
}

fn token(proof: &Proof, expires_at: Option<Timestamp>) -> Token {
    let text = serde_json::to_string(proof).expect("texts and an address become JSON");
    Token { text: SecretString::from(text), expires_at }
}

/// A name that the platform made up, such as `invalid_client`, may be told; anything else may quote what was sent.
fn refusal(answer: &Answer) -> ExactTargetError {
    let is_plain =
        |error: &String| error.len() <= 40 && error.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase());
    let said = serde_json::from_slice(&answer.body).map(|NotIssued { error }| error).ok().filter(is_plain);
    let code = said.unwrap_or_else(|| http_code(answer.status));
    match answer.status {
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            ExactTargetError::SignIn { operation: TOKEN_REQUEST, code, until: None }
        }
        _ => ExactTargetError::Refused { operation: TOKEN_REQUEST, code },
    }
}

fn unreadable(operation: &'static str, expected: &str) -> ExactTargetError {
    ExactTargetError::Unreadable { operation, source: soap::Error::unexpected(expected, "") }
}

/// WS-Security 1.0, `Security/UsernameToken` (EX-39). `Nonce` and `Created` are optional and left out, as in the
/// vendor's samples.
fn username_token(user: &ApiUser) -> Element {
    let child = |local| Element::new(ns::SECURITY, local);
    let password = child("Password").with_attribute("Type", PASSWORD_TEXT).with_text(user.password.expose_secret());
    Element::new(ns::SECURITY, "Security")
        .with_attribute_in(ns::SOAP11, "mustUnderstand", "1")
        .with(child("UsernameToken").with(child("Username").with_text(&*user.name)).with(password))
}

impl SignInError for ExactTargetError {
    fn refusal(&self) -> Option<Refusal<'_>> {
        match self {
            // `invalid_client` and `Login Failed` can only mean the secret. Others speak of the account or the package.
            Self::SignIn { code, .. } => {
                Some(Refusal { code, is_sure: matches!(&**code, "Login Failed" | "invalid_client") })
            }
            _ => None,
        }
    }

    fn refused(code: String, until: Timestamp) -> Self {
        Self::SignIn { operation: TOKEN_REQUEST, code, until: Some(until) }
    }

    fn later(wait: SignedDuration) -> Self {
        let operation = TOKEN_REQUEST;
        Self::Call { operation, source: CallError::Later { service: "exacttarget", operation, wait, sent: false } }
    }
}

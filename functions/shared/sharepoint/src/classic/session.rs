//! Calls, signed in.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::SignedDuration;
use http::{HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};
use soap::{Element, Envelope, FromXml, Operation, SoapVersion, ToXml};
use transport::{Answer, Call, CallError, Client, SignInError, Token, TokenStore, Tokens};
use url::Url;

use super::{
    Connection, SignIn, address, form,
    operation::{Login, LoginOutcome},
    refusal,
};
use crate::SiteError;

/// A connection with what signing in left behind.
pub(super) struct Session {
    pub(super) parent: Url,
    sign_in: SignIn,
    client: Client,
    /// The cookies of a forms sign-in.
    tokens: Tokens<SiteError>,
}

/// The code of a sign-in page that came in place of an answer.
const SIGN_IN_PAGE: &str = "sign-in page";

/// How an answer shows that it wants a sign-in.
#[derive(Clone, Copy)]
enum Expects {
    /// XML. A page or a redirect is never an answer.
    Soap,
    /// A page. Only a redirect to a sign-in page, or one itself, is none.
    Page,
}

impl Session {
    pub(super) fn new(connection: Connection, client: Client, store: Arc<dyn TokenStore>) -> Self {
        let parent = address::web(connection.parent);
        Self { parent, sign_in: connection.sign_in, client, tokens: Tokens::new(store) }
    }

    /// The user that the connection signs in as.
    pub(super) fn user(&self) -> &str {
        self.sign_in.user()
    }

    /// Sends a call to a page. Redirects are answers.
    pub(super) async fn page(&self, call: Call) -> Result<Answer, SiteError> {
        self.signed_in(call, Expects::Page).await
    }

    /// Sends a SOAP call.
    pub(super) async fn soap(&self, call: Call) -> Result<Answer, SiteError> {
        self.signed_in(call, Expects::Soap).await
    }

    /// A sign-in page instead of an answer means that the call had no effect: it may be sent again after a renewal.
    async fn signed_in(&self, call: Call, expects: Expects) -> Result<Answer, SiteError> {
        let operation = call.operation;
        let (signed, token) = self.sign(call.clone(), None).await?;
        if let Some(answer) = self.send(signed, expects).await? {
            return Ok(answer);
        }
        // What goes with every call is not renewed.
        let Some(token) = token else { return Err(page_instead(operation)) };
        let (signed, _) = self.sign(call, Some(&token)).await?;
        self.send(signed, expects).await?.ok_or_else(|| page_instead(operation))
    }

    /// The answer, or `None` where it wants a sign-in.
    async fn send(&self, call: Call, expects: Expects) -> Result<Option<Answer>, SiteError> {
        let operation = call.operation;
        let answer = match expects {
            Expects::Soap => self.client.send_soap(call).await,
            Expects::Page => self.client.send(call).await,
        };
        match answer {
            Ok(answer) if matches!(expects, Expects::Page) && form::wants_sign_in(&answer) => Ok(None),
            Ok(answer) => Ok(Some(answer)),
            Err(CallError::SignInPage { .. }) => Ok(None),
            Err(source) => Err(SiteError::Call { operation, source }),
        }
    }

    /// The call with what proves who we are, and the token in it; `refused` is one that was not accepted.
    async fn sign(&self, call: Call, refused: Option<&Token>) -> Result<(Call, Option<Token>), SiteError> {
        match &self.sign_in {
            SignIn::Basic { user, password } => {
                // Makes a host with several sign-ins answer 401 instead of a page (contract, section 1).
                let windows = (HeaderName::from_static("x-forms_based_auth_accepted"), HeaderValue::from_static("f"));
                Ok((call.header(header::AUTHORIZATION, basic(user, password)).header(windows.0, windows.1), None))
            }
            SignIn::Forms { user, password } => {
                let token = self.tokens.get(refused, || self.log_in(user, password)).await?;
                let mut cookies = HeaderValue::from_str(token.text.expose_secret())
                    .map_err(|_| SiteError::refused("unreadable cookies".to_owned()))?;
                cookies.set_sensitive(true);
                Ok((call.header(header::COOKIE, cookies), Some(token)))
            }
        }
    }

    /// `Authentication.asmx` Login; the ticket comes as a cookie beside the answer (MS-AUTHWS R45).
    async fn log_in(&self, user: &str, password: &SecretString) -> Result<Token, SiteError> {
        let operation = Login::NAME;
        let login = Login { user: user.to_owned(), password: password.clone() };
        let url = address::below(&self.parent, ["_vti_bin", "Authentication.asmx"]);
        let call = soap_call(url, operation, Login::ACTION, login.to_xml())?.repeatable();
        let answer = match self.client.send_soap(call).await {
            Ok(answer) => answer,
            Err(CallError::SignInPage { .. }) => return Err(page_instead(operation)),
            Err(source) => return Err(SiteError::Call { operation, source }),
        };
        if !matches!(answer.status.as_u16(), 200 | 500) {
            return Err(refusal::from_status(operation, &answer));
        }
        let unreadable = |source| SiteError::Unreadable { operation, source };
        let body = Envelope::parse(&answer.body, soap::Limits::default()).map_err(unreadable)?.into_body();
        let outcome = match body.map_err(|fault| refusal::from_fault(operation, &fault)) {
            Ok(body) => LoginOutcome::from_xml(&body).map_err(unreadable)?,
            Err(error) if refusal::speaks_of_credentials(&error) => LoginOutcome::Refused,
            Err(error) => return Err(error),
        };
        let cookies = answer.headers.get_all(header::SET_COOKIE).iter();
        let pairs: Vec<&str> = cookies.filter_map(|cookie| cookie.to_str().ok()?.split(';').next()).collect();
        match outcome {
            LoginOutcome::SignedIn if !pairs.is_empty() => {
                Ok(Token { text: SecretString::from(pairs.join("; ")), expires_at: None })
            }
            _ => Err(SiteError::refused("PasswordNotMatch".to_owned())),
        }
    }
}

impl SignInError for SiteError {
    fn refusal(&self) -> Option<&str> {
        match self {
            // A page comes from a gateway, which knows nothing of the secret.
            Self::SignIn { code, .. } if code != SIGN_IN_PAGE => Some(code),
            _ => None,
        }
    }

    fn refused(code: String) -> Self {
        Self::SignIn { operation: Login::NAME, code }
    }

    fn later(wait: SignedDuration) -> Self {
        let operation = Login::NAME;
        Self::Call { operation, source: CallError::Later { service: "sharepoint", operation, wait, sent: false } }
    }
}

fn page_instead(operation: &'static str) -> SiteError {
    SiteError::SignIn { operation, code: SIGN_IN_PAGE.to_owned() }
}

/// A SOAP 1.1 call. What XML cannot carry is refused here, before it is sent.
pub(super) fn soap_call(
    url: Url,
    operation: &'static str,
    action: &'static str,
    body: Element,
) -> Result<Call, SiteError> {
    let document = Envelope::new(SoapVersion::V11, body).to_bytes().map_err(|error| SiteError::Refused {
        operation,
        code: "unsendable".to_owned(),
        message: error.to_string(),
    })?;
    let content_type = HeaderValue::from_static("text/xml; charset=utf-8");
    let action = HeaderValue::try_from(format!("\"{action}\"")).expect("actions are constants in ASCII");
    Ok(Call::post(url, operation, document)
        .header(header::CONTENT_TYPE, content_type)
        .header(HeaderName::from_static("soapaction"), action))
}

fn basic(user: &str, password: &SecretString) -> HeaderValue {
    let pair = STANDARD.encode(format!("{user}:{}", password.expose_secret()));
    let mut value = HeaderValue::try_from(format!("Basic {pair}")).expect("base64 is ASCII");
    value.set_sensitive(true);
    value
}

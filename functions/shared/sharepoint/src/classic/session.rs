//! Calls, signed in.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{SignedDuration, Timestamp};
use http::{HeaderName, HeaderValue, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use soap::{Element, Envelope, FromXml, Operation, SoapVersion, ToXml};
use transport::{Answer, Call, CallError, Client, Refusal, SignInError, Token, TokenStore, Tokens, passport};
use url::Url;

use super::{
    Connection, SignIn, address, claims, instead,
    operation::{GetWeb, Login, LoginOutcome},
    refusal::{self, UNAUTHORIZED},
    service::Ask,
};
use crate::SiteError;

/// A connection with what signing in left behind.
pub(super) struct Session {
    pub(super) parent: Url,
    sign_in: SignIn,
    client: Client,
    /// The cookies of a forms or claims sign-in; of the other kind, whether it was taken.
    tokens: Tokens<SiteError>,
}

/// A sign-in of any kind.
const SIGN_IN: &str = "SignIn";
/// The code of a sign-in page that came in place of an answer.
const SIGN_IN_PAGE: &str = "sign-in page";

/// How an answer shows that it wants a sign-in.
#[derive(Clone, Copy)]
pub(super) enum Expects {
    /// XML. A page or a redirect is never an answer.
    Soap,
    /// A page. Only a redirect to a sign-in page, or one itself, is none.
    Page,
    /// Cookies, which may come with any answer.
    Cookies,
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

    async fn signed_in(&self, call: Call, expects: Expects) -> Result<Answer, SiteError> {
        match &self.sign_in {
            SignIn::Basic { user, password } => self.with_credentials(user, password, call, expects).await,
            SignIn::Forms { .. } | SignIn::Claims { .. } => self.with_cookies(call, expects).await,
        }
    }

    /// The credentials go with every call, and every call that they are wrong in counts against the account. So they
    /// are tried at the parent once for everybody, and again where a call is answered with 401: a host says the same to
    /// a wrong password and to a good one at a closed door.
    async fn with_credentials(
        &self,
        user: &str,
        password: &SecretString,
        call: Call,
        expects: Expects,
    ) -> Result<Answer, SiteError> {
        let operation = call.operation;
        let token = self.tokens.get(None, || self.try_credentials(user, password)).await?;
        let answer = self.send(authorized(call, user, password), expects).await?;
        let answer = answer.ok_or_else(|| page_instead(operation))?;
        if answer.status == StatusCode::UNAUTHORIZED {
            self.tokens.get(Some(&token), || self.try_credentials(user, password)).await?;
        }
        Ok(answer)
    }

    /// `Webs.GetWeb` of the parent, which every use of the connection needs. Any answer but 401 and a page is one to
    /// somebody whom the host knows.
    async fn try_credentials(&self, user: &str, password: &SecretString) -> Result<Token, SiteError> {
        let url = address::below(&self.parent, ["_vti_bin", GetWeb::SERVICE]);
        let body = GetWeb { url: self.parent.clone() }.to_xml();
        let call = soap_call(url, SIGN_IN, GetWeb::ACTION, body)?.repeatable();
        let answer = self.send(authorized(call, user, password), Expects::Soap).await?;
        let answer = answer.ok_or_else(|| page_instead(SIGN_IN))?;
        if answer.status == StatusCode::UNAUTHORIZED {
            return Err(refusal::from_status(SIGN_IN, &answer));
        }
        // Says only that they were taken: they are in the secret.
        Ok(Token { text: "taken".to_owned().into(), expires_at: None })
    }

    /// A sign-in page instead of an answer means that the call had no effect: it may be sent again after a renewal.
    async fn with_cookies(&self, call: Call, expects: Expects) -> Result<Answer, SiteError> {
        let operation = call.operation;
        let token = self.tokens.get(None, || self.cookies()).await?;
        if let Some(answer) = self.send(with_cookie(call.clone(), &token)?, expects).await? {
            return Ok(answer);
        }
        let token = self.tokens.get(Some(&token), || self.cookies()).await?;
        self.send(with_cookie(call, &token)?, expects).await?.ok_or_else(|| page_instead(operation))
    }

    /// What signing in leaves behind, of the two kinds that leave something.
    async fn cookies(&self) -> Result<Token, SiteError> {
        match &self.sign_in {
            SignIn::Claims { user, password, sts } => claims::sign_in(self, user, password, sts).await,
            SignIn::Forms { user, password } | SignIn::Basic { user, password } => self.log_in(user, password).await,
        }
    }

    /// The answer, or `None` where it wants a sign-in.
    pub(super) async fn send(&self, call: Call, expects: Expects) -> Result<Option<Answer>, SiteError> {
        let operation = call.operation;
        let answer = match expects {
            Expects::Soap => self.client.send_soap(call).await,
            Expects::Page | Expects::Cookies => self.client.send(call).await,
        };
        match answer {
            Ok(answer) if matches!(expects, Expects::Cookies) => Ok(Some(answer)),
            Ok(answer) if instead::is_sign_in_required(&answer) => Ok(None),
            Ok(answer) if matches!(expects, Expects::Page) && instead::wants_sign_in(&answer) => Ok(None),
            Ok(answer) => Ok(Some(answer)),
            Err(CallError::SignInPage { .. }) => Ok(None),
            Err(source) => Err(SiteError::Call { operation, source }),
        }
    }

    /// `Authentication.asmx` Login; the ticket comes as a cookie beside the answer (MS-AUTHWS R45).
    async fn log_in(&self, user: &str, password: &SecretString) -> Result<Token, SiteError> {
        let operation = Login::NAME;
        let login = Login { user: user.to_owned(), password: password.clone() };
        let url = address::below(&self.parent, ["_vti_bin", "Authentication.asmx"]);
        let call = soap_call(url, operation, Login::ACTION, login.to_xml())?.repeatable();
        let answer = self.send(call, Expects::Soap).await?.ok_or_else(|| page_instead(operation))?;
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
            _ => Err(SiteError::SignIn { operation, code: "PasswordNotMatch".to_owned(), until: None }),
        }
    }
}

impl SignInError for SiteError {
    fn refusal(&self) -> Option<Refusal<'_>> {
        match self {
            // The secret is in the body, so that a 401 comes from IIS, which has not read it.
            Self::SignIn { operation: Login::NAME, code, .. } if code == UNAUTHORIZED => {
                Some(Refusal { code, is_sure: false })
            }
            // Of claims only a few numbers are about the secret; the others may be the service's own trouble.
            Self::SignIn { operation: claims::TOKEN, code, .. } if code != SIGN_IN_PAGE => {
                Some(Refusal { code, is_sure: passport::is_of_secret(code) })
            }
            // The secret is not in that call.
            Self::SignIn { operation: claims::TURN_IN, code, .. } => Some(Refusal { code, is_sure: false }),
            // A page comes from a gateway, which knows nothing of the secret.
            Self::SignIn { code, .. } if code != SIGN_IN_PAGE => Some(Refusal { code, is_sure: true }),
            _ => None,
        }
    }

    fn refused(code: String, until: Timestamp) -> Self {
        Self::SignIn { operation: SIGN_IN, code, until: Some(until) }
    }

    fn later(wait: SignedDuration) -> Self {
        let operation = SIGN_IN;
        Self::Call { operation, source: CallError::Later { service: "sharepoint", operation, wait, sent: false } }
    }
}

pub(super) fn page_instead(operation: &'static str) -> SiteError {
    SiteError::SignIn { operation, code: SIGN_IN_PAGE.to_owned(), until: None }
}

/// A SOAP 1.1 call. What XML cannot carry is refused here, before it is sent.
pub(super) fn soap_call(
    url: Url,
    operation: &'static str,
    action: &'static str,
    body: Element,
) -> Result<Call, SiteError> {
    let document = Envelope::new(SoapVersion::V11, body).to_bytes();
    let document = document.map_err(|error| refusal::unsendable(operation, &error))?;
    let content_type = HeaderValue::from_static("text/xml; charset=utf-8");
    let action = HeaderValue::try_from(format!("\"{action}\"")).expect("actions are constants in ASCII");
    Ok(Call::post(url, operation, document)
        .header(header::CONTENT_TYPE, content_type)
        .header(HeaderName::from_static("soapaction"), action))
}

fn authorized(call: Call, user: &str, password: &SecretString) -> Call {
    let pair = STANDARD.encode(format!("{user}:{}", password.expose_secret()));
    let mut value = HeaderValue::try_from(format!("Basic {pair}")).expect("base64 is ASCII");
    value.set_sensitive(true);
    // Makes a host with several sign-ins answer 401 instead of a page (contract, section 1).
    let windows = (HeaderName::from_static("x-forms_based_auth_accepted"), HeaderValue::from_static("f"));
    call.header(header::AUTHORIZATION, value).header(windows.0, windows.1)
}

fn with_cookie(call: Call, token: &Token) -> Result<Call, SiteError> {
    let mut cookies = HeaderValue::from_str(token.text.expose_secret()).map_err(|_| SiteError::SignIn {
        operation: Login::NAME,
        code: "unreadable cookies".to_owned(),
        until: None,
    })?;
    cookies.set_sensitive(true);
    Ok(call.header(header::COOKIE, cookies))
}

//! Calls, signed in.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};
use soap::{Element, Envelope, FromXml, Operation, SoapVersion, ToXml};
use tokio::sync::Mutex;
use transport::{Answer, Call, CallError, Client};
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
    /// The cookies of a forms sign-in, and how often it was renewed. The lock makes renewing a single flight.
    ticket: Mutex<Ticket>,
}

#[derive(Default)]
struct Ticket {
    cookies: Option<HeaderValue>,
    renewals: u64,
}

/// How an answer shows that it wants a sign-in.
#[derive(Clone, Copy)]
enum Expects {
    /// XML. A page or a redirect is never an answer.
    Soap,
    /// A page. Only a redirect to a sign-in page, or one itself, is none.
    Page,
}

impl Session {
    pub(super) fn new(connection: Connection, client: Client) -> Self {
        let parent = address::web(connection.parent);
        Self { parent, sign_in: connection.sign_in, client, ticket: Mutex::default() }
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
        let (signed, renewals) = self.sign(call.clone(), None).await?;
        if let Some(answer) = self.send(signed, expects).await? {
            return Ok(answer);
        }
        if matches!(self.sign_in, SignIn::Basic { .. }) {
            return Err(SiteError::SignIn { operation });
        }
        let (signed, _) = self.sign(call, Some(renewals)).await?;
        self.send(signed, expects).await?.ok_or(SiteError::SignIn { operation })
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

    /// The call with what proves who we are; `stale` names the ticket that was not accepted.
    async fn sign(&self, call: Call, stale: Option<u64>) -> Result<(Call, u64), SiteError> {
        match &self.sign_in {
            SignIn::Basic { user, password } => {
                // Makes a host with several sign-ins answer 401 instead of a page (contract, section 1).
                let windows = (HeaderName::from_static("x-forms_based_auth_accepted"), HeaderValue::from_static("f"));
                Ok((call.header(header::AUTHORIZATION, basic(user, password)).header(windows.0, windows.1), 0))
            }
            SignIn::Forms { user, password } => {
                let mut ticket = self.ticket.lock().await;
                let cookies = match ticket.cookies.clone() {
                    Some(cookies) if stale != Some(ticket.renewals) => cookies,
                    _ => {
                        let cookies = self.log_in(user, password).await?;
                        ticket.renewals += 1;
                        ticket.cookies.insert(cookies).clone()
                    }
                };
                Ok((call.header(header::COOKIE, cookies), ticket.renewals))
            }
        }
    }

    /// `Authentication.asmx` Login; the ticket comes as a cookie beside the answer (MS-AUTHWS R45).
    async fn log_in(&self, user: &str, password: &SecretString) -> Result<HeaderValue, SiteError> {
        let operation = Login::NAME;
        let login = Login { user: user.to_owned(), password: password.clone() };
        let url = address::below(&self.parent, ["_vti_bin", "Authentication.asmx"]);
        let call = soap_call(url, operation, Login::ACTION, login.to_xml())?.repeatable();
        let answer = match self.client.send_soap(call).await {
            Ok(answer) => answer,
            Err(CallError::SignInPage { .. }) => return Err(SiteError::SignIn { operation }),
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
        match (outcome, HeaderValue::from_str(&pairs.join("; "))) {
            (LoginOutcome::SignedIn, Ok(mut cookies)) if !cookies.is_empty() => {
                cookies.set_sensitive(true);
                Ok(cookies)
            }
            _ => Err(SiteError::SignIn { operation }),
        }
    }
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

//! One message there, one answer back, judged.

use domain::SignedDuration;
use http::{HeaderValue, StatusCode, header};
use soap::{Element, Envelope, Limits, SoapVersion};
use transport::{Answer, Call, CallError, Client};
use url::Url;

use super::fault::{Code, Meaning};
use crate::CrmError;

/// The longest wait that is believed, as in `transport`.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);

/// A message on its way, without what only one sending of it has.
#[derive(Clone, Copy)]
pub(crate) struct Outgoing<'m> {
    /// The operation's name, for errors, spans and counts.
    pub(crate) operation: &'static str,
    /// The value of `SOAPAction`.
    pub(crate) action: &'static str,
    /// Whether sending it twice does what sending it once does.
    pub(crate) repeatable: bool,
    /// The body.
    pub(crate) body: &'m Element,
}

/// Why there is no result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The ticket is not believed, or the password; nothing was done.
    SignedOut {
        /// CRM's code, the HTTP status, or that a sign-in page came.
        code: String,
    },
    /// Everything else.
    Other(CrmError),
}

/// Sends a message and gives the reply's body element.
pub(crate) async fn exchange(
    client: &Client,
    url: &Url,
    message: Outgoing<'_>,
    headers: Option<Element>,
) -> Result<Element, Failure> {
    let Outgoing { operation, action, repeatable, body } = message;
    let mut envelope = Envelope::new(SoapVersion::V11, body.clone());
    envelope.headers.extend(headers);
    let bytes = envelope.to_bytes().map_err(|source| Failure::Other(CrmError::Unsendable { operation, source }))?;
    let quoted = HeaderValue::from_str(&format!("\"{action}\"")).expect("an action is a constant of visible ASCII");
    let mut call = Call::post(url.clone(), operation, bytes)
        .header(header::CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"))
        .header(header::HeaderName::from_static("soapaction"), quoted);
    call.repeatable = repeatable;
    match client.send_soap(call).await {
        Ok(answer) => judge(operation, &answer),
        // Without a valid ticket an IFD server sends people, and us, to its sign-in page.
        Err(CallError::SignInPage { .. }) => Err(Failure::SignedOut { code: "sign-in page".to_owned() }),
        Err(source) => Err(Failure::Other(CrmError::Call { operation, source })),
    }
}

fn judge(operation: &'static str, answer: &Answer) -> Result<Element, Failure> {
    let status = answer.status;
    if status == StatusCode::UNAUTHORIZED {
        return Err(Failure::SignedOut { code: http_code(status) });
    }
    if !(status.is_success() || answer.is_xml()) {
        return Err(Failure::Other(CrmError::Refused { operation, code: http_code(status) }));
    }
    let envelope = Envelope::parse(&answer.body, Limits::default())
        .map_err(|source| Failure::Other(CrmError::Unreadable { operation, source }))?;
    let fault = match envelope.into_body() {
        Ok(body) if status.is_success() => return Ok(body),
        Ok(_) => return Err(Failure::Other(CrmError::Refused { operation, code: http_code(status) })),
        Err(fault) => fault,
    };
    let Some(code) = Code::of(&fault) else {
        let code = "none".to_owned();
        return Err(Failure::Other(CrmError::Refused { operation, code }));
    };
    let meaning = code.meaning();
    let code = code.to_string();
    Err(match meaning {
        Meaning::SignedOut => Failure::SignedOut { code },
        Meaning::Busy => Failure::Other(CrmError::Busy { operation, code, retry_after: retry_after(answer) }),
        Meaning::NotFound => Failure::Other(CrmError::NotFound { operation }),
        Meaning::Refused => Failure::Other(CrmError::Refused { operation, code }),
    })
}

fn http_code(status: StatusCode) -> String {
    format!("HTTP {}", status.as_u16())
}

/// Seconds only: a fault is an answer, and transport judges dates where there is none.
fn retry_after(answer: &Answer) -> Option<SignedDuration> {
    let seconds: u32 = answer.header(header::RETRY_AFTER)?.trim().parse().ok()?;
    Some(SignedDuration::from_secs(seconds.into()).min(LONGEST_WAIT))
}

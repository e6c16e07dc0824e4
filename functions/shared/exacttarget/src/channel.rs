//! One message there, one answer back, judged.

use domain::SignedDuration;
use http::{HeaderValue, StatusCode, header};
use soap::{Element, Envelope, Limits, SoapVersion};
use transport::{Answer, Call, CallError, Client};
use url::Url;

use crate::{
    ExactTargetError,
    fault::{Meaning, meaning},
};

/// The longest wait that is believed, as in `transport`.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);

/// A message on its way, without what only one sending of it has.
#[derive(Clone, Copy)]
pub(crate) struct Outgoing<'m> {
    /// The operation's name and the value of `SOAPAction`, which are the same (contract §1).
    pub(crate) operation: &'static str,
    /// Whether sending it twice does what sending it once does.
    pub(crate) repeatable: bool,
    /// The body.
    pub(crate) body: &'m Element,
}

/// Why there is no answer.
pub(crate) enum Failure {
    /// The token ended; nothing was done.
    TokenExpired,
    /// The sign-in is not believed; nothing was done.
    SignInRefused {
        /// What the platform said.
        code: String,
    },
    /// Everything else.
    Other(ExactTargetError),
}

/// Sends a message and gives the answer, which is no fault unless HTTP said that all is well.
pub(crate) async fn exchange(
    client: &Client,
    url: &Url,
    message: Outgoing<'_>,
    header: Element,
) -> Result<Answer, Failure> {
    let Outgoing { operation, repeatable, body } = message;
    let envelope = Envelope::new(SoapVersion::V11, body.clone()).with_header(header);
    let unsendable = |source| Failure::Other(ExactTargetError::Unsendable { operation, source });
    let bytes = envelope.to_bytes().map_err(unsendable)?;
    let quoted =
        HeaderValue::from_str(&format!("\"{operation}\"")).expect("an operation is a constant of visible ASCII");
    let mut call = Call::post(url.clone(), operation, bytes)
        .header(header::CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"))
        .header(header::HeaderName::from_static("soapaction"), quoted);
    call.repeatable = repeatable;
    match client.send_soap(call).await {
        Ok(answer) if answer.status.is_success() => Ok(answer),
        Ok(answer) => Err(judge(operation, &answer)),
        Err(source) => Err(Failure::Other(ExactTargetError::Call { operation, source })),
    }
}

/// Reads the body of an answer. A fault inside of HTTP 200 is a fault.
pub(crate) fn body_of(operation: &'static str, answer: &Answer) -> Result<Element, Failure> {
    let envelope = Envelope::parse(&answer.body, Limits::default())
        .map_err(|source| Failure::Other(ExactTargetError::Unreadable { operation, source }))?;
    envelope.into_body().map_err(|fault| judge_fault(operation, &fault, answer))
}

fn judge(operation: &'static str, answer: &Answer) -> Failure {
    let status = answer.status;
    let refused = || Failure::Other(ExactTargetError::Refused { operation, code: http_code(status) });
    if !answer.is_xml() {
        return refused();
    }
    match body_of(operation, answer) {
        Ok(_) => refused(),
        Err(failure) => failure,
    }
}

fn judge_fault(operation: &'static str, fault: &soap::Fault, answer: &Answer) -> Failure {
    let (meaning, code) = meaning(fault);
    match meaning {
        Meaning::TokenExpired => Failure::TokenExpired,
        Meaning::SignInRefused => Failure::SignInRefused { code },
        Meaning::Busy => Failure::Other(ExactTargetError::Busy { operation, code, retry_after: retry_after(answer) }),
        Meaning::Refused => Failure::Other(ExactTargetError::Refused { operation, code }),
    }
}

pub(crate) fn http_code(status: StatusCode) -> String {
    format!("HTTP {}", status.as_u16())
}

/// Seconds only: a fault is an answer, and transport judges dates where there is none.
fn retry_after(answer: &Answer) -> Option<SignedDuration> {
    let seconds: u32 = answer.header(header::RETRY_AFTER)?.trim().parse().ok()?;
    Some(SignedDuration::from_secs(seconds.into()).min(LONGEST_WAIT))
}

impl Failure {
    pub(crate) fn into_error(self, operation: &'static str) -> ExactTargetError {
        let code = match self {
            Self::TokenExpired => "Token Expired".to_owned(),
            Self::SignInRefused { code } => code,
            Self::Other(error) => return error,
        };
        ExactTargetError::SignIn { operation, code, until: None }
    }
}

impl From<CallError> for Failure {
    fn from(source: CallError) -> Self {
        Self::Other(ExactTargetError::Call { operation: crate::TOKEN_REQUEST, source })
    }
}

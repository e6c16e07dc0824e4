//! Asking a service of a web.

use soap::{Element, Envelope, FromXml, Limits, Operation};
use url::Url;

use super::{
    address, refusal,
    session::{self, Session},
};
use crate::SiteError;

/// An operation of one of the web's services.
pub(super) trait Ask: Operation {
    /// The service's file below `_vti_bin`.
    const SERVICE: &'static str;
    /// Whether it changes nothing, so that it may be sent again when its answer is lost.
    const READS: bool;
}

/// Sends a request to a web's service and reads the reply.
pub(super) async fn ask<A: Ask>(session: &Session, web: &Url, request: &A) -> Result<A::Reply, SiteError> {
    let to = Address { web, service: A::SERVICE, action: A::ACTION, operation: A::NAME, reads: A::READS };
    let body = call(session, to, request.to_xml()).await?;
    A::Reply::from_xml(&body)
        .map_err(|source| SiteError::Unreadable { operation: A::NAME, source: source.under(body.local()) })
}

struct Address<'a> {
    web: &'a Url,
    service: &'static str,
    action: &'static str,
    operation: &'static str,
    reads: bool,
}

async fn call(session: &Session, to: Address<'_>, body: Element) -> Result<Element, SiteError> {
    let operation = to.operation;
    let url = address::below(to.web, ["_vti_bin", to.service]);
    let call = session::soap_call(url, operation, to.action, body)?;
    let answer = session.soap(if to.reads { call.repeatable() } else { call }).await?;
    if !matches!(answer.status.as_u16(), 200 | 500) {
        return Err(refusal::from_status(operation, &answer));
    }
    let unreadable = |source| SiteError::Unreadable { operation, source };
    let envelope = Envelope::parse(&answer.body, Limits::default()).map_err(unreadable)?;
    let body = envelope.into_body().map_err(|fault| refusal::from_fault(operation, &fault))?;
    match body.local().strip_suffix("Response") {
        Some(answered) if answered == operation => Ok(body),
        _ => Err(unreadable(soap::Error::unexpected(format!("{operation}Response"), body.local()))),
    }
}

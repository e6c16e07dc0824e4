//! The other half: what a simulated service reads and writes.

use crate::{Element, Envelope, Error, Fault, Limits, SoapVersion};

/// A request as a service sees it.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is asked for, without quotes; empty when the client did not say.
    pub action: String,
    /// The message.
    pub envelope: Envelope,
}

/// A reply, ready for HTTP.
#[derive(Clone, Debug)]
pub struct Reply {
    /// 200, or 500 for a fault.
    pub status: u16,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// The document.
    pub body: Vec<u8>,
}

impl Request {
    /// Reads a request. The action is taken from `SOAPAction` (1.1), from the `action` parameter of the content type
    /// (1.2), or from the addressing header; quotes are optional, as real clients show.
    pub fn read(content_type: &str, soap_action: Option<&str>, body: &[u8], limits: Limits) -> Result<Self, Error> {
        let envelope = Envelope::parse(body, limits)?;
        let parameter =
            || content_type.split(';').find_map(|part| part.trim().strip_prefix("action=")).map(ToOwned::to_owned);
        let action = soap_action.map(ToOwned::to_owned).or_else(parameter).unwrap_or_default();
        let action = action.trim().trim_matches('"').to_owned();
        let action = if action.is_empty() { envelope.addressing().action } else { action };
        Ok(Self { action, envelope })
    }

    /// The operation: the last part of the action, or else the name of the body element
    /// (one real client sends no action at all).
    pub fn operation(&self) -> &str {
        match self.action.rsplit('/').next() {
            Some(operation) if !operation.is_empty() => operation,
            _ => self.envelope.body.local(),
        }
    }
}

impl Reply {
    /// A result in the version of the request.
    pub fn result(version: SoapVersion, body: Element) -> Result<Self, Error> {
        Self::with_status(version, 200, body)
    }

    /// A fault in the version of the request.
    pub fn fault(version: SoapVersion, fault: &Fault) -> Result<Self, Error> {
        Self::with_status(version, 500, fault.to_body(version))
    }

    fn with_status(version: SoapVersion, status: u16, body: Element) -> Result<Self, Error> {
        let content_type = match version {
            SoapVersion::V11 => "text/xml; charset=utf-8",
            SoapVersion::V12 => "application/soap+xml; charset=utf-8",
        };
        Ok(Self { status, content_type, body: Envelope::new(version, body).to_bytes()? })
    }
}

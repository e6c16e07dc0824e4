//! Faults: HTTP 500 with one of SOAP 1.1 (contract §7; texts as recorded or documented).

use bytes::Bytes;
use http::{Response, StatusCode};
use soap::{Element, ns};

use super::answer::To;

/// The namespace of `apifault` (`ETFrameworkFault.xsd`).
const FAULT: &str = "urn:fault.partner.exacttarget.com";

/// Why the platform does not even look at what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// `Login Failed` or `Token Expired`.
    Security(String),
    /// The request is to blame.
    Client(String),
    /// The platform is.
    Server(u32, &'static str),
}

impl Fault {
    pub(super) fn security(text: &str) -> Self {
        Self::Security(text.to_owned())
    }

    pub(super) fn client(text: impl Into<String>) -> Self {
        Self::Client(text.into())
    }

    /// The texts of codes 2, 9 and 17 are documented.
    pub(super) fn api(code: u32) -> Self {
        let text = match code {
            2 => "Unplanned Outage",
            9 => "The member is In Maintenance.",
            17 => {
                "We noticed an abnormal spike in your call volume so your SOAP Web Service account has been rate \
                 limited temporarily."
            }
            _ => "As a switch of the sandbox says.",
        };
        Self::Server(code, text)
    }

    pub(super) fn to_response(&self, to: &To) -> Response<Bytes> {
        let child = |local: &str, text: &str| Element::new("", local).with_text(text);
        let (code, text, detail) = match self {
            // Recorded without a detail; one of the client has an empty one (documented).
            Self::Security(text) => ("q0:Security", &**text, None),
            Self::Client(text) => ("soap:Client", &**text, Some(Element::new("", "detail"))),
            Self::Server(code, text) => {
                let fault = Element::new(FAULT, "apifault").with_value("Code", code).with_value("Message", text);
                // "Rate Limited" is the reason of that one (documented); of others it is what the detail says.
                let reason = if *code == 17 { "Rate Limited" } else { text };
                ("soap:Server", reason, Some(Element::new("", "detail").with(fault)))
            }
        };
        let fault = Element::new(ns::SOAP11, "Fault")
            .with(child("faultcode", code))
            .with(child("faultstring", text))
            .with(child("faultactor", "https://webservice.exacttarget.com/Service.asmx"))
            .with_all(detail);
        let response = to.reply(StatusCode::INTERNAL_SERVER_ERROR, fault);
        response.map(bind_q0)
    }
}

/// Declares the prefix that a text carries: the tree knows names, not prefixes inside of values.
fn bind_q0(document: Bytes) -> Bytes {
    let text = String::from_utf8_lossy(&document);
    if !text.contains(">q0:Security<") {
        return document;
    }
    let bound = format!("<faultcode xmlns:q0=\"{}\"", ns::SECURITY);
    Bytes::from(text.replacen("<faultcode", &bound, 1))
}

//! SOAP and XML for the clients, the simulators and the tests.
//!
//! Never talks to the network and never accepts a document that is cut, doubled or built to hurt:
//! see [`Limits`] and [`Problem`]. Start at [`Element`] for messages and at [`Rows`] for large replies.

mod addressing;
mod element;
mod envelope;
mod error;
mod fault;
mod names;
mod namespaces;
mod read;
mod rows;
pub mod server;
mod tokens;
mod write;
#[rustfmt::skip]
mod xml;

pub use addressing::Addressing;
pub use element::{Element, Name, Node, Pattern};
pub use envelope::{Envelope, FromXml, Operation, SoapVersion, ToXml};
pub use error::{Error, Problem};
pub use fault::Fault;
pub use read::parse;
pub use rows::{Field, Row, Rows};
pub use tokens::{Limits, is_char};

/// Namespace names that belong to SOAP and XML themselves.
pub mod ns {
    /// SOAP 1.1 envelope.
    pub const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
    /// SOAP 1.2 envelope.
    pub const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";
    /// `xsi:type`, `xsi:nil`.
    pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
    /// The types of XML Schema, as in `xsd:string`.
    pub const XSD: &str = "http://www.w3.org/2001/XMLSchema";
    /// The prefix `xml`, bound without a declaration.
    pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
    /// WS-Addressing 1.0.
    pub const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
    /// WS-Trust of February 2005.
    pub const TRUST: &str = "http://schemas.xmlsoap.org/ws/2005/02/trust";
    /// WS-Policy of September 2004.
    pub const POLICY: &str = "http://schemas.xmlsoap.org/ws/2004/09/policy";
    /// WS-Security 1.0: names, passwords, tokens.
    pub const SECURITY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    /// WS-Security 1.0: ids and times.
    pub const UTILITY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
}

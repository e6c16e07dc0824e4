//! A SOAP message: headers and one body element, in version 1.1 or 1.2.

use crate::{Addressing, Element, Error, Fault, Limits, Problem, ns, parse};

/// Which SOAP a message speaks. CRM 4.0 services accept both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SoapVersion {
    /// `text/xml` and a `SOAPAction` header.
    V11,
    /// `application/soap+xml` with the action as a parameter.
    V12,
}

impl SoapVersion {
    /// The envelope's namespace.
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::V11 => ns::SOAP11,
            Self::V12 => ns::SOAP12,
        }
    }

    /// The value of `Content-Type` for a request with this action.
    pub fn content_type(self, action: &str) -> String {
        match self {
            Self::V11 => "text/xml; charset=utf-8".to_owned(),
            Self::V12 => format!("application/soap+xml; charset=utf-8; action=\"{action}\""),
        }
    }
}

/// A SOAP envelope with exactly one body element.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Envelope {
    /// The version it was or will be written in.
    pub version: SoapVersion,
    /// The header elements, in order.
    pub headers: Vec<Element>,
    /// The one child of `Body`.
    pub body: Element,
}

impl Envelope {
    /// An envelope without headers.
    pub fn new(version: SoapVersion, body: Element) -> Self {
        Self { version, headers: Vec::new(), body }
    }

    /// With one more header.
    #[must_use]
    pub fn with_header(mut self, header: Element) -> Self {
        self.headers.push(header);
        self
    }

    /// Reads a whole message.
    pub fn parse(bytes: &[u8], limits: Limits) -> Result<Self, Error> {
        let root = parse(bytes, limits)?;
        let version = [SoapVersion::V11, SoapVersion::V12]
            .into_iter()
            .find(|version| root.is((version.namespace(), "Envelope")))
            .ok_or_else(|| Error::unexpected("a SOAP envelope", root.local()))?;
        // Taken apart, not copied: a page of rows may be tens of megabytes.
        let (headers, body) = take_apart(root, version.namespace()).map_err(|error| error.under("Envelope"))?;
        Ok(Self { version, headers, body })
    }

    /// Writes the message. Prefixes of the envelope do not matter to any known server.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let soap = self.version.namespace();
        let mut envelope = Element::new(soap, "Envelope");
        if !self.headers.is_empty() {
            envelope = envelope.with(Element::new(soap, "Header").with_all(self.headers.iter().cloned()));
        }
        envelope.with(Element::new(soap, "Body").with(self.body.clone())).to_document()
    }

    /// The body, or the fault that it is.
    pub fn into_body(self) -> Result<Element, Fault> {
        match Fault::from_body(self.version, &self.body) {
            Some(fault) => Err(fault),
            None => Ok(self.body),
        }
    }

    /// The WS-Addressing headers, as far as there are any.
    pub fn addressing(&self) -> Addressing {
        Addressing::from_headers(&self.headers)
    }
}

/// A header if there is one, the body, and nothing else: SOAP 1.2 has no more (section 5.1), and where 1.1 allows
/// elements after the body, WS-I's Basic Profile does not (R1011). What is not read must not look as if it were.
fn take_apart(envelope: Element, soap: &str) -> Result<(Vec<Element>, Element), Error> {
    let mut parts = envelope.into_children().peekable();
    let header = parts.next_if(|part| part.is((soap, "Header")));
    let body = parts.next_if(|part| part.is((soap, "Body")));
    match (body, parts.next()) {
        (_, Some(other)) => Err(Error::unexpected("a header at most and one body", other.local())),
        (None, None) => Err(Error::new(Problem::Missing).under("Body")),
        (Some(body), None) => Ok((header.into_iter().flat_map(Element::into_children).collect(), only_child(body)?)),
    }
}

fn only_child(body: Element) -> Result<Element, Error> {
    let mut children = body.into_children();
    match (children.next(), children.next()) {
        (Some(child), None) => Ok(child),
        (None, _) => Err(Error::new(Problem::Missing).under("Body/*")),
        (Some(_), Some(second)) => Err(Error::unexpected("one element", second.local()).under("Body")),
    }
}

/// Something that has a form in XML.
pub trait ToXml {
    /// The XML form.
    fn to_xml(&self) -> Element;
}

/// Something that is read from XML.
pub trait FromXml: Sized {
    /// Reads it; the error names the path below this element.
    fn from_xml(element: &Element) -> Result<Self, Error>;
}

/// A request and the reply that belongs to it.
pub trait Operation: ToXml {
    /// What the service answers.
    type Reply: FromXml;
    /// The operation's name, for spans and counts.
    const NAME: &'static str;
    /// The value of `SOAPAction`, without quotes.
    const ACTION: &'static str;
}

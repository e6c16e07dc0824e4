//! A fault: an answer, not an outage.

use std::fmt;

use crate::{Element, SoapVersion, ns};

/// What a service says instead of a result, in the shape of either SOAP version.
#[derive(Clone, PartialEq, Eq)]
pub struct Fault {
    /// `Server`, `Client` … without its prefix; SOAP 1.2 calls them `Receiver` and `Sender`.
    pub code: String,
    /// The human-readable reason. It may quote what was sent: do not log it unread.
    pub reason: String,
    /// The detail element; its children are the service's own.
    pub detail: Option<Box<Element>>,
}

impl Fault {
    /// A fault of the service's making.
    pub fn server(reason: impl Into<String>) -> Self {
        Self { code: "Server".to_owned(), reason: reason.into(), detail: None }
    }

    /// A fault that blames the request.
    pub fn client(reason: impl Into<String>) -> Self {
        Self { code: "Client".to_owned(), reason: reason.into(), detail: None }
    }

    /// With the children of `detail`.
    #[must_use]
    pub fn with_detail(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.detail = Some(Box::new(Element::new("", "detail").with_all(children)));
        self
    }

    /// The text of an element inside of `detail`, at any depth, in any namespace:
    /// CRM 4.0 puts `code` two levels down, SharePoint `errorcode` one.
    pub fn detail_text(&self, local: &str) -> Option<String> {
        fn find<'e>(element: &'e Element, local: &str) -> Option<&'e Element> {
            element.children().find_map(|child| if child.is(local) { Some(child) } else { find(child, local) })
        }
        find(self.detail.as_deref()?, local).map(Element::text)
    }

    /// The fault that a body element is, if it is one.
    pub(crate) fn from_body(version: SoapVersion, body: &Element) -> Option<Self> {
        if !body.is((version.namespace(), "Fault")) {
            return None;
        }
        let unprefixed = |code: String| code.trim().rsplit(':').next().unwrap_or_default().to_owned();
        Some(match version {
            SoapVersion::V11 => Self {
                code: unprefixed(body.child_text("faultcode")),
                reason: body.child_text("faultstring"),
                detail: body.child("detail").cloned().map(Box::new),
            },
            SoapVersion::V12 => Self {
                code: unprefixed(body.child("Code").map(|code| code.child_text("Value")).unwrap_or_default()),
                reason: body.child("Reason").map(|reason| reason.child_text("Text")).unwrap_or_default(),
                detail: body.child("Detail").cloned().map(Box::new),
            },
        })
    }

    /// The body element of a reply in that version.
    pub fn to_body(&self, version: SoapVersion) -> Element {
        let children = || self.detail.iter().flat_map(|detail| detail.children()).cloned();
        match version {
            // The children of a 1.1 fault are in no namespace; its code is a name with the envelope's prefix.
            SoapVersion::V11 => Element::new(ns::SOAP11, "Fault")
                .with(Element::new("", "faultcode").with_text(format!("soap:{}", self.code)))
                .with(Element::new("", "faultstring").with_text(&*self.reason))
                .with(Element::new("", "detail").with_all(children())),
            SoapVersion::V12 => {
                let code = match self.code.as_str() {
                    "Server" => "Receiver",
                    "Client" => "Sender",
                    other => other,
                };
                Element::new(ns::SOAP12, "Fault")
                    .with(Element::new(ns::SOAP12, "Code").with_value("Value", format_args!("soap:{code}")))
                    .with(
                        Element::new(ns::SOAP12, "Reason").with(
                            Element::new(ns::SOAP12, "Text")
                                .with_attribute_in(ns::XML, "lang", "en")
                                .with_text(&*self.reason),
                        ),
                    )
                    .with(Element::new(ns::SOAP12, "Detail").with_all(children()))
            }
        }
    }
}

impl fmt::Display for Fault {
    /// Code only: the reason and the detail can quote names and addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fault {}", self.code)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

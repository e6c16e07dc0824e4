//! WS-Addressing 1.0 headers: what CRM 2011 and token services ask for.

use crate::{Element, ns};

/// The addressing headers of one message. Absent ones are empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Addressing {
    /// What the message asks for.
    pub action: String,
    /// A name of the message, unique; `urn:uuid:…`.
    pub message_id: String,
    /// The message that this one answers.
    pub relates_to: String,
    /// The address of the service.
    pub to: String,
}

impl Addressing {
    /// The headers as elements; empty ones are left out. Answers are expected on the same connection.
    pub fn to_headers(&self) -> Vec<Element> {
        let header = |local, text: &str| Element::new(ns::ADDRESSING, local).with_text(text);
        let mut headers = Vec::new();
        for (local, text) in
            [("Action", &self.action), ("MessageID", &self.message_id), ("RelatesTo", &self.relates_to)]
        {
            if !text.is_empty() {
                headers.push(header(local, text));
            }
        }
        if !self.message_id.is_empty() {
            let anonymous = "http://www.w3.org/2005/08/addressing/anonymous";
            headers.push(Element::new(ns::ADDRESSING, "ReplyTo").with_value("Address", anonymous));
        }
        if !self.to.is_empty() {
            headers.push(header("To", &self.to));
        }
        headers
    }

    /// Reads what is there.
    pub(crate) fn from_headers(headers: &[Element]) -> Self {
        let text = |local| {
            let found = headers.iter().find(|header| header.is((ns::ADDRESSING, local)));
            found.map(|header| header.text().trim().to_owned()).unwrap_or_default()
        };
        Self { action: text("Action"), message_id: text("MessageID"), relates_to: text("RelatesTo"), to: text("To") }
    }
}

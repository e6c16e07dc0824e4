//! A send that is prepared, and released by starting it (contract §6, Sending, B).

use soap::Element;

use super::{Object, properties};
use crate::NS;

/// A send. Its key is made of the CRM's send: a second `Create` then fails instead of sending twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailSendDefinition {
    /// What it is known by.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The key of the classification that says who sends, and whether it is commercial.
    pub classification: String,
    /// To whom.
    pub to: SendSource,
    /// The tables whose rows get nothing, by their object ids.
    pub but_not_to: Vec<String>,
    /// The mail, by its number.
    pub email: u64,
    /// The subject, where it is not the mail's own.
    pub subject: Option<String>,
}

/// To whom a send goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendSource {
    /// A list, by its number.
    List(u64),
    /// A table by its object id, which is not its key; and the publication list that opt-outs are counted on.
    DataExtension {
        /// The table's `ObjectID`.
        object_id: String,
        /// The list's number.
        list: Option<u64>,
    },
}

impl From<&EmailSendDefinition> for Object {
    fn from(send: &EmailSendDefinition) -> Self {
        let with_id = |name: &str, id: u64| Element::new(NS, name).with_value("ID", id);
        let list = Element::new(NS, "SendDefinitionList");
        let source = match &send.to {
            SendSource::List(id) => list
                .with(with_id("List", *id))
                .with_value("SendDefinitionListType", "SourceList")
                .with_value("DataSourceTypeID", "List"),
            SendSource::DataExtension { object_id, list: publication } => list
                .with_all(publication.map(|id| with_id("List", id)))
                .with_value("SendDefinitionListType", "SourceList")
                .with_value("CustomObjectID", object_id)
                .with_value("DataSourceTypeID", "CustomObject"),
        };
        let excluded = send.but_not_to.iter().map(|object_id| {
            Element::new(NS, "SendDefinitionList")
                .with_value("SendDefinitionListType", "ExclusionList")
                .with_value("CustomObjectID", object_id)
                .with_value("DataSourceTypeID", "CustomObject")
        });
        let mut written = properties()
            .with_value("CustomerKey", &send.key)
            .with_value("Name", &send.name)
            .with(Element::new(NS, "SendClassification").with_value("CustomerKey", &send.classification))
            .with(source)
            .with_all(excluded)
            .with(with_id("Email", send.email));
        if let Some(subject) = &send.subject {
            written = written.with_value("EmailSubject", subject);
        }
        Self::new("EmailSendDefinition", &written)
    }
}

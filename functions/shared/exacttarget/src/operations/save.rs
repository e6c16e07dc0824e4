//! Makes, changes and removes objects (contract §6).
//!
//! `Create` fails on an object that is there, `Update` on one that is not; with `upsert` either does both. Fifty objects
//! to a call are recommended (contract §7). A `Create` with a key of its own is refused when it is repeated.

use soap::{Element, ToXml};

use super::{Message, Results};
use crate::{ExactTargetError, NS, Overall, objects::Object};

/// Makes objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// What is made.
    pub objects: Vec<Object>,
    /// Whether one that is there is changed instead; only for subscribers.
    pub upsert: bool,
}

/// Changes objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// What is changed, and its new values.
    pub objects: Vec<Object>,
    /// Whether one that is not there is made instead; only for rows of data extensions.
    pub upsert: bool,
}

/// Removes objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delete {
    /// What is removed, by its key.
    pub objects: Vec<Object>,
}

/// The order of elements is the schema's: options, then objects.
fn request(name: &str, upsert_by: Option<&str>, objects: &[Object]) -> Element {
    let mut options = Element::new(NS, "Options");
    if let Some(property) = upsert_by {
        let save =
            Element::new(NS, "SaveOption").with_value("PropertyName", property).with_value("SaveAction", "UpdateAdd");
        options = options.with(Element::new(NS, "SaveOptions").with(save));
    }
    Element::new(NS, name).with(options).with_all(objects.iter().map(|object| object.written_as("Objects")))
}

/// Mixed results and those that all failed are told object by object. A call that failed as a whole has no results.
fn judge(
    operation: &'static str,
    objects: &[Object],
    overall: &Overall,
    has_results: bool,
) -> Result<(), ExactTargetError> {
    match overall {
        Overall::Ok => Ok(()),
        Overall::Mixed | Overall::Failed if has_results => Ok(()),
        failed => {
            let object = objects.first().map_or("an object", Object::kind);
            Err(super::error(operation, object, failed.clone()))
        }
    }
}

impl ToXml for Create {
    fn to_xml(&self) -> Element {
        request("CreateRequest", self.upsert.then_some("*"), &self.objects)
    }
}

impl Message for Create {
    type Reply = Results;
    const NAME: &'static str = "Create";

    fn judge(&self, overall: &Overall, has_results: bool) -> Result<(), ExactTargetError> {
        judge(Self::NAME, &self.objects, overall, has_results)
    }
}

impl ToXml for Update {
    fn to_xml(&self) -> Element {
        request("UpdateRequest", self.upsert.then_some("DataExtensionObject"), &self.objects)
    }
}

impl Message for Update {
    type Reply = Results;
    const NAME: &'static str = "Update";

    fn judge(&self, overall: &Overall, has_results: bool) -> Result<(), ExactTargetError> {
        judge(Self::NAME, &self.objects, overall, has_results)
    }
}

impl ToXml for Delete {
    fn to_xml(&self) -> Element {
        request("DeleteRequest", None, &self.objects)
    }
}

impl Message for Delete {
    type Reply = Results;
    const NAME: &'static str = "Delete";

    fn judge(&self, overall: &Overall, has_results: bool) -> Result<(), ExactTargetError> {
        judge(Self::NAME, &self.objects, overall, has_results)
    }
}

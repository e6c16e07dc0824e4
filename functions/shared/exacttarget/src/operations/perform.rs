//! Starts what was defined: an import, a send (contract §6).

use soap::{Element, Error, FromXml, ToXml};

use super::Message;
use crate::{NS, objects::Object};

/// Starts a definition. Never repeated by itself: nothing keeps the platform from sending twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start(pub Object);

/// It was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Performed {
    /// The task: of a send its `SendID`, by which it is tracked; of an import what its summary is found by. Recorded
    /// replies leave it out for other definitions: one who needs it and has none asks what was started.
    pub task: Option<u64>,
}

impl ToXml for Start {
    fn to_xml(&self) -> Element {
        Element::new(NS, "PerformRequestMsg")
            .with_value("Action", "start")
            .with(Element::new(NS, "Definitions").with(self.0.written_as("Definition")))
    }
}

impl Message for Start {
    type Reply = Performed;
    const NAME: &'static str = "Perform";
}

impl FromXml for Performed {
    /// `Results/Result/Task/ID`. The overall status was judged; the result and the task have one each.
    fn from_xml(body: &Element) -> Result<Self, Error> {
        body.within("Results", |results| {
            results.within("Result", |result| {
                let is_ok = |element: &Element| element.child_text("StatusCode").trim() == "OK";
                if !is_ok(result) {
                    return Err(Error::unexpected("OK", result.child_text("StatusCode").trim()).under("StatusCode"));
                }
                let task = match result.child("Task") {
                    Some(task) => task.optional_value("ID").map_err(|error| error.under("Task"))?,
                    None => None,
                };
                Ok(Self { task })
            })
        })
    }
}

//! Logs that somebody does not want more mails of a send (contract §6).

use soap::{Element, Error, FromXml, ToXml};

use super::Message;
use crate::{ExactTargetError, NS, Overall};

/// `LogUnsubEvent`. Without a job it becomes an unsubscription from everything, and no event is logged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogUnsubEvent {
    /// Who.
    pub subscriber: String,
    /// From the mails of which job.
    pub job: Option<u64>,
    /// Sent to which list.
    pub list: Option<u64>,
    /// In which batch of the job.
    pub batch: Option<u64>,
    /// Why, for people.
    pub reason: String,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Whether it was logged.
    pub is_ok: bool,
    /// 400 to 407 or 12012, where it was not.
    pub code: Option<u32>,
}

impl ToXml for LogUnsubEvent {
    fn to_xml(&self) -> Element {
        let parameter = |name: &str, value: &str| {
            Element::new(NS, "Parameters").with_value("Name", name).with_value("Value", value)
        };
        let number = |name, value: Option<u64>| value.map(|value| parameter(name, &value.to_string()));
        let requests = Element::new(NS, "Requests")
            .with_value("Name", "LogUnsubEvent")
            .with(parameter("SubscriberKey", &self.subscriber))
            .with_all(number("JobID", self.job))
            .with_all(number("ListID", self.list))
            .with_all(number("BatchID", self.batch))
            .with(parameter("Reason", &self.reason));
        Element::new(NS, "ExecuteRequestMsg").with(requests)
    }
}

impl Message for LogUnsubEvent {
    type Reply = Logged;
    const NAME: &'static str = "Execute";

    /// Its one result says more than *Error*.
    fn judge(&self, overall: &Overall, has_results: bool) -> Result<(), ExactTargetError> {
        match overall {
            Overall::Ok => Ok(()),
            Overall::Failed | Overall::Mixed if has_results => Ok(()),
            failed => Err(super::error(Self::NAME, "LogUnsubEvent", failed.clone())),
        }
    }
}

impl FromXml for Logged {
    fn from_xml(body: &Element) -> Result<Self, Error> {
        body.within("Results", |result| {
            Ok(Self {
                is_ok: result.required("StatusCode")?.text().trim() == "OK",
                code: result.optional_value("ErrorCode")?.filter(|code| *code != 0),
            })
        })
    }
}

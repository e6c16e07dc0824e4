//! Answers: the envelope of recorded ones, and the results inside (contract §1, §6).

use bytes::Bytes;
use domain::{SignedDuration, Timestamp};
use http::{HeaderValue, Request, Response, StatusCode, header};
use soap::{Element, Envelope, SoapVersion, ns};
use uuid::Uuid;

use super::NS;

/// Of August 2004, as recorded; not the later one of most services.
const ADDRESSING: &str = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
const ANONYMOUS: &str = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous";
/// The name space of the ids of answers; invented.
const SPACE: Uuid = Uuid::from_u128(0x3e5b_0c71_94f2_4d6a_8b11_e7ac_7a26_e700);

/// What an answer belongs to.
#[derive(Clone, Debug)]
pub(super) struct To {
    pub(super) operation: String,
    message: Option<String>,
    /// Its own id, which a `ContinueRequest` names.
    pub(super) id: Uuid,
    at: Timestamp,
}

impl To {
    /// An answer whose id depends on what is answered alone.
    pub(super) fn of(request: &Request<Bytes>, at: Timestamp) -> Self {
        let read = super::read(request).ok();
        let operation = read.as_ref().map(|it| it.operation().to_owned()).unwrap_or_default();
        let message = read.map(|it| it.envelope).and_then(|envelope| header_text(&envelope, "MessageID"));
        Self { operation, message, id: Uuid::new_v5(&SPACE, request.body()), at }
    }

    /// With the id of the `number`th answer.
    pub(super) fn numbered(self, number: u64) -> Self {
        Self { id: Uuid::new_v5(&SPACE, &number.to_be_bytes()), ..self }
    }

    /// An answer in SOAP 1.1, whatever was asked in (contract §2).
    pub(super) fn reply(&self, status: StatusCode, body: Element) -> Response<Bytes> {
        let header = |local: &str, text: &str| Element::new(ADDRESSING, local).with_text(text);
        let message = Uuid::new_v5(&self.id, b"message");
        let relates = self.message.clone().unwrap_or_else(|| format!("urn:uuid:{}", Uuid::new_v5(&self.id, b"to")));
        let time = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let utility = |local: &str, at| Element::new(ns::UTILITY, local).with_text(time(at));
        let stamp = Element::new(ns::UTILITY, "Timestamp")
            .with_attribute_in(ns::UTILITY, "Id", format!("Timestamp-{}", Uuid::new_v5(&self.id, b"timestamp")))
            .with(utility("Created", self.at))
            .with(utility("Expires", self.at + SignedDuration::from_mins(5)));
        let envelope = Envelope::new(SoapVersion::V11, body)
            .with_header(header("Action", &format!("{}Response", self.operation)))
            .with_header(header("MessageID", &format!("urn:uuid:{message}")))
            .with_header(header("RelatesTo", &relates))
            .with_header(header("To", ANONYMOUS))
            .with_header(Element::new(ns::SECURITY, "Security").with(stamp));
        let mut response = match envelope.to_bytes() {
            Ok(bytes) => Response::new(Bytes::from(bytes)),
            // Something that was stored has no form in XML.
            Err(_) => return Response::builder().status(500).body(Bytes::new()).expect("a status"),
        };
        *response.status_mut() = status;
        let kind = HeaderValue::from_static("text/xml; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }

    /// Rows, and what the platform says of all of them.
    pub(super) fn retrieved(&self, overall: &str, rows: impl IntoIterator<Item = Element>) -> Response<Bytes> {
        let body = Element::new(NS, "RetrieveResponseMsg").with_value("OverallStatus", overall);
        self.reply(StatusCode::OK, body.with_value("RequestID", self.id).with_all(rows))
    }

    /// What became of each object of a `Create`, an `Update` or a `Delete`.
    pub(super) fn saved(&self, outcomes: &[Outcome]) -> Response<Bytes> {
        let result = |(ordinal, outcome): (usize, &Outcome)| outcome.written(&self.operation, ordinal);
        let body = Element::new(NS, &format!("{}Response", self.operation))
            .with_all(outcomes.iter().enumerate().map(result))
            .with_value("RequestID", self.id)
            .with_value("OverallStatus", overall(outcomes));
        self.reply(StatusCode::OK, body)
    }

    /// What became of each definition of a `Perform`.
    pub(super) fn performed(&self, outcomes: &[Outcome]) -> Response<Bytes> {
        let results = outcomes.iter().enumerate().map(|(ordinal, outcome)| outcome.performed(ordinal));
        self.within_results("PerformResponseMsg", overall(outcomes), results)
    }

    /// `Results/Result`, as `Perform` and `GetSystemStatus` have it.
    pub(super) fn within_results(
        &self,
        root: &str,
        overall: &str,
        results: impl IntoIterator<Item = Element>,
    ) -> Response<Bytes> {
        let body = Element::new(NS, root)
            .with(Element::new(NS, "Results").with_all(results))
            .with_value("OverallStatus", overall)
            .with_value("OverallStatusMessage", "")
            .with_value("RequestID", self.id);
        self.reply(StatusCode::OK, body)
    }

    /// An answer without results.
    pub(super) fn overall(&self, overall: &str) -> Response<Bytes> {
        match &*self.operation {
            "Create" | "Update" | "Delete" => {
                let body = Element::new(NS, &format!("{}Response", self.operation));
                self.reply(StatusCode::OK, body.with_value("RequestID", self.id).with_value("OverallStatus", overall))
            }
            "Perform" | "GetSystemStatus" => self.within_results("PerformResponseMsg", overall, []),
            "Execute" => self.reply(
                StatusCode::OK,
                Element::new(NS, "ExecuteResponseMsg")
                    .with_value("OverallStatus", overall)
                    .with_value("RequestID", self.id),
            ),
            _ => self.retrieved(overall, []),
        }
    }
}

fn header_text(envelope: &Envelope, local: &str) -> Option<String> {
    envelope.headers.iter().find(|header| header.is(local)).map(|header| header.text().trim().to_owned())
}

/// OK, Error, or what is said of mixed results (contract §6: the text is not recorded).
fn overall(outcomes: &[Outcome]) -> &'static str {
    match outcomes.iter().filter(|outcome| outcome.refused.is_some()).count() {
        0 => "OK",
        all if all == outcomes.len() => "Error",
        _ => "Has Errors",
    }
}

/// Why one object is refused: a code of the contract's `error_codes.tsv`, and a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) code: u32,
    pub(super) text: String,
}

impl Refused {
    pub(super) fn new(code: u32, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// What became of one object.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    /// `None`: it was done.
    pub(super) refused: Option<Refused>,
    pub(super) message: String,
    pub(super) new_id: Option<u32>,
    pub(super) new_object_id: Option<Uuid>,
    /// The object as it is echoed.
    pub(super) object: Option<Element>,
    /// The task of a start.
    pub(super) task: Option<u32>,
    /// Whether it is not echoed.
    pub(super) is_silent: bool,
}

impl Outcome {
    /// Of an object that was asked for so.
    pub(super) fn of(done: Result<Self, Refused>, asked: &Element) -> Self {
        let echo = |id, object_id| Some(echo(asked, id, object_id));
        match done {
            Ok(outcome) => {
                let object = if outcome.is_silent { None } else { echo(outcome.new_id, outcome.new_object_id) };
                Self { object, ..outcome }
            }
            Err(refused) => {
                let message = refused.text.clone();
                Self { refused: Some(refused), message, object: echo(None, None), ..Self::default() }
            }
        }
    }

    /// The order of elements is that of recorded results, and the schema's: a base's come first.
    fn judged(&self, element: &str, ordinal: usize) -> Element {
        let status = if self.refused.is_some() { "Error" } else { "OK" };
        let mut result =
            Element::new(NS, element).with_value("StatusCode", status).with_value("StatusMessage", &self.message);
        // That of a start has none (documented).
        if element == "Results" {
            result = result.with_value("OrdinalID", ordinal);
        }
        match &self.refused {
            Some(refused) => result.with_value("ErrorCode", refused.code),
            None => result,
        }
    }

    fn written(&self, operation: &str, ordinal: usize) -> Element {
        let mut result = self.judged("Results", ordinal);
        if operation == "Create" {
            result = result.with_value("NewID", self.new_id.unwrap_or_default());
            if let Some(id) = self.new_object_id {
                result = result.with_value("NewObjectID", id);
            }
        }
        result.with_all(self.object.clone())
    }

    fn performed(&self, ordinal: usize) -> Element {
        let result = self.judged("Result", ordinal).with_all(self.object.clone());
        match self.task {
            None => result,
            Some(id) => result.with(
                Element::new(NS, "Task")
                    .with_value("StatusCode", "OK")
                    .with_value("StatusMessage", "OK")
                    .with_value("ID", id)
                    .with_value("InteractionObjectID", Uuid::new_v5(&SPACE, &id.to_be_bytes())),
            ),
        }
    }
}

/// The object as it was sent, with the ids that it has now.
fn echo(asked: &Element, id: Option<u32>, object_id: Option<Uuid>) -> Element {
    let kind = asked.kind().map(|kind| &*kind.local).unwrap_or_default();
    let object = Element::new(NS, "Object").with_kind(NS, kind).with(Element::new(NS, "PartnerKey").with_nil());
    let object = object.with_all(id.map(|id| Element::new(NS, "ID").with_text(id.to_string())));
    let own = Element::new(NS, "ObjectID");
    let own = match object_id {
        Some(object_id) => own.with_text(object_id.to_string()),
        None => own.with_nil(),
    };
    let sent = asked.children().filter(|child| !matches!(child.local(), "PartnerKey" | "ID" | "ObjectID"));
    object.with(own).with_all(sent.cloned())
}

//! `Service.asmx`: which operation, of which account, and the small ones themselves (contract §1, §2, §6).

use bytes::Bytes;
use domain::Timestamp;
use http::{Request, Response, StatusCode};
use soap::Element;
use uuid::Uuid;

use super::{
    NS, State,
    account::{Account, Status},
    answer::To,
    catalogue,
    events::What,
    fault::Fault,
    objects::{self, Save},
    read, retrieve, sign_in,
};

/// The most objects of one call (code 218).
const MOST_OBJECTS: usize = 32_767;

/// Answers one message.
pub(super) fn handle(state: &mut State, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
    state.answers += 1;
    let to = To::of(request, now).numbered(state.answers);
    let message = match read(request) {
        Ok(message) => message,
        Err(error) => return Fault::client(format!("The message cannot be read: {error}")).to_response(&to),
    };
    let (operation, body) = (message.operation(), &message.envelope.body);
    if !is_of(operation, body) {
        let text = format!("Server did not recognize the value of HTTP Header SOAPAction: {operation}.");
        return Fault::client(text).to_response(&to);
    }
    let number = match sign_in::account(state, &message.envelope.headers, now) {
        Ok(number) => number,
        Err(fault) => return fault.to_response(&to),
    };
    match operation {
        "Retrieve" => retrieve::handle(state, number, body, &to, now),
        "Create" | "Update" | "Delete" => save(state.at_mut(number), operation, body, &to, now),
        "Perform" => perform(state.at_mut(number), body, &to, now),
        "Describe" => describe(state.at(number), body, &to),
        "Execute" => execute(state.at_mut(number), body, &to, now),
        "GetSystemStatus" => {
            let result = Element::new(NS, "Result")
                .with_value("StatusCode", "OK")
                .with_value("StatusMessage", "System Status Retrieved")
                .with_value("SystemStatus", "OK");
            to.within_results("SystemStatusResponseMsg", "OK", [result])
        }
        other => Fault::client(format!("The sandbox does not simulate {other}.")).to_response(&to),
    }
}

/// Whether the message is one of the operation's.
fn is_of(operation: &str, body: &Element) -> bool {
    let root = match operation {
        "Create" => "CreateRequest",
        "Update" => "UpdateRequest",
        "Delete" => "DeleteRequest",
        "Retrieve" => "RetrieveRequestMsg",
        "Perform" => "PerformRequestMsg",
        "Describe" => "DefinitionRequestMsg",
        "Execute" => "ExecuteRequestMsg",
        "GetSystemStatus" => "SystemStatusRequestMsg",
        "Configure" => "ConfigureRequestMsg",
        "Schedule" => "ScheduleRequestMsg",
        "Extract" => "ExtractRequestMsg",
        "Query" => "QueryRequestMsg",
        "VersionInfo" => "VersionInfoRequestMsg",
        _ => return false,
    };
    body.is((NS, root))
}

fn save(account: &mut Account, operation: &str, body: &Element, to: &To, now: Timestamp) -> Response<Bytes> {
    let objects: Vec<_> = body.all("Objects").collect();
    if objects.is_empty() || objects.len() > MOST_OBJECTS {
        return to.overall("Error: Too many objects, or none.");
    }
    let options = body.child("Options").and_then(|options| options.child("SaveOptions"));
    let is_upsert = |kind: &str| {
        let mut options = options.into_iter().flat_map(|options| options.all("SaveOption"));
        options.any(|option| {
            let property = option.child_text("PropertyName");
            option.child_text("SaveAction").trim() == "UpdateAdd" && (property.trim() == "*" || property.trim() == kind)
        })
    };
    let outcomes: Vec<_> = objects
        .into_iter()
        .map(|object| {
            let kind = object.kind().map(|kind| &*kind.local).unwrap_or_default();
            let how = match operation {
                "Delete" => Save::Delete,
                _ if is_upsert(kind) => Save::Upsert,
                "Create" => Save::Create,
                _ => Save::Update,
            };
            objects::save(account, how, object, now)
        })
        .collect();
    to.saved(&outcomes)
}

fn perform(account: &mut Account, body: &Element, to: &To, now: Timestamp) -> Response<Bytes> {
    let action = body.child_text("Action").trim().to_owned();
    let definitions = body.child("Definitions").into_iter().flat_map(|definitions| definitions.all("Definition"));
    let outcomes: Vec<_> = definitions.map(|one| objects::perform(account, &action, one, now)).collect();
    to.performed(&outcomes)
}

/// An object that is not known has a definition without properties, in the shape of recorded ones; the case is invented.
fn describe(account: &Account, body: &Element, to: &To) -> Response<Bytes> {
    let asked = body.child("DescribeRequests").into_iter().flat_map(|asked| asked.all("ObjectDefinitionRequest"));
    let definition = |asked: &Element| {
        let kind = asked.child_text("ObjectType").trim().to_owned();
        let properties = catalogue::properties(&kind).unwrap_or_default().iter();
        let present = properties
            .filter(|property| !account.quirks.missing_properties.contains(&(kind.clone(), property.name.to_owned())));
        let written = present.map(|property| {
            let element = Element::new(NS, "Properties");
            element
                .with(Element::new(NS, "PartnerKey").with_nil())
                .with(Element::new(NS, "ObjectID").with_nil())
                .with_value("Name", property.name)
                .with_value("DataType", property.data_type)
                .with_value("IsUpdatable", false)
                .with_value("IsRetrievable", property.is_retrievable)
                .with_value("IsRequired", false)
        });
        Element::new(NS, "ObjectDefinition").with_value("ObjectType", &kind).with_all(written)
    };
    let reply = Element::new(NS, "DefinitionResponseMsg").with_all(asked.map(definition));
    to.reply(StatusCode::OK, reply.with_value("RequestID", to.id))
}

fn execute(account: &mut Account, body: &Element, to: &To, now: Timestamp) -> Response<Bytes> {
    let mut is_ok = true;
    let results: Vec<_> = body
        .all("Requests")
        .map(|request| {
            let result = Element::new(NS, "Results");
            let done = match request.child_text("Name").trim() {
                "LogUnsubEvent" => log_unsub_event(account, request, now),
                _ => Err((2, "The sandbox does not simulate it.")),
            };
            match done {
                Ok(()) => result.with_value("StatusCode", "OK").with_value("StatusMessage", "Event posted"),
                Err((code, text)) => {
                    is_ok = false;
                    result
                        .with_value("StatusCode", "Error")
                        .with_value("StatusMessage", text)
                        .with_value("ErrorCode", code)
                }
            }
        })
        .collect();
    let reply = Element::new(NS, "ExecuteResponseMsg").with_value("OverallStatus", if is_ok { "OK" } else { "Error" });
    to.reply(StatusCode::OK, reply.with_value("RequestID", to.id).with_all(results))
}

/// Codes and texts are the contract's. Without a job it is an opt-out from everything, and no event is logged.
fn log_unsub_event(account: &mut Account, request: &Element, now: Timestamp) -> Result<(), (u32, &'static str)> {
    let value = |name: &str| {
        let mut parameters = request.all("Parameters");
        let found = parameters.find(|one| one.child_text("Name").trim() == name);
        found.map(|one| one.child_text("Value").trim().to_owned()).filter(|value| !value.is_empty())
    };
    if request.child("Parameters").is_none() {
        return Err((402, "The Parameters array did not contain any values"));
    }
    let (key, id, address) = (value("SubscriberKey"), value("SubscriberID"), value("EmailAddress"));
    let found = match (&key, &id, &address) {
        (Some(key), _, _) => account.subscribers.get(key),
        (None, Some(id), _) => account.subscribers.values().find(|one| one.id.to_string() == *id),
        (None, None, Some(_)) => {
            return Err((404, "The SubscriberKey permission is turned on but only EmailAddress was provided."));
        }
        (None, None, None) => {
            return Err((403, "The EmailAddress, SubscriberKey and SubscriberID parameters were not specified"));
        }
    };
    let missing = (400, "The subscriber could not be found on the specified JobID");
    let subscriber = found.ok_or(missing)?;
    if id.is_some_and(|id| id != subscriber.id.to_string()) {
        return Err((406, "You supplied SubscriberKey along with SubscriberID. They refer to different subscribers"));
    }
    if address.is_some_and(|address| !address.eq_ignore_ascii_case(&subscriber.address)) {
        return Err((407, "You supplied EmailAddress along with SubscriberKey. They refer to different subscribers"));
    }
    let (key, status) = (subscriber.key.clone(), subscriber.status);
    let list = value("ListID").and_then(|list| list.parse().ok());
    if list.is_some_and(|list| subscriber.lists.get(&list).is_some_and(|on| on.status == Status::Unsubscribed)) {
        return Err((401, "The subscriber is already unsubscribed from the specified list"));
    }
    let Some(job) = value("JobID").and_then(|job| job.parse().ok()) else {
        if status == Status::Unsubscribed {
            return Err((12_012, "The subscriber has already been master unsubscribed from the system"));
        }
        account.decline(&key, None, now);
        return Ok(());
    };
    let went = account.job(job).filter(|job| job.went_to(&key));
    let list = list.or(went.ok_or(missing)?.list);
    account.decline(&key, list, now);
    account.log(job, &key.into(), list, now, What::Unsubscribe(list.is_none()));
    Ok(())
}

/// The text that a mail's link to decline ends with, so that nobody declines for others by guessing.
pub(super) fn seal(member: u32, job: u32, key: &str) -> String {
    Uuid::new_v5(&super::seed::SPACE, format!("{member}/{job}/{key}").as_bytes()).simple().to_string()
}

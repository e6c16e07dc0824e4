//! What a retrieve finds: every object of a kind with what it has.

use std::collections::{BTreeMap, BTreeSet};

use domain::Timestamp;

use super::{Item, Value};
use crate::exacttarget::{
    Subscriber,
    account::{Account, Column, Email, List, SendDefinition, Table},
    events::What,
    import::{Destination, Import, ImportDefinition},
    job::Job,
};

/// Every object of a kind, whether it fits a filter or not.
pub(in crate::exacttarget) fn found<'a>(
    account: &'a Account,
    kind: &str,
    now: Timestamp,
) -> Box<dyn Iterator<Item = Item> + 'a> {
    let is_kind: fn(&What) -> bool = match kind {
        "SentEvent" => |what| matches!(what, What::Sent),
        "NotSentEvent" => |what| matches!(what, What::NotSent),
        "OpenEvent" => |what| matches!(what, What::Open),
        "ClickEvent" => |what| matches!(what, What::Click(..)),
        "BounceEvent" => |what| matches!(what, What::Bounce(..)),
        "UnsubEvent" => |what| matches!(what, What::Unsubscribe(_)),
        "ForwardedEmailEvent" => |what| matches!(what, What::Forwarded),
        _ => return Box::new(objects(account, kind, now).into_iter().map(Item::Object)),
    };
    let member = account.member;
    // One that is still to come is no event yet.
    let of_kind = account.events_by(now).filter(move |event| event.at <= now && is_kind(&event.what));
    Box::new(of_kind.map(move |event| Item::Event(event.clone(), member)))
}

type Object = BTreeMap<&'static str, Value>;

fn objects(account: &Account, kind: &str, now: Timestamp) -> Vec<Object> {
    let mut objects: Vec<Object> = match kind {
        "Send" => {
            let tallies = tallies(account, now);
            account.all_jobs().map(|job| send(job, tallies.get(&job.id).unwrap_or(&Tally::default()))).collect()
        }
        "Subscriber" => account.subscribers.values().map(subscriber).collect(),
        "ListSubscriber" => {
            let each = account.subscribers.values().flat_map(|one| one.lists.iter().map(move |on| (one, on)));
            each.map(|(one, (list, on))| {
                Object::from([
                    ("ListID", Value::int(*list)),
                    ("SubscriberKey", Value::of(&one.key)),
                    ("Status", Value::of(on.status.name())),
                    ("CreatedDate", Value::Time(on.created)),
                    ("ModifiedDate", Value::Time(on.modified)),
                ])
            })
            .collect()
        }
        "List" => account.lists.values().map(list).collect(),
        "DataExtension" => account.tables.values().map(table).collect(),
        "DataExtensionField" => account.tables.values().flat_map(columns).collect(),
        "ImportDefinition" => account.import_definitions.values().map(import_definition).collect(),
        "ImportResultsSummary" => {
            let shown = account.imports.iter().filter(|import| import.is_shown(now));
            shown.map(|import| import_result(account, import, now)).collect()
        }
        "EmailSendDefinition" => account.send_definitions.values().map(send_definition).collect(),
        "Email" => account.emails.values().map(email).collect(),
        "SendClassification" => {
            let one = |(key, name): (&String, &String)| {
                let kind = ("SendClassificationType", Value::of("Marketing"));
                Object::from([("CustomerKey", Value::of(key)), ("Name", Value::of(name)), kind])
            };
            account.classifications.iter().map(one).collect()
        }
        _ => Vec::new(),
    };
    for object in &mut objects {
        object.insert("Client.ID", Value::int(account.member));
    }
    objects
}

/// What happened to the mails of a job.
#[derive(Clone, Debug, Default)]
struct Tally {
    bounces: [usize; 3],
    opened: BTreeSet<String>,
    clicked: BTreeSet<String>,
    unsubscribed: usize,
    forwarded: usize,
}

fn tallies(account: &Account, now: Timestamp) -> BTreeMap<u32, Tally> {
    let mut tallies: BTreeMap<u32, Tally> = BTreeMap::new();
    for event in account.events_by(now).filter(|event| event.at <= now && event.what != What::Sent) {
        let tally = tallies.entry(event.job).or_default();
        match &event.what {
            What::Open => drop(tally.opened.insert(event.key.to_string())),
            What::Click(..) => drop(tally.clicked.insert(event.key.to_string())),
            What::Unsubscribe(_) => tally.unsubscribed += 1,
            What::Forwarded => tally.forwarded += 1,
            What::Bounce(cause, _) => {
                let place = ["HardBounce", "SoftBounce", "OtherBounce"].iter().position(|name| *name == cause.event);
                tally.bounces[place.unwrap_or(2)] += 1;
            }
            What::Sent | What::NotSent => {}
        }
    }
    tallies
}

fn send(job: &Job, tally: &Tally) -> Object {
    let [hard, soft, other] = tally.bounces;
    let delivered = job.sent.saturating_sub(hard + soft + other);
    Object::from([
        ("CreatedDate", Value::Time(job.asked)),
        ("ModifiedDate", Value::Time(job.done.unwrap_or(job.asked))),
        ("ID", Value::int(job.id)),
        ("Email.ID", Value::int(job.email)),
        ("SendDate", Value::Time(job.begins)),
        ("FromAddress", Value::of(&job.from.1)),
        ("FromName", Value::of(&job.from.0)),
        ("Duplicates", Value::int(job.targets.duplicates)),
        ("InvalidAddresses", Value::int(job.targets.invalid)),
        ("ExistingUndeliverables", Value::int(job.targets.undeliverable)),
        ("ExistingUnsubscribes", Value::int(job.targets.unsubscribed)),
        ("HardBounces", Value::int(hard)),
        ("SoftBounces", Value::int(soft)),
        ("OtherBounces", Value::int(other)),
        ("ForwardedEmails", Value::int(tally.forwarded)),
        ("UniqueClicks", Value::int(tally.clicked.len())),
        ("UniqueOpens", Value::int(tally.opened.len())),
        ("NumberSent", Value::int(job.sent)),
        ("NumberDelivered", Value::int(delivered)),
        ("Unsubscribes", Value::int(tally.unsubscribed)),
        ("MissingAddresses", Value::int(job.targets.missing)),
        ("Subject", Value::of(&job.subject)),
        ("PreviewURL", Value::Empty),
        ("SentDate", job.done.map_or(Value::Nothing, Value::Time)),
        ("EmailName", Value::of(&job.email_name)),
        ("Status", Value::of(job.state.name())),
        ("IsMultipart", Value::Bool(false)),
        ("NumberTargeted", Value::int(job.targets.targeted)),
        ("NumberErrored", Value::int(job.not_sent)),
        ("NumberExcluded", Value::int(job.targets.excluded)),
        ("Additional", Value::of(&job.additional)),
        // The vendor's own script sample filters sends by it; that it comes with the reply is invented.
        ("EmailSendDefinition.CustomerKey", Value::of(job.definition.as_deref().unwrap_or_default())),
    ])
}

fn subscriber(one: &Subscriber) -> Object {
    Object::from([
        ("ID", Value::int(one.id)),
        ("CreatedDate", Value::Time(one.created)),
        ("EmailAddress", Value::of(&one.address)),
        ("SubscriberKey", Value::of(&one.key)),
        ("UnsubscribedDate", one.unsubscribed.map_or(Value::Nothing, Value::Time)),
        ("Status", Value::of(one.status.name())),
        ("EmailTypePreference", Value::of("HTML")),
    ])
}

fn list(list: &List) -> Object {
    Object::from([
        ("ID", Value::int(list.id)),
        ("CreatedDate", Value::Time(list.created)),
        ("ModifiedDate", Value::Time(list.created)),
        ("CustomerKey", Value::of(&list.key)),
        ("ListName", Value::of(&list.name)),
        ("Type", Value::of("Public")),
        ("ListClassification", Value::of("ExactTargetList")),
        ("Description", Value::Empty),
    ])
}

fn table(table: &Table) -> Object {
    let mut object = Object::from([
        ("CreatedDate", Value::Time(table.created)),
        ("ModifiedDate", Value::Time(table.created)),
        ("ObjectID", Value::of(table.object_id.to_string())),
        ("CustomerKey", Value::of(&table.key)),
        ("Name", Value::of(&table.name)),
        ("Description", Value::Empty),
        ("IsSendable", Value::Bool(table.sendable.is_some())),
    ]);
    if let Some(column) = &table.sendable {
        object.insert("SendableDataExtensionField.Name", Value::of(column));
        object.insert("SendableSubscriberField.Name", Value::of("_SubscriberKey"));
    }
    object
}

fn columns(table: &Table) -> Vec<Object> {
    let one = |(place, column): (usize, &Column)| {
        Object::from([
            ("ObjectID", Value::of(uuid::Uuid::new_v5(&table.object_id, column.name.as_bytes()).to_string())),
            // Recorded keys have this form.
            ("CustomerKey", Value::of(format!("[{}].[{}]", table.key, column.name))),
            ("Name", Value::of(&column.name)),
            ("MaxLength", column.length.map_or(Value::Nothing, Value::int)),
            ("IsRequired", Value::Bool(column.is_required || column.is_key)),
            ("Ordinal", Value::int(place)),
            ("IsPrimaryKey", Value::Bool(column.is_key)),
            ("FieldType", Value::of(&column.kind)),
            ("DataExtension.CustomerKey", Value::of(&table.key)),
        ])
    };
    table.columns.iter().enumerate().map(one).collect()
}

fn import_definition(import: &ImportDefinition) -> Object {
    Object::from([
        ("CreatedDate", Value::Time(import.created)),
        ("ObjectID", Value::of(import.object_id.to_string())),
        ("CustomerKey", Value::of(&import.key)),
        ("Name", Value::of(&import.name)),
        ("AllowErrors", Value::Bool(import.allows_errors)),
        (
            "FieldMappingType",
            Value::of(if import.mapping.is_some() { "MapByOrdinal" } else { "InferFromColumnHeadings" }),
        ),
        ("FileSpec", Value::of(&import.file)),
        ("FileType", Value::of(if import.delimiter == b'\t' { "TAB" } else { "CSV" })),
        ("UpdateType", Value::of(&import.update)),
    ])
}

fn import_result(account: &Account, import: &Import, now: Timestamp) -> Object {
    // `1/15/2026 9:50:00 AM` (reconstructed sample).
    let american = |at: Timestamp| Value::of(super::server_time(at).strftime("%-m/%-d/%Y %-I:%M:%S %p").to_string());
    let (destination, kind) = match &import.definition.destination {
        Destination::List(id) => (id.to_string(), "Subscriber List"),
        Destination::Table(key) => {
            (account.tables.get(key).map(|table| table.object_id.to_string()).unwrap_or_default(), "Data Extension")
        }
    };
    let mut object = Object::from([
        ("ObjectID", Value::of(import.object_id.to_string())),
        ("ImportDefinitionCustomerKey", Value::of(&import.definition.key)),
        ("StartDate", american(import.asked)),
        ("DestinationID", Value::of(destination)),
        ("ImportType", Value::of(kind)),
        ("ImportStatus", Value::of(import.status(now))),
        ("TaskResultID", Value::int(import.task)),
    ]);
    if let (Some(_), Some((_, ends))) = (&import.outcome, import.runs) {
        object.insert("EndDate", american(ends));
    }
    if let Some(Ok(counts)) = &import.outcome {
        object.insert("TotalRows", Value::int(counts.total));
        object.insert("NumberSuccessful", Value::int(counts.successful));
        object.insert("NumberDuplicated", Value::int(counts.duplicated));
        object.insert("NumberErrors", Value::int(counts.errors));
        object.insert("NumberRestricted", Value::Int(0));
    }
    object
}

fn send_definition(send: &SendDefinition) -> Object {
    let (name, address) = send.from.clone().unwrap_or_default();
    Object::from([
        ("CreatedDate", Value::Time(send.created)),
        ("ModifiedDate", Value::Time(send.created)),
        ("ObjectID", Value::of(send.object_id.to_string())),
        ("CustomerKey", Value::of(&send.key)),
        ("Name", Value::of(&send.name)),
        ("SendClassification.CustomerKey", Value::of(&send.classification)),
        ("FromName", Value::of(name)),
        ("FromAddress", Value::of(address)),
        ("Email.ID", Value::int(send.email)),
        ("EmailSubject", Value::of(send.subject.clone().unwrap_or_default())),
        ("DeduplicateByEmail", Value::Bool(send.is_deduplicated)),
        ("Additional", Value::of(&send.additional)),
    ])
}

fn email(email: &Email) -> Object {
    Object::from([
        ("CreatedDate", Value::Time(email.created)),
        ("ModifiedDate", Value::Time(email.created)),
        ("ID", Value::int(email.id)),
        ("CustomerKey", Value::of(format!("email-{}", email.id))),
        ("Name", Value::of(&email.name)),
        ("HTMLBody", Value::Empty),
        ("TextBody", Value::of(&email.body)),
        ("Subject", Value::of(&email.subject)),
        ("Status", Value::of("New")),
        ("EmailType", Value::of("TextOnly")),
    ])
}

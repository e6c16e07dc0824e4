//! One request body of every kind, for the vendor's schema.
//!
//! With `TIELINE_CLIENT_BODIES` set to a folder, they are written there as `exacttarget-<name>.xml`, and judged by
//! `tests/strangers/test_client_bodies.py`.

#![allow(clippy::unwrap_used, reason = "the functions that tests share are tests too")]

use std::{fs, path::PathBuf};

use exacttarget::{Filter, objects::*, operations::*};
use soap::{Element, Envelope, Limits, SoapVersion, ToXml};

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// What objects there are, each with all that it can have.
fn objects() -> Vec<(&'static str, Object)> {
    let subscriber = |status, actions: &[SubscriptionAction]| Subscriber {
        key: "8d0f1b6e".to_owned(),
        address: "nora@harbour.example".to_owned(),
        attributes: vec![pair("First Name", "Åsa & <Co>"), pair("Empty", "")],
        status,
        lists: actions.iter().map(|action| (1_234, *action)).collect(),
    };
    let column = |name: &str, kind, is_key| Column { name: name.to_owned(), kind, is_key, is_required: false };
    let kinds =
        [ColumnKind::Text(200), ColumnKind::Number, ColumnKind::Date, ColumnKind::Boolean, ColumnKind::EmailAddress];
    let table = |subscriber_column: Option<&str>| DataExtension {
        key: "TL_8d0f1b6e".to_owned(),
        name: "Spring".to_owned(),
        columns: kinds.iter().enumerate().map(|(at, kind)| column(&format!("c{at}"), *kind, at == 0)).collect(),
        subscriber_column: subscriber_column.map(ToOwned::to_owned),
    };
    let row = DataExtensionRow { table: "TL_1".to_owned(), keys: vec![pair("k", "1")], values: vec![pair("v", "2")] };
    let import = |destination, kind, update| ImportDefinition {
        key: "TL_I".to_owned(),
        name: "Spring".to_owned(),
        destination,
        file: "spring-%%Year%%.csv".to_owned(),
        kind,
        location: "ExactTarget Enhanced FTP".to_owned(),
        update,
        allows_errors: true,
    };
    let send = |to, subject: Option<&str>| EmailSendDefinition {
        key: "TL_S".to_owned(),
        name: "Spring".to_owned(),
        classification: "Default Commercial".to_owned(),
        to,
        but_not_to: vec!["1a3e2c14-580e-de11-b30f-001cc494ae9e".to_owned()],
        email: 794_527,
        subject: subject.map(ToOwned::to_owned),
    };
    let rows =
        SendSource::DataExtension { object_id: "1a3e2c14-580e-de11-b30f-001cc494ae9e".to_owned(), list: Some(12) };
    let actions = [SubscriptionAction::Create, SubscriptionAction::Upsert, SubscriptionAction::Delete];
    vec![
        ("Subscriber", Object::from(&subscriber(Some(SubscriberStatus::Active), &actions))),
        ("Subscriber-unsubscribed", Object::from(&subscriber(Some(SubscriberStatus::Unsubscribed), &[]))),
        ("Subscriber-held", Object::from(&subscriber(Some(SubscriberStatus::Held), &[]))),
        ("DataExtension", Object::from(&table(None))),
        ("DataExtension-sendable", Object::from(&table(Some("c0")))),
        ("DataExtensionObject", Object::from(&row)),
        ("ImportDefinition-list", Object::from(&import(Destination::List(7), FileKind::Csv, UpdateKind::AddAndUpdate))),
        (
            "ImportDefinition-table",
            Object::from(&import(Destination::DataExtension("TL_1".to_owned()), FileKind::Tab, UpdateKind::Overwrite)),
        ),
        ("EmailSendDefinition-list", Object::from(&send(SendSource::List(7), None))),
        ("EmailSendDefinition-table", Object::from(&send(rows, Some("Åsa, look")))),
    ]
}

fn bodies() -> Vec<(String, Element)> {
    let mut bodies: Vec<(String, Element)> = Vec::new();
    for (name, object) in objects() {
        bodies.push((
            format!("Create-{name}"),
            Create { objects: vec![object.clone()], upsert: name == "Subscriber" }.to_xml(),
        ));
        bodies.push((
            format!("Update-{name}"),
            Update { objects: vec![object.clone(), object.clone()], upsert: true }.to_xml(),
        ));
        bodies.push((format!("Delete-{name}"), Delete { objects: vec![object] }.to_xml()));
    }
    let window = Filter::between(
        "EventDate",
        "2026-01-15T16:00:00Z".parse().unwrap(),
        "2026-01-15T17:00:00.5Z".parse().unwrap(),
    );
    let mut first =
        Retrieve::of("SentEvent", ["SendID", "Client.ID"]).only(Filter::any_of("SendID", [1, 2]).and(window));
    first.of_all_accounts = true;
    let first = first.in_pages_of(500);
    let next = Retrieve { continues: Some("0f7d3d3e-7f7b-4a3a-9a55-0f9f3f5d2b10".to_owned()), ..first.clone() };
    let start = |kind| Start(Object::by_key(kind, "TL_1"));
    let opt_out = LogUnsubEvent {
        subscriber: "c1".to_owned(),
        job: Some(1),
        list: Some(2),
        batch: Some(0),
        reason: "x".to_owned(),
    };
    let others = [
        ("Retrieve", first.to_xml()),
        ("Retrieve-continued", next.to_xml()),
        ("Retrieve-all", Retrieve::of("List", ["ID"]).to_xml()),
        ("Perform-import", start("ImportDefinition").to_xml()),
        ("Perform-send", start("EmailSendDefinition").to_xml()),
        ("Describe", Describe("BounceEvent".to_owned()).to_xml()),
        ("Execute", opt_out.to_xml()),
        ("GetSystemStatus", GetSystemStatus.to_xml()),
    ];
    bodies.extend(others.map(|(name, body)| (name.to_owned(), body)));
    bodies
}

/// EX-39. What is written is read back as it was; the schema is the judge of the rest.
#[test]
fn every_request_can_be_written_and_read() {
    let folder = std::env::var_os("TIELINE_CLIENT_BODIES").map(PathBuf::from);
    for (name, body) in bodies() {
        let bytes = Envelope::new(SoapVersion::V11, body.clone()).to_bytes().unwrap();
        assert_eq!(Envelope::parse(&bytes, Limits::default()).unwrap().body, body, "{name}");
        if let Some(folder) = &folder {
            fs::create_dir_all(folder).unwrap();
            fs::write(folder.join(format!("exacttarget-{name}.xml")), bytes).unwrap();
        }
    }
}

//! The names of our entities in code are those of the definition that packages and simulator are made from.

#![allow(clippy::unwrap_used, reason = "the functions that tests share are tests too")]

use std::{collections::BTreeMap, fs, path::PathBuf};

use crm::schema::{account, campaign, send, site_request};
use serde_json::Value;

/// Attribute name to type, per entity.
fn defined() -> BTreeMap<String, BTreeMap<String, String>> {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    while !root.join("Cargo.lock").exists() {
        assert!(root.pop(), "the workspace has a root");
    }
    let text = fs::read_to_string(root.join("infra/crm/entities.json")).unwrap();
    let definition: Value = serde_json::from_str(&text).unwrap();
    let named = |list: &str, key: &str| -> Vec<(String, BTreeMap<String, String>)> {
        let entities = definition[list].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let attributes = |entity: &Value| {
            let attributes = entity["attributes"].as_array().unwrap().iter();
            attributes.map(|attribute| (text(&attribute["name"]), text(&attribute["type"]))).collect()
        };
        entities.map(|entity| (text(&entity[key]), attributes(entity))).collect()
    };
    named("entities", "name").into_iter().chain(named("extensions", "entity")).collect()
}

fn expected(attributes: &[(&str, &str)]) -> BTreeMap<String, String> {
    attributes.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect()
}

/// FX-01: defined once, in `infra/crm/entities.json`.
#[test]
fn the_code_knows_every_entity_and_attribute_by_its_defined_name_and_type() {
    let request = expected(&[
        (site_request::ID, "primarykey"),
        (site_request::NAME, "nvarchar"),
        (site_request::TARGET, "nvarchar"),
        (site_request::ACCOUNT, "lookup"),
        (site_request::STATUS, "picklist"),
        (site_request::REASON, "ntext"),
        (site_request::SITE_URL, "nvarchar"),
    ]);
    let account =
        expected(&[(account::SITE_ENABLED, "bit"), (account::SITE_URL, "nvarchar"), (account::SITE_LISTS, "ntext")]);
    let send = expected(&[
        (send::ID, "primarykey"),
        (send::NAME, "nvarchar"),
        (send::CAMPAIGN, "lookup"),
        (send::LIST, "lookup"),
        (send::LEAD, "lookup"),
        (send::CONTACT, "lookup"),
        (send::ACCOUNT, "lookup"),
        (send::EMAIL, "int"),
        (send::SUBJECT, "nvarchar"),
        (send::SCHEDULED, "datetime"),
        (send::HOLD, "bit"),
        (send::CANCEL, "bit"),
        (send::STATUS, "picklist"),
        (send::REASON, "ntext"),
        (send::LISTED, "int"),
        (send::EXCLUDED, "int"),
        (send::ACCEPTED, "int"),
        (send::FAILED, "int"),
        (send::EXCLUSIONS, "ntext"),
        (send::PARTS, "int"),
        (send::JOB, "nvarchar"),
        (send::RELEASED_ON, "datetime"),
    ]);
    let ours = BTreeMap::from([
        (site_request::ENTITY.to_owned(), request),
        ("tl_send".to_owned(), send),
        ("account".to_owned(), account),
        ("campaign".to_owned(), expected(&[(campaign::MAIL_OFF, "bit")])),
    ]);
    assert_eq!(defined(), ours);
}

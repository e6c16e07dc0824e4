use domain::{CrmId, SignedDuration};
use soap::Element;

use super::{Desk, dynamic, target};
use crate::crm::{Value, seed, wire::ns};

fn chosen() -> CrmId {
    "c0ffee00-0000-4000-8000-000000000001".parse().expect("an id")
}

/// ST-39: the two tenants have other records under the same ids.
#[test]
fn equal_ids_are_other_records_in_the_other_organisation() {
    let names = ["harbour", "northwind"].map(|organisation| {
        let account = Desk::at(organisation).retrieve("account", seed::account(1), &["name"]).expect("an account");
        account.child_text("name")
    });
    assert_eq!(names, ["Harbour & Sons Shipping", "Alpine Ski House"]);
}

#[test]
fn the_server_says_who_made_a_record_and_when() {
    let mut desk = Desk::harbour().acting_for(seed::user(2));
    let id = desk
        .create(
            "account",
            &[
                ("String", "name", "New Quay Ltd"),
                ("CrmDateTime", "createdon", "1999-01-01T00:00:00Z"),
                ("Lookup:systemuser", "createdby", &seed::user(5).to_string()),
            ],
        )
        .expect("an id");
    desk.caller = None;
    let made = desk.retrieve("account", id, &[]).expect("the account");
    assert_eq!(made.child_text("createdon"), "2026-11-22T05:00:00-05:00");
    assert_eq!(made.required("createdon").expect("when").attribute("time"), Some("5:00 AM"));
    for by in ["createdby", "ownerid"] {
        assert_eq!(made.child_text(by), seed::user(2).braced(), "{by}");
        assert_eq!(made.required(by).expect("who").attribute("name"), Some("Anna Berg"));
    }
    desk.advance(SignedDuration::from_mins(1));
    desk.update("account", &[("Key", "accountid", &id.to_string()), ("String", "name", "Newer Quay Ltd")])
        .expect("an update");
    let changed = desk.retrieve("account", id, &["name", "modifiedon", "modifiedby"]).expect("the account");
    assert_eq!(changed.child_text("name"), "Newer Quay Ltd");
    assert_eq!(changed.child_text("modifiedon"), "2026-11-22T05:01:00-05:00");
    assert_eq!(changed.child_text("modifiedby"), seed::user(1).braced());
}

#[test]
fn a_key_that_the_client_chose_is_kept_and_cannot_be_used_twice() {
    let mut desk = Desk::harbour();
    let key = chosen().braced();
    let note = [
        ("Key", "annotationid", key.as_str()),
        ("String", "subject", "A site was made"),
        ("Lookup:account", "objectid", &*seed::account(1).to_string()),
    ];
    assert_eq!(desk.create("annotation", &note), Ok(chosen()));
    assert_eq!(desk.create("annotation", &note), Err("0x80040237".to_owned()));
    let kept = desk.retrieve("annotation", chosen(), &[]).expect("the note");
    assert_eq!(kept.child_text("objecttypecode"), "account");
    assert_eq!(kept.required("objectid").expect("of").attribute("name"), Some("Harbour & Sons Shipping"));
}

#[test]
fn values_that_break_a_rule_are_refused_and_change_nothing() {
    let mut desk = Desk::harbour();
    let long = "å".repeat(161);
    let account = seed::account(1).to_string();
    let nobody = chosen().to_string();
    for (property, code) in [
        (("String", "name", long.as_str()), "0x80044331"),
        (("String", "tl_nothing", "x"), "0x80041103"),
        (("Picklist", "industrycode", "99"), "0x80044331"),
        (("CrmNumber", "industrycode", "7"), "0x80040203"),
        (("CrmNumber", "numberofemployees", "many"), "0x80040203"),
        (("CrmDateTime", "createdon", "yesterday"), "0x80040203"),
        (("Lookup:contact", "primarycontactid", nobody.as_str()), "0x80040217"),
        (("Lookup:account", "primarycontactid", account.as_str()), "0x80040203"),
        (("Owner:systemuser", "ownerid", &*seed::user(8).to_string()), "0x80040225"),
    ] {
        let fields = [("Key", "accountid", account.as_str()), ("String", "telephone1", "1"), property];
        assert_eq!(desk.update("account", &fields), Err(code.to_owned()), "{property:?}");
    }
    let same = desk.retrieve("account", seed::account(1), &["telephone1"]).expect("the account");
    assert!(same.child("telephone1").is_none(), "a null is absent");
    assert_eq!(desk.create("new_nothing", &[]), Err("0x80041102".to_owned()));
    assert_eq!(desk.create("tl_siterequest", &[("String", "tl_name", "x")]), Err("0x80044331".to_owned()));
    assert_eq!(desk.update("account", &[("String", "name", "x")]), Err("0x80040203".to_owned()));
}

#[test]
fn a_null_clears_a_value() {
    let mut desk = Desk::harbour();
    let id = seed::account(2);
    let set = |text: &'static str| [("String", "tl_siteurl", text), ("CrmBoolean", "tl_siteenabled", "true")];
    for (text, expected) in [("http://a.example/", Some("http://a.example/")), ("null", None)] {
        let key = id.to_string();
        desk.update("account", &[&[("Key", "accountid", key.as_str())][..], &set(text)[..]].concat()).expect("done");
        let record = desk.state.organisation("harbour").and_then(|org| org.record("account", id)).expect("the account");
        assert_eq!(record.get("tl_siteurl").and_then(Value::as_text), expected);
    }
    let account = desk.retrieve("account", id, &["tl_siteenabled"]).expect("the account");
    assert_eq!(account.child_text("tl_siteenabled"), "1");
    assert_eq!(account.required("tl_siteenabled").expect("flag").attribute("name"), Some("Yes"));
}

#[test]
fn a_typed_and_a_dynamic_answer_say_the_same() {
    let mut desk = Desk::harbour();
    let typed = desk.retrieve("account", seed::account(9), &[]).expect("typed");
    assert_eq!(typed.kind().map(|kind| &*kind.local), Some("account"));
    assert_eq!((typed.child_text("statecode").as_str(), typed.child_text("statuscode").as_str()), ("Inactive", "2"));
    let request = Element::new(ns::WEB_SERVICES, "Request")
        .with_kind(ns::WEB_SERVICES, "RetrieveRequest")
        .with_attribute("ReturnDynamicEntities", "true")
        .with(target("TargetRetrieveDynamic", "account", seed::account(9)))
        .with(super::column_set(ns::WEB_SERVICES, "ColumnSet", &[]));
    let reply = desk.call(Element::new(ns::WEB_SERVICES, "Execute").with(request)).expect("dynamic");
    let entity = reply.child("Response").and_then(|response| response.child((ns::ENTITIES, "BusinessEntity")));
    let properties: Vec<_> = entity.and_then(|e| e.child("Properties")).expect("properties").children().collect();
    let names: Vec<_> = properties.iter().filter_map(|property| property.attribute("Name")).collect();
    assert_eq!(names, typed.children().map(Element::local).collect::<Vec<_>>());
    for (property, typed) in properties.iter().zip(typed.children()) {
        assert_eq!(property.child_text("Value"), typed.text());
    }
}

#[test]
fn typed_records_are_accepted_and_what_is_unknown_in_them_is_skipped() {
    let mut desk = Desk::harbour();
    let entity = Element::new(ns::WEB_SERVICES, "entity")
        .with_kind(ns::WEB_SERVICES, "account")
        .with_value("accountid", seed::account(3))
        .with_value("telephone1", "+81 45 555 0100")
        .with_value("yominame", "みなと");
    desk.call(Element::new(ns::WEB_SERVICES, "Update").with(entity)).expect("an update");
    let account = desk.retrieve("account", seed::account(3), &["telephone1", "name"]).expect("the account");
    assert_eq!(account.child_text("telephone1"), "+81 45 555 0100");
    assert_eq!(account.child_text("name"), "株式会社みなと");
}

#[test]
fn a_deleted_record_is_gone_with_its_notes_and_nobody_refers_to_it() {
    let mut desk = Desk::harbour();
    let account = seed::account(1);
    desk.create("annotation", &[("Lookup:account", "objectid", &account.to_string())]).expect("a note");
    let request = desk.state.press("harbour", r"HARBOUR\anna.berg", account, desk.now).expect("a press");
    desk.delete("account", account).expect("gone");
    assert_eq!(desk.retrieve("account", account, &[]), Err("0x80040217".to_owned()));
    assert_eq!(desk.delete("account", account), Err("0x80040217".to_owned()));
    let harbour = desk.state.organisation("harbour").expect("the organisation");
    assert_eq!(harbour.records("annotation").count(), 0);
    let record = harbour.record("tl_siterequest", request).expect("the request");
    assert!(!record.contains_key("tl_accountid"));
    assert_eq!(record["tl_target"].as_text(), Some(&*format!("account:{account}")));
}

#[test]
fn a_state_is_set_with_its_default_status_or_one_that_belongs_to_it() {
    let mut desk = Desk::harbour();
    let id = seed::account(1);
    let mut set = |state: &str, status: &str| {
        let moniker = Element::new(ns::WEB_SERVICES, "Entity")
            .with(Element::new("http://schemas.microsoft.com/crm/2006/CoreTypes", "Id").with_text(id.to_string()))
            .with(Element::new("http://schemas.microsoft.com/crm/2006/CoreTypes", "Name").with_text("account"));
        let parts = [("State", state), ("Status", status)];
        let parts = parts.map(|(name, text)| Element::new(ns::WEB_SERVICES, name).with_text(text));
        desk.execute("SetStateDynamicEntityRequest", [moniker].into_iter().chain(parts)).map(drop)
    };
    assert_eq!(set("Inactive", "-1"), Ok(()));
    assert_eq!(set("Active", "2"), Err("0x80040233".to_owned()));
    assert_eq!(set("Gone", "-1"), Err("0x80040233".to_owned()));
    let account = desk.retrieve("account", id, &["statecode", "statuscode"]).expect("the account");
    assert_eq!(
        (account.child_text("statecode").as_str(), account.child_text("statuscode").as_str()),
        ("Inactive", "2")
    );
}

#[test]
fn the_messages_create_update_and_delete_do_what_the_operations_do() {
    let mut desk = Desk::harbour();
    let wrapped = |kind: &str, properties: &[(&str, &str, &str)]| {
        let record = dynamic("account", properties);
        let entity = Element::new(ns::WEB_SERVICES, "Entity")
            .with_attribute("Name", "account")
            .with_all(record.children().cloned());
        Element::new(ns::WEB_SERVICES, "Target").with_kind(ns::WEB_SERVICES, kind).with(entity)
    };
    let target_of = wrapped("TargetCreateDynamic", &[("String", "name", "By message")]);
    let made = desk.execute("CreateRequest", [target_of]).expect("made");
    let id: CrmId = made.value("id").expect("an id");
    let key = id.to_string();
    let change = [("Key", "accountid", key.as_str()), ("String", "name", "Changed")];
    desk.execute("UpdateRequest", [wrapped("TargetUpdateDynamic", &change)]).expect("changed");
    assert_eq!(desk.retrieve("account", id, &["name"]).expect("it").child_text("name"), "Changed");
    desk.execute("DeleteRequest", [target("TargetDeleteDynamic", "account", id)]).expect("gone");
    assert_eq!(desk.retrieve("account", id, &["name"]), Err("0x80040217".to_owned()));
}

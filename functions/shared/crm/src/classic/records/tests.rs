use std::collections::BTreeMap;

use domain::RecordKind;
use proptest::prelude::*;

use super::*;

const ID: &str = "6b29fc40-ca47-1067-b31d-00dd010662da";

fn id() -> CrmId {
    ID.parse().unwrap()
}

/// Invented: a request record as CRM answers it.
fn request(target: Option<&str>, account: Option<Reference>, status: Option<i32>) -> DynamicEntity {
    let mut found = DynamicEntity::new("tl_siterequest")
        .with("tl_siterequestid", Value::Key(id()))
        .with("createdon", Value::DateTime("2026-03-01T12:00:00Z".parse().unwrap()))
        .with("createdby", Value::Lookup(Reference::to("systemuser", id())))
        .with("tl_reason", Value::String("because".to_owned()))
        .with("tl_siteurl", Value::String("https://s.example.test/a".to_owned()));
    if let Some(target) = target {
        found = found.with("tl_target", Value::String(target.to_owned()));
    }
    if let Some(account) = account {
        found = found.with("tl_accountid", Value::Lookup(account));
    }
    if let Some(status) = status {
        found = found.with("tl_status", Value::Picklist(status));
    }
    found
}

/// Architecture, rule 2: a record whose two statements disagree is a proof of nothing.
#[test]
fn a_target_is_believed_only_if_text_and_lookup_agree() {
    let target = |text: Option<&str>, account: Option<&str>| {
        let account = account.map(|id| Reference::to("account", id.parse().unwrap()));
        read_request(&request(text, account, Some(1))).unwrap().target
    };
    let stated = format!("account:{ID}");
    let ours = Some(RecordRef { kind: RecordKind::Account, id: id() });
    assert_eq!(target(Some(&stated), Some(ID)), ours);
    let other = "00000000-0000-0000-0000-000000000001";
    assert_eq!(target(Some(&stated), Some(other)), None);
    assert_eq!(target(Some(&stated), None), None);
    assert_eq!(target(None, Some(ID)), None);
    for text in ["", "account", "account:", "account:x", &format!("contact:{ID}"), &format!("account:{ID}:x"), ID] {
        assert_eq!(target(Some(text), Some(ID)), None, "{text:?}");
    }
}

#[test]
fn a_status_is_a_state_and_an_unknown_one_an_error() {
    let state = |status| read_request(&request(None, None, status)).map(|request| request.state);
    assert_eq!(state(None), Ok(RequestState::New));
    assert_eq!(state(Some(1)), Ok(RequestState::New));
    assert_eq!(state(Some(2)), Ok(RequestState::Accepted));
    assert_eq!(state(Some(3)), Ok(RequestState::Ready("https://s.example.test/a".to_owned())));
    assert_eq!(state(Some(4)), Ok(RequestState::Refused("because".to_owned())));
    assert_eq!(state(Some(5)).unwrap_err().to_string(), "tl_status: expected 1 to 4, found \"5\"");
}

/// The port: an answer sets, so a repeat or a later answer leaves nothing of an earlier one.
#[test]
fn an_answer_sets_status_reason_and_address() {
    let refused = answer(id(), &RequestState::Refused("no".to_owned()));
    let values: Vec<&str> = refused.properties.iter().map(|(attribute, _)| attribute.as_str()).collect();
    assert_eq!(values, ["tl_siterequestid", "tl_status", "tl_reason", "tl_siteurl"]);
    assert_eq!((refused.picklist("tl_status"), refused.text("tl_siteurl")), (Ok(Some(4)), Ok("")));
    for state in [
        RequestState::New,
        RequestState::Accepted,
        RequestState::Ready("https://s.example.test/b".to_owned()),
        RequestState::Refused("no".to_owned()),
    ] {
        let stored = answer(id(), &state)
            .with("createdon", Value::DateTime("2026-03-01T12:00:00Z".parse().unwrap()))
            .with("createdby", Value::Lookup(Reference::to("systemuser", id())));
        assert_eq!(read_request(&stored).unwrap().state, state);
    }
}

/// ST-10, ST-12.
#[test]
fn a_site_is_written_as_flag_address_and_list_ids() {
    let lists =
        BTreeMap::from([("Verträge \"A\"".to_owned(), "{1}".to_owned()), ("Tasks".to_owned(), "{2}".to_owned())]);
    let on_record = SiteOnRecord { url: "https://s.example.test/a".to_owned(), lists };
    let written = site(RecordRef { kind: RecordKind::Account, id: id() }, &on_record);
    assert_eq!(written.key("accountid"), Ok(id()));
    assert_eq!(written.boolean("tl_siteenabled"), Ok(Some(true)));
    assert_eq!(written.text("tl_sitelists"), Ok(r#"{"Tasks":"{2}","Verträge \"A\"":"{1}"}"#));
}

#[test]
fn a_text_is_cut_between_characters_as_crm_counts_them() {
    assert_eq!(storable(&"é".repeat(2_001), 2_000), "é".repeat(2_000));
    // Outside of the basic plane a character counts twice.
    assert_eq!(storable(&format!("{}😀", "a".repeat(1_999)), 2_000), "a".repeat(1_999));
    assert_eq!(storable("a\u{0}b\u{b}c\tx\u{ffff}", 10), "a\u{fffd}b\u{fffd}c\tx\u{fffd}");
}

proptest! {
    /// Whatever a reason says, it fits and can be sent.
    #[test]
    fn any_reason_can_be_sent(reason: String) {
        let kept = storable(&reason, 20);
        prop_assert!(kept.encode_utf16().count() <= 20);
        prop_assert!(soap::Element::new("", "a").with_text(kept).to_xml().is_ok());
    }
}

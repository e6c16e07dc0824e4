//! Rows as DynamoDB has them. `template.yaml` says what the table's keys and index are.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{TenantId, Timestamp};

use crate::table::{
    Due, Key,
    raw::{Item, due_shard},
};

pub(super) type Attributes = HashMap<String, AttributeValue>;

/// The keys of a row: `pk` is its partition, `sk` its sort key.
pub(super) fn key_attributes(key: &Key) -> Attributes {
    HashMap::from([("pk".to_owned(), text(key.partition())), ("sk".to_owned(), text(&key.sort))])
}

/// A row: its keys, `version` and `body`; `due_shard` and `due_at` if it waits; `expires_at` if it may vanish.
pub(super) fn attributes(item: Item) -> Attributes {
    let mut attributes = key_attributes(&item.key);
    let mut set = |name: &str, value| attributes.insert(name.to_owned(), value);
    set("version", number(item.version));
    if let Some(at) = item.due_at {
        set("due_shard", number(due_shard(&item.key)));
        set("due_at", text(sortable(at)));
    }
    if let Some(at) = item.expires_at {
        // The store counts whole seconds. Never sooner than asked for.
        set("expires_at", number(at.as_second() + i64::from(at.subsec_nanosecond() > 0)));
    }
    set("body", text(item.body));
    attributes
}

/// The row under `key`. None: these are not the attributes of one.
pub(super) fn item(key: Key, mut attributes: Attributes) -> Option<Item> {
    let due_at = match attributes.get("due_at") {
        Some(at) => Some(at.as_s().ok()?.parse().ok()?),
        None => None,
    };
    let expires_at = match attributes.get("expires_at") {
        Some(at) => Some(Timestamp::from_second(at.as_n().ok()?.parse().ok()?).ok()?),
        None => None,
    };
    let version = attributes.get("version")?.as_n().ok()?.parse().ok()?;
    let AttributeValue::S(body) = attributes.remove("body")? else { return None };
    Some(Item { key, version, body, due_at, expires_at })
}

/// The sort key among a row's attributes.
pub(super) fn sort_key(attributes: &Attributes) -> Option<&String> {
    attributes.get("sk")?.as_s().ok()
}

/// An entry of the index of due rows.
pub(super) fn due(attributes: &Attributes) -> Option<Due> {
    let tenant: TenantId = attributes.get("pk")?.as_s().ok()?.strip_prefix("T#")?.parse().ok()?;
    let due_at = attributes.get("due_at")?.as_s().ok()?.parse().ok()?;
    Some(Due { key: Key::new(&tenant, sort_key(attributes)?), due_at })
}

/// A time as text of one length, so that texts are in the order of their times (from year 0 on).
pub(super) fn sortable(at: Timestamp) -> String {
    format!("{at:.9}")
}

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn number(value: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(sort: &str) -> Key {
        Key::new(&"harbour".parse().expect("a tenant id"), sort)
    }

    // From year 0 to 9999.
    fn times() -> impl Strategy<Value = Timestamp> {
        (-62_167_219_200_i64..253_402_207_200, 0..1_000_000_000_i32)
            .prop_map(|(second, nanosecond)| Timestamp::new(second, nanosecond).expect("within four-digit years"))
    }

    #[test]
    fn a_row_that_waits_has_the_attributes_of_the_index_and_another_has_not() {
        let at: Timestamp = "2026-03-01T00:00:00.5Z".parse().expect("a timestamp");
        let bare = Item { key: key("SITE#1"), version: 7, body: "{}".to_owned(), due_at: None, expires_at: None };
        let mut names: Vec<String> = attributes(bare.clone()).into_keys().collect();
        names.sort();
        assert_eq!(names, ["body", "pk", "sk", "version"]);
        let waiting = attributes(Item { due_at: Some(at), expires_at: Some(at), ..bare });
        assert_eq!(waiting["pk"], text("T#harbour"));
        assert_eq!(waiting["due_at"], text("2026-03-01T00:00:00.500000000Z"));
        assert_eq!(waiting["expires_at"], number(at.as_second() + 1));
        assert_eq!(waiting["version"], number(7));
        assert_eq!(due(&waiting), Some(Due { key: key("SITE#1"), due_at: at }));
    }

    #[test]
    fn what_is_not_a_row_is_none() {
        let good =
            || attributes(Item { key: key("A"), version: 1, body: "1".to_owned(), due_at: None, expires_at: None });
        assert!(item(key("A"), good()).is_some());
        for (name, value) in [
            ("version", AttributeValue::N("1.5".to_owned())),
            ("version", text("1")),
            ("body", number(1)),
            ("due_at", text("soon")),
            ("expires_at", AttributeValue::N("1e40".to_owned())),
        ] {
            let mut attributes = good();
            attributes.insert(name.to_owned(), value);
            assert_eq!(item(key("A"), attributes), None, "{name}");
        }
        for name in ["version", "body"] {
            let mut attributes = good();
            attributes.remove(name);
            assert_eq!(item(key("A"), attributes), None, "without {name}");
        }
        assert_eq!(due(&good()), None);
        let mut foreign = good();
        foreign.insert("due_at".to_owned(), text("2026-03-01T00:00:00.000000000Z"));
        foreign.insert("pk".to_owned(), text("X#harbour"));
        assert_eq!(due(&foreign), None);
    }

    proptest! {
        /// Whatever is stored is read again; an expiry in whole seconds, never sooner.
        #[test]
        fn a_row_survives_its_attributes(
            sort in ".{1,40}", version in 1..u64::MAX, body in ".{0,80}",
            due_at in proptest::option::of(times()), expires_at in proptest::option::of(times()),
        ) {
            let stored = Item { key: key(&sort), version, body, due_at, expires_at };
            let read = item(stored.key.clone(), attributes(stored.clone())).expect("it is a row");
            prop_assert_eq!((&read.key, read.version, &read.body), (&stored.key, stored.version, &stored.body));
            prop_assert_eq!(read.due_at, stored.due_at);
            prop_assert_eq!(read.expires_at.is_some(), stored.expires_at.is_some());
            if let (Some(read), Some(asked)) = (read.expires_at, stored.expires_at) {
                let later = read.duration_since(asked).as_nanos();
                prop_assert!((0..1_000_000_000).contains(&later), "{} ns", later);
            }
        }

        #[test]
        fn sortable_texts_have_one_length_and_the_order_of_their_times(one in times(), other in times()) {
            prop_assert_eq!(sortable(one).len(), 30);
            prop_assert_eq!(sortable(one).cmp(&sortable(other)), one.cmp(&other));
        }
    }
}

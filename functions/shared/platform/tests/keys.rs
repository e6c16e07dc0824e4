//! Promises of keys and rows that every back stores and every log line shows.

use std::sync::Arc;

use platform::{
    Key, NewRow, Platform, Table, TableError, TenantId, Timestamp, VirtualClock, Write,
    memory::Memory,
    table::{MAX_ROW, Row, raw::RawWrite},
};

fn harbour() -> TenantId {
    "harbour".parse().expect("a tenant id")
}

fn ledger() -> Table {
    let Platform { ledger, .. } = Memory::new(Arc::new(VirtualClock::at(Timestamp::UNIX_EPOCH)), 1).platform();
    ledger
}

/// ST-39: who reads the table or a log sees whose row it is. What is stored under this name is stored for ever.
#[test]
fn a_key_begins_with_its_tenant() {
    let key = Key::new(&harbour(), "SITE#account#1");
    assert_eq!(key.partition(), "T#harbour");
    assert_eq!(key.to_string(), "T#harbour SITE#account#1");
}

/// A refusal says which rule was broken.
#[tokio::test]
async fn a_bad_sort_key_is_told_by_its_rule() {
    for (sort, said) in [("", "is not empty"), (&*"x".repeat(1_025), "has at most 1024 bytes")] {
        let key = Key::new(&harbour(), sort);
        for refused in [
            ledger().insert(NewRow::new(key.clone(), "never")).await.err(),
            Write::check(&key, 1).err(),
            Write::delete(&key, 1).err(),
        ] {
            assert!(matches!(refused, Some(TableError::BadKey { rule }) if rule == said), "{refused:?}");
        }
    }
}

/// A row is as large as its keys, its value and what every row costs: the largest is stored, one byte more is not, and
/// the refusal says how large it would have been.
#[tokio::test]
async fn a_row_is_measured_to_the_byte() {
    const BOOKKEEPING: usize = 160;
    let key = Key::new(&harbour(), "NOTE#1");
    // The value is text in quotation marks.
    let most = MAX_ROW - "T#harbour".len() - "NOTE#1".len() - BOOKKEEPING - 2;
    ledger().insert(NewRow::new(key.clone(), &"x".repeat(most))).await.expect("the largest row");
    for (more, refused) in [(1, MAX_ROW + 1), (1_000, MAX_ROW + 1_000)] {
        let outcome = ledger().insert(NewRow::new(key.clone(), &"x".repeat(most + more))).await;
        let told = matches!(&outcome, Err(TableError::TooLarge { key: of, bytes }) if *of == key && *bytes == refused);
        assert!(told, "{outcome:?}");
    }
}

/// A row is written in place of itself only.
#[test]
fn a_row_does_not_replace_another() {
    let (one, other) = (Key::new(&harbour(), "NOTE#1"), Key::new(&harbour(), "NOTE#2"));
    let refused = Write::replace(&one, 1, NewRow::new(other, "text")).err();
    assert!(matches!(refused, Some(TableError::BadKey { .. })), "{refused:?}");
}

/// What a back is asked names the row, the version that must be there, and the one that is there afterwards.
#[test]
fn a_write_names_the_versions_before_and_after() {
    let key = Key::new(&harbour(), "NOTE#1");
    let item = |version| platform::table::raw::Item {
        key: key.clone(),
        version,
        body: String::new(),
        due_at: None,
        expires_at: None,
    };
    for (write, before, after) in [
        (RawWrite::Insert(item(1)), None, 1),
        (RawWrite::Replace(item(8)), Some(7), 8),
        (RawWrite::Delete(key.clone(), 7), Some(7), 7),
        (RawWrite::Check(key.clone(), 7), Some(7), 7),
    ] {
        assert_eq!((write.key(), write.version_before(), write.version_after()), (&key, before, after), "{write:?}");
    }
}

/// When a row is due, and from when on it may vanish, come back with it; a row that says nothing waits for nothing.
#[tokio::test]
async fn times_of_a_row_come_back_with_it() {
    let (ledger, key) = (ledger(), Key::new(&harbour(), "NOTE#1"));
    let at = |second| Timestamp::from_second(second).expect("a timestamp");
    ledger.insert(NewRow::new(key.clone(), "a").due_at(at(60)).expires_at(at(3_600))).await.expect("it is new");
    let row: Row<String> = ledger.get(&key).await.expect("it answers").expect("it is there");
    assert_eq!((row.due_at, row.expires_at), (Some(at(60)), Some(at(3_600))));
    ledger.replace(&key, row.version, NewRow::new(key.clone(), "b").due_at(None)).await.expect("nobody wrote since");
    let row: Row<String> = ledger.get(&key).await.expect("it answers").expect("it is there");
    assert_eq!((row.due_at, row.expires_at, row.version, row.value.as_str()), (None, None, 2, "b"));
}

//! Promises of the table.

use domain::{SignedDuration, TenantId, Timestamp};
use futures_util::future::join_all;

use super::{Note, Subject};
use crate::table::{Key, MAX_ROW, MAX_TRANSACTION, NewRow, Table, TableError, Write};

/// Checks every promise of the table.
pub async fn check(subject: &dyn Subject) {
    a_missing_row_is_none(subject).await;
    inserting_twice_is_a_conflict_and_changes_nothing(subject).await;
    replacing_needs_the_stored_version(subject).await;
    deleting_needs_the_stored_version(subject).await;
    a_transaction_does_all_writes(subject).await;
    a_transaction_with_one_conflict_does_nothing_and_names_it(subject).await;
    a_check_fails_a_transaction_without_writing(subject).await;
    a_transaction_takes_one_hundred_writes_and_no_more(subject).await;
    two_writes_to_one_row_are_refused(subject).await;
    a_row_holds_four_hundred_kilobytes_and_no_more(subject).await;
    a_sort_key_has_1_to_1024_bytes(subject).await;
    a_list_is_complete_sorted_and_exact(subject).await;
    a_list_of_large_rows_is_complete(subject).await;
    the_due_index_is_sparse_and_in_order(subject).await;
    concurrent_increments_are_serialised(subject).await;
    tenants_do_not_meet(subject).await;
}

fn table(subject: &dyn Subject) -> &Table {
    &subject.platform().ledger
}

async fn insert(table: &Table, key: &Key, text: &str) -> Result<u64, TableError> {
    table.insert(NewRow::new(key.clone(), &Note::of(text))).await
}

async fn replace(table: &Table, key: &Key, version: u64, text: &str) -> Result<u64, TableError> {
    table.replace(key, version, NewRow::new(key.clone(), &Note::of(text))).await
}

async fn stored(table: &Table, key: &Key) -> Option<(u64, String)> {
    let row = table.get::<Note>(key).await.expect("a read succeeds");
    row.map(|row| (row.version, row.value.text))
}

fn is_conflict<T>(outcome: &Result<T, TableError>) -> bool {
    matches!(outcome, Err(TableError::Conflict { write: 0, .. }))
}

/// What was never written is not there.
pub async fn a_missing_row_is_none(subject: &dyn Subject) {
    let key = Key::new(&subject.tenant(), "NOTE#1");
    assert_eq!(stored(table(subject), &key).await, None);
}

/// The second insert of a row fails; the first one's value stays.
pub async fn inserting_twice_is_a_conflict_and_changes_nothing(subject: &dyn Subject) {
    let (table, key) = (table(subject), Key::new(&subject.tenant(), "NOTE#1"));
    assert_eq!(insert(table, &key, "first").await.expect("the row is new"), 1);
    assert!(is_conflict(&insert(table, &key, "second").await));
    assert_eq!(stored(table, &key).await, Some((1, "first".to_owned())));
}

/// A row is replaced by whoever names its stored version, and by nobody else.
pub async fn replacing_needs_the_stored_version(subject: &dyn Subject) {
    let (table, key) = (table(subject), Key::new(&subject.tenant(), "NOTE#1"));
    assert!(is_conflict(&replace(table, &key, 1, "of nothing").await), "there is no row yet");
    insert(table, &key, "first").await.expect("the row is new");
    assert_eq!(replace(table, &key, 1, "second").await.expect("the version is right"), 2);
    for stale in [0, 1, 3] {
        assert!(is_conflict(&replace(table, &key, stale, "stale").await), "version {stale}");
    }
    assert_eq!(stored(table, &key).await, Some((2, "second".to_owned())));
}

/// A row is deleted by whoever names its stored version, and by nobody else.
pub async fn deleting_needs_the_stored_version(subject: &dyn Subject) {
    let (table, key) = (table(subject), Key::new(&subject.tenant(), "NOTE#1"));
    insert(table, &key, "first").await.expect("the row is new");
    replace(table, &key, 1, "second").await.expect("the version is right");
    assert!(is_conflict(&table.delete(&key, 1).await));
    assert_eq!(stored(table, &key).await, Some((2, "second".to_owned())));
    table.delete(&key, 2).await.expect("the version is right");
    assert_eq!(stored(table, &key).await, None);
    assert!(is_conflict(&table.delete(&key, 2).await), "there is no row any more");
}

/// Inserts, replacements, deletions and checks go together.
pub async fn a_transaction_does_all_writes(subject: &dyn Subject) {
    let (table, tenant) = (table(subject), subject.tenant());
    let keys = ["A", "B", "C", "D"].map(|sort| Key::new(&tenant, sort));
    for key in &keys[1..] {
        insert(table, key, "before").await.expect("the row is new");
    }
    let note = Note::of("after");
    let writes = [
        Write::insert(NewRow::new(keys[0].clone(), &note)),
        Write::replace(&keys[1], 1, NewRow::new(keys[1].clone(), &note)),
        Write::delete(&keys[2], 1),
        Write::check(&keys[3], 1),
    ];
    let writes = writes.into_iter().collect::<Result<_, _>>().expect("the writes are well formed");
    table.transact(writes).await.expect("every condition holds");
    assert_eq!(stored(table, &keys[0]).await, Some((1, "after".to_owned())));
    assert_eq!(stored(table, &keys[1]).await, Some((2, "after".to_owned())));
    assert_eq!(stored(table, &keys[2]).await, None);
    assert_eq!(stored(table, &keys[3]).await, Some((1, "before".to_owned())));
}

/// A conflict in any write, the last one included, undoes the others and is named by its place.
pub async fn a_transaction_with_one_conflict_does_nothing_and_names_it(subject: &dyn Subject) {
    let (table, tenant) = (table(subject), subject.tenant());
    let note = Note::of("new");
    for place in 0..3 {
        let keys = ["A", "B", "C"].map(|sort| Key::new(&tenant, format!("{place}#{sort}")));
        insert(table, &keys[place], "in the way").await.expect("the row is new");
        let insert = |key: &Key| Write::insert(NewRow::new(key.clone(), &note)).expect("the write is well formed");
        let outcome = table.transact(keys.iter().map(insert).collect()).await;
        let names =
            matches!(&outcome, Err(TableError::Conflict { key, write }) if *write == place && *key == keys[place]);
        assert!(names, "{place}: {outcome:?}");
        for (at, key) in keys.iter().enumerate() {
            let expected = (at == place).then(|| (1, "in the way".to_owned()));
            assert_eq!(stored(table, key).await, expected);
        }
    }
}

/// A check that does not hold fails the others (T4); one that holds changes no version.
pub async fn a_check_fails_a_transaction_without_writing(subject: &dyn Subject) {
    let (table, tenant) = (table(subject), subject.tenant());
    let (guard, target) = (Key::new(&tenant, "GUARD"), Key::new(&tenant, "TARGET"));
    insert(table, &guard, "guard").await.expect("the row is new");
    replace(table, &guard, 1, "guard").await.expect("the version is right");
    let note = Note::of("guarded");
    let write = || Write::insert(NewRow::new(target.clone(), &note)).expect("the write is well formed");
    let check = |version| Write::check(&guard, version).expect("the check is well formed");
    let outcome = table.transact(vec![write(), check(1)]).await;
    assert!(matches!(outcome, Err(TableError::Conflict { write: 1, .. })), "{outcome:?}");
    assert_eq!(stored(table, &target).await, None);
    table.transact(vec![write(), check(2)]).await.expect("the guard has this version");
    assert_eq!(stored(table, &guard).await, Some((2, "guard".to_owned())));
}

/// One hundred go together, one hundred and one are refused, none is nothing.
pub async fn a_transaction_takes_one_hundred_writes_and_no_more(subject: &dyn Subject) {
    let (table, tenant) = (table(subject), subject.tenant());
    let note = Note::of("one of many");
    let write = |at: usize| Write::insert(NewRow::new(Key::new(&tenant, format!("{at:03}")), &note));
    let writes =
        |count: usize| (0..count).map(write).collect::<Result<Vec<_>, _>>().expect("the writes are well formed");
    let outcome = table.transact(writes(MAX_TRANSACTION + 1)).await;
    assert!(matches!(outcome, Err(TableError::TooManyWrites(101))), "{outcome:?}");
    assert_eq!(stored(table, &Key::new(&tenant, "000")).await, None);
    table.transact(writes(MAX_TRANSACTION)).await.expect("one hundred are not too many");
    assert!(stored(table, &Key::new(&tenant, "099")).await.is_some());
    table.transact(Vec::new()).await.expect("nothing is done");
}

/// Which of two writes to one row comes last is not for the table to choose.
pub async fn two_writes_to_one_row_are_refused(subject: &dyn Subject) {
    let (table, key) = (table(subject), Key::new(&subject.tenant(), "NOTE#1"));
    let note = Note::of("either");
    let write = || Write::insert(NewRow::new(key.clone(), &note)).expect("the write is well formed");
    let outcome = table.transact(vec![write(), write()]).await;
    assert!(matches!(outcome, Err(TableError::SameRowTwice(_))), "{outcome:?}");
    assert_eq!(stored(table, &key).await, None);
}

/// A row just under the limit is stored whole, one above it is refused.
pub async fn a_row_holds_four_hundred_kilobytes_and_no_more(subject: &dyn Subject) {
    let (table, tenant) = (table(subject), subject.tenant());
    let (fits, too_large) = (Key::new(&tenant, "FITS"), Key::new(&tenant, "TOO-LARGE"));
    let text = "x".repeat(MAX_ROW - 300);
    insert(table, &fits, &text).await.expect("the row fits");
    assert_eq!(stored(table, &fits).await, Some((1, text)));
    let outcome = insert(table, &too_large, &"x".repeat(MAX_ROW)).await;
    assert!(matches!(outcome, Err(TableError::TooLarge { .. })), "{outcome:?}");
    assert_eq!(stored(table, &too_large).await, None);
}

/// An empty sort key and one of 1,025 bytes are refused, one of 1,024 bytes is not.
pub async fn a_sort_key_has_1_to_1024_bytes(subject: &dyn Subject) {
    let (table, tenant) = (table(subject), subject.tenant());
    for sort in [String::new(), "x".repeat(1025), "ä".repeat(513)] {
        let key = Key::new(&tenant, sort);
        assert!(matches!(insert(table, &key, "never").await, Err(TableError::BadKey { .. })));
        assert!(matches!(table.get::<Note>(&key).await, Err(TableError::BadKey { .. })));
    }
    let longest = Key::new(&tenant, "ä".repeat(512));
    insert(table, &longest, "long").await.expect("the key is not too long");
    assert!(stored(table, &longest).await.is_some());
}

/// All pages together are the rows with the prefix, each once, in the order of their bytes.
pub async fn a_list_is_complete_sorted_and_exact(subject: &dyn Subject) {
    let (table, tenant) = (table(subject), subject.tenant());
    let mut inside: Vec<String> = (0..23).map(|at| format!("SITE#{}", at * 7 % 23)).collect();
    inside.extend(["SITE#", "SITE#ä", "SITE#~", "SITE#A", "SITE#a"].map(str::to_owned));
    for sort in inside.iter().map(String::as_str).chain(["SITE", "SITE$1", "SITES#1", "SITF", "A", "site#1"]) {
        insert(table, &Key::new(&tenant, sort), sort).await.expect("the row is new");
    }
    inside.sort();
    for limit in [1, 2, 7, inside.len(), 1000] {
        assert_eq!(all(table, &tenant, "SITE#", limit).await, inside, "pages of {limit}");
    }
    assert_eq!(all(table, &tenant, "", 5).await.len(), inside.len() + 6);
    assert_eq!(all(table, &tenant, "NONE#", 5).await, Vec::<String>::new());
}

/// A page ends at about 1 MB, whatever its limit; the list goes on.
pub async fn a_list_of_large_rows_is_complete(subject: &dyn Subject) {
    let (table, tenant) = (table(subject), subject.tenant());
    let text = "x".repeat(MAX_ROW - 300);
    for at in 0..5 {
        insert(table, &Key::new(&tenant, format!("LARGE#{at}")), &text).await.expect("the row is new");
    }
    let first = table.list::<Note>(&tenant, "LARGE#", None, 100).await.expect("a read succeeds");
    assert!(first.items.len() < 5 && first.next.is_some(), "{} rows of 400 KB on one page", first.items.len());
    assert_eq!(all(table, &tenant, "LARGE#", 100).await.len(), 5);
}

async fn all(table: &Table, tenant: &TenantId, prefix: &str, limit: usize) -> Vec<String> {
    let (mut sorts, mut after) = (Vec::new(), None);
    loop {
        let page = table.list::<Note>(tenant, prefix, after.as_deref(), limit).await.expect("a read succeeds");
        assert!(page.items.len() <= limit, "a page of {} for a limit of {limit}", page.items.len());
        sorts.extend(page.items.into_iter().map(|row| row.key.sort));
        match page.next {
            Some(next) => after = Some(next),
            None => return sorts,
        }
    }
}

/// Only rows with `due_at` are in the index, under their latest one, oldest first, over all tenants.
pub async fn the_due_index_is_sparse_and_in_order(subject: &dyn Subject) {
    let (table, tenants) = (table(subject), [subject.tenant(), subject.tenant()]);
    let at = |seconds: i64| Timestamp::from_second(seconds).expect("a small number of seconds");
    let note = Note::of("waiting");
    // Of a time that nothing else uses: the index is shared by all tenants.
    for second in 1..=20_i64 {
        let tenant = &tenants[usize::try_from(second % 2).expect("0 or 1")];
        let new = NewRow::new(Key::new(tenant, format!("WAIT#{second}")), &note);
        table.insert(new.due_at(at(second))).await.expect("the row is new");
        let never = Key::new(tenant, format!("DONE#{second}"));
        table.insert(NewRow::new(never, &note)).await.expect("the row is new");
    }
    let key = |second: i64| Key::new(&tenants[usize::try_from(second % 2).expect("0 or 1")], format!("WAIT#{second}"));
    table.replace(&key(3), 1, NewRow::new(key(3), &note)).await.expect("it waits no longer");
    table.replace(&key(4), 1, NewRow::new(key(4), &note).due_at(at(19))).await.expect("it waits for longer");
    table.delete(&key(5), 1).await.expect("it is gone");
    subject.wait(SignedDuration::from_secs(1)).await;
    let due = table.due(at(10), 100).await.expect("a read succeeds");
    let seconds: Vec<i64> = due.iter().map(|due| due.due_at.as_second()).collect();
    assert_eq!(seconds, [1, 2, 6, 7, 8, 9, 10]);
    assert!(due.iter().all(|due| due.key == key(due.due_at.as_second())));
    let oldest = table.due(at(10), 3).await.expect("a read succeeds");
    assert_eq!(oldest, due[..3]);
    assert_eq!(table.due(at(0), 100).await.expect("a read succeeds"), []);
    for tenant in &tenants {
        let rows = table.list::<Note>(tenant, "WAIT#", None, 100).await.expect("a read succeeds");
        for row in rows.items {
            table.delete(&row.key, row.version).await.expect("nobody else writes it");
        }
    }
}

/// Read, add one, write on condition, again on conflict: nothing is lost.
pub async fn concurrent_increments_are_serialised(subject: &dyn Subject) {
    let (table, key) = (table(subject), Key::new(&subject.tenant(), "COUNT"));
    table.insert(NewRow::new(key.clone(), &0_u32)).await.expect("the row is new");
    let worker = || async {
        let mut conflicts = 0;
        for _ in 0..5 {
            loop {
                let row = table.get::<u32>(&key).await.expect("a read succeeds").expect("the row is there");
                let next = row.value + 1;
                match table.replace(&key, row.version, NewRow::new(key.clone(), &next)).await {
                    Ok(_) => break,
                    Err(error) if error.is_conflict() => conflicts += 1,
                    Err(error) => panic!("a write fails: {error}"),
                }
            }
        }
        conflicts
    };
    let conflicts: u32 = join_all((0..8).map(|_| worker())).await.into_iter().sum();
    assert!(conflicts > 0, "nothing was concurrent, so nothing was checked");
    let row = table.get::<u32>(&key).await.expect("a read succeeds").expect("the row is there");
    assert_eq!((row.value, row.version), (40, 41));
}

/// ST-39: equal sort keys of two tenants are two rows, and neither sees the other's.
pub async fn tenants_do_not_meet(subject: &dyn Subject) {
    let (table, one, other) = (table(subject), subject.tenant(), subject.tenant());
    insert(table, &Key::new(&one, "NOTE#1"), "one").await.expect("the row is new");
    assert_eq!(stored(table, &Key::new(&other, "NOTE#1")).await, None);
    assert_eq!(all(table, &other, "", 10).await, Vec::<String>::new());
    insert(table, &Key::new(&other, "NOTE#1"), "other").await.expect("the row is new");
    assert_eq!(stored(table, &Key::new(&one, "NOTE#1")).await, Some((1, "one".to_owned())));
}

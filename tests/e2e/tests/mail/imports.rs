//! Files become rows (EX-07; contract §6, File import).

use exacttarget::{
    ExactTarget, Filter,
    objects::{DataExtensionRow, Object, UpdateKind},
    operations::{Create, Retrieve, Start, Update},
};
use soap::Element;

use crate::world::{World, import, table, texts};

async fn prepared(world: &World, key: &str, file: &str) -> ExactTarget {
    let platform = world.harbour();
    let objects = vec![Object::from(&table(key)), Object::from(&import(key))];
    let made = platform.send(&Create { objects, upsert: false }).await.unwrap().0;
    assert!(made.iter().all(|outcome| outcome.is_ok), "{made:?}");
    world.account(|account| account.folder.put(&format!("{key}.csv"), file.to_owned())).unwrap();
    platform
}

async fn start(platform: &ExactTarget, key: &str) -> u64 {
    platform.send(&Start(Object::by_key("ImportDefinition", key))).await.unwrap().task.expect("a task")
}

async fn summary(platform: &ExactTarget, task: u64) -> Vec<Element> {
    let wanted = ["ImportStatus", "TotalRows", "NumberSuccessful", "NumberDuplicated", "NumberErrors"];
    let ask = Retrieve::of("ImportResultsSummary", wanted).only(Filter::equals("TaskResultID", task));
    platform.send(&ask).await.unwrap().results
}

fn counts(summary: &Element) -> [String; 5] {
    ["ImportStatus", "TotalRows", "NumberSuccessful", "NumberDuplicated", "NumberErrors"]
        .map(|it| summary.child_text(it))
}

/// Right after the start there is no result; then there is one that says so; the rows are in at the end, those that are
/// refused with a reason, and the file is gone.
#[tokio::test]
async fn an_import_has_no_result_at_first_and_tells_every_row_at_the_end() {
    let world = World::new();
    let file = "SubscriberKey,Email,First Name\r\n\
                a,a@example.com,\"Ann, the first\"\r\nb,no address,Bo\r\n,c@example.com,Cy\r\na,a2@example.com,Ann\r\n\
                d,d@example.com,\"Dé \"\"D\"\" 花\"\r\ne,e@example.com\r\n";
    let platform = prepared(&world, "people", file).await;
    let task = start(&platform, "people").await;
    assert!(summary(&platform, task).await.is_empty());
    world.pass(1);
    assert_eq!(summary(&platform, task).await[0].child_text("ImportStatus"), "New");
    world.pass(2);
    assert_eq!(summary(&platform, task).await[0].child_text("ImportStatus"), "Processing");
    world.pass(10);
    let found = summary(&platform, task).await;
    assert_eq!(counts(&found[0]), ["Completed", "6", "2", "1", "3"]);
    let ask = Retrieve::of("DataExtensionObject[people]", ["SubscriberKey", "First Name"]);
    let rows = platform.send(&ask).await.unwrap().results;
    let row =
        |row: &Element| texts(&row.child("Properties").unwrap().all("Property").cloned().collect::<Vec<_>>(), "Value");
    let rows: Vec<_> = rows.iter().map(row).collect();
    assert_eq!(rows, [["a", "Ann"], ["d", "Dé \"D\" 花"]]);
    world.account(|account| {
        let lines: Vec<_> = account.imports[0].refused.iter().map(|(line, _)| *line).collect();
        assert_eq!((lines, account.folder.names().count()), (vec![3, 4, 7], 0));
    });
}

/// EX-07: of a send in batches each file is imported behind the other, because they go to the same table.
#[tokio::test]
async fn imports_to_one_table_run_one_after_another() {
    let world = World::new();
    let platform = prepared(&world, "people", "SubscriberKey,Email,First Name\r\na,a@example.com,A\r\n").await;
    let (first, second) = (start(&platform, "people").await, start(&platform, "people").await);
    world.pass(6);
    let status = |rows: Vec<Element>| rows[0].child_text("ImportStatus");
    assert_eq!(status(summary(&platform, first).await), "IOWork");
    assert_eq!(status(summary(&platform, second).await), "New");
    world.pass(60);
    assert_eq!(status(summary(&platform, first).await), "Completed");
    // Its file went away with the first one.
    assert_eq!(status(summary(&platform, second).await), "Error");
}

/// An import that takes ten rows fewer says so in its counts, and nowhere else: the counts have to be compared.
#[tokio::test]
async fn an_import_that_loses_rows_is_seen_by_its_counts_alone() {
    let world = World::new();
    let rows = (0..50).map(|n| format!("k{n},k{n}@example.com,N\r\n"));
    let file = rows.fold("SubscriberKey,Email,First Name\r\n".to_owned(), |file, row| file + &row);
    let platform = prepared(&world, "people", &file).await;
    world.account(|account| account.quirks.lost_rows = 10);
    let task = start(&platform, "people").await;
    world.pass(60);
    let found = summary(&platform, task).await;
    assert_eq!(counts(&found[0]), ["Completed", "50", "40", "0", "0"]);
}

/// Without `AllowErrors` one row that is refused refuses them all. `Overwrite` is for tables without a key.
#[tokio::test]
async fn an_import_may_be_all_or_nothing() {
    let world = World::new();
    let platform =
        prepared(&world, "people", "SubscriberKey,Email,First Name\r\na,a@example.com,A\r\nb,bad,B\r\n").await;
    let strict = exacttarget::objects::ImportDefinition { allows_errors: false, ..import("people") };
    assert!(platform.send(&Update { objects: vec![Object::from(&strict)], upsert: false }).await.unwrap().0[0].is_ok);
    let task = start(&platform, "people").await;
    world.pass(60);
    assert_eq!(counts(&summary(&platform, task).await[0])[..2], ["Error".to_owned(), String::new()]);
    world.account(|account| assert!(account.tables["people"].rows.is_empty()));
    let over = exacttarget::objects::ImportDefinition { update: UpdateKind::Overwrite, ..import("people") };
    platform.send(&Update { objects: vec![Object::from(&over)], upsert: false }).await.unwrap();
    world.account(|account| account.folder.put("people.csv", "SubscriberKey\r\na\r\n")).unwrap();
    let task = start(&platform, "people").await;
    world.pass(60);
    assert_eq!(counts(&summary(&platform, task).await[0])[0], "Error");
}

/// A row by itself: made or changed by its key.
#[tokio::test]
async fn a_row_is_made_or_changed_by_its_key() {
    let world = World::new();
    let platform = prepared(&world, "people", "").await;
    let row = |name: &str| DataExtensionRow {
        table: "people".to_owned(),
        keys: vec![("SubscriberKey".to_owned(), "a".to_owned())],
        values: vec![("First Name".to_owned(), name.to_owned())],
    };
    let save = |name: &str, upsert| Update { objects: vec![Object::from(&row(name))], upsert };
    assert!(!platform.send(&save("Ann", false)).await.unwrap().0[0].is_ok);
    assert!(platform.send(&save("Ann", true)).await.unwrap().0[0].is_ok);
    assert!(platform.send(&save("Anna", true)).await.unwrap().0[0].is_ok);
    let names: Vec<_> =
        world.account(|account| account.tables["people"].rows.iter().map(|row| row["First Name"].clone()).collect());
    assert_eq!(names, ["Anna"]);
    let long = "x".repeat(41);
    assert_eq!(platform.send(&save(&long, true)).await.unwrap().0[0].code, Some(70_000));
}

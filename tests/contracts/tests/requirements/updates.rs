//! `Lists.UpdateListItems`.

use contracts::Site;
use sandbox::sharepoint::braced;
use soap::Element;

use crate::{attribute, found, holding, on, with_lists};

/// Three tasks.
fn site() -> Site {
    let mut site = with_lists();
    let new =
        |number: u32| format!(r#"<Method ID="{number}" Cmd="New"><Field Name="Title">Row {number}</Field></Method>"#);
    site.batch("Tasks", &format!("<Batch>{}</Batch>", (1..=3).map(new).collect::<String>()));
    site
}

fn method(id: &str, command: &str, fields: &[(&str, &str)]) -> String {
    let fields: Vec<_> =
        fields.iter().map(|(name, value)| format!(r#"<Field Name="{name}">{value}</Field>"#)).collect();
    format!(r#"<Method ID="{id}" Cmd="{command}">{}</Method>"#, fields.concat())
}

/// The results of a batch as id and code.
fn codes(results: &[Element]) -> Vec<String> {
    results.iter().map(|result| format!("{} {}", attribute(result, "ID"), result.child_text("ErrorCode"))).collect()
}

fn one(site: &mut Site, method: &str) -> Element {
    site.batch("Tasks", &format!("<Batch>{method}</Batch>")).remove(0)
}

fn title(site: &Site, id: u32) -> Option<&str> {
    site.list("Tasks").items.get(&id).and_then(|item| item.value("Title"))
}

const DONE: &str = "0x00000000";

/// Three methods, of which the second must fail.
const SECOND_FAILS: [(&str, u32); 3] = [("a", 1), ("b", 99), ("c", 2)];

fn deletes() -> String {
    SECOND_FAILS.iter().map(|(id, item)| method(id, "Delete", &[("ID", &item.to_string())])).collect()
}

/// MS-LISTSWS R960, R961, R962, R923, R1506, R2078, R4007
#[test]
fn a_batch_that_returns_cancels_what_comes_after_an_error() {
    let mut site = site();
    let results = site.batch("Tasks", &format!(r#"<Batch OnError="Return">{}</Batch>"#, deletes()));
    assert_eq!(codes(&results), ["a,Delete 0x00000000", "b,Delete 0x81020016", "c,Delete 0x800704c7"]);
    assert_eq!(site.list("Tasks").items.len(), 2);
}

/// MS-LISTSWS R2112, R2113, R2079, R2361, R1507, R4009, R910, R975
#[test]
fn a_batch_goes_on_after_an_error_unless_told_otherwise() {
    for attribute in ["", r#" OnError="Continue""#] {
        let mut site = site();
        let results = site.batch("Tasks", &format!("<Batch{attribute}>{}</Batch>", deletes()));
        assert_eq!(codes(&results), ["a,Delete 0x00000000", "b,Delete 0x81020016", "c,Delete 0x00000000"]);
        assert_eq!(site.list("Tasks").items.len(), 1);
    }
}

/// MS-LISTSWS R916, R2340, R919, R2294
#[test]
fn version_and_precalc_mean_nothing() {
    let answers = ["", r#" Version="1.0.0.0001""#, r#" Version="2.0.0.0002""#, r#" PreCalc="TRUE""#, r#" PreCalc="x""#];
    let answers = answers.map(|attribute| site().batch("Tasks", &format!("<Batch{attribute}>{}</Batch>", deletes())));
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
}

/// MS-LISTSWS R920, R2085
#[test]
fn a_locked_schema_must_be_the_one_that_is_there() {
    let mut site = site();
    let batch = |attributes: &str| {
        let methods = method("1", "Update", &[("ID", "1"), ("Title", "x")]);
        on("UpdateListItems", "Tasks").with(holding("updates", &format!("<Batch{attributes}>{methods}</Batch>")))
    };
    assert_eq!(site.refused("Lists", &batch(r#" LockSchema="TRUE" ListVersion="9""#)), "0x80070666");
    assert_eq!(title(&site, 1), Some("Row 1"));
    for attributes in [r#" LockSchema="TRUE" ListVersion="0""#, r#" LockSchema="TRUE""#, r#" ListVersion="9""#] {
        site.ask("Lists", &batch(attributes));
    }
}

/// MS-LISTSWS R30231
#[test]
fn an_update_of_no_list_is_a_fault_of_its_own() {
    let fault =
        site().call("Lists", &on("UpdateListItems", "").with(holding("updates", "<Batch/>"))).expect_err("a fault");
    assert_eq!(
        fault.detail_text("errorstring").as_deref(),
        Some("Object reference not set to an instance of an object.")
    );
}

/// MS-LISTSWS R2092, R925, R2289, R941, R967, R2323001, R968, R2115
#[test]
fn a_new_row_gets_its_id_from_the_server() {
    let mut rows = Vec::new();
    for given in [None, Some("New"), Some("77")] {
        let mut site = site();
        let fields: Vec<_> = given.map(|id| ("ID", id)).into_iter().chain([("Title", "Fresh")]).collect();
        let result = one(&mut site, &method("1", "New", &fields));
        let names: Vec<_> = result.children().map(Element::local).collect();
        assert_eq!(names, ["ErrorCode", "ID", "row"]);
        assert_eq!((result.child_text("ErrorCode"), result.child_text("ID")), (DONE.to_owned(), String::new()));
        let row = found(&result, "row").clone();
        assert_eq!((attribute(&row, "ows_ID"), attribute(&row, "ows_Title")), ("4", "Fresh"));
        assert_eq!(title(&site, 4), Some("Fresh"));
        rows.push(attribute(&row, "ows_ID").to_owned());
    }
    assert_eq!(rows, ["4", "4", "4"]);
}

/// MS-LISTSWS R2093, R2094, R945, R949
#[test]
fn a_row_is_changed_and_deleted_by_its_id() {
    let mut site = site();
    let changed = one(&mut site, &method("1", "Update", &[("ID", "2"), ("Title", "Other")]));
    assert_eq!(attribute(found(&changed, "row"), "ows_Title"), "Other");
    assert_eq!([title(&site, 1), title(&site, 2)], [Some("Row 1"), Some("Other")]);
    // With the version that is there, it is as good as without.
    let version = site.list("Tasks").items[&2].version.to_string();
    let fields = [("ID", "2"), ("owshiddenversion", version.as_str()), ("Title", "Third")];
    assert_eq!(one(&mut site, &method("1", "Update", &fields)).child_text("ErrorCode"), DONE);
    assert_eq!(title(&site, 2), Some("Third"));
    one(&mut site, &method("1", "Delete", &[("ID", "2")]));
    assert_eq!((title(&site, 2), site.list("Tasks").items.len()), (None, 2));
}

/// MS-LISTSWS R953, R973, R2114, R963, R964, R972, R2117, R2366
#[test]
fn a_row_that_changed_meanwhile_is_a_conflict_and_comes_back_as_it_is() {
    let mut site = site();
    one(&mut site, &method("1", "Update", &[("ID", "2"), ("Title", "Theirs")]));
    let fields = [("ID", "2"), ("owshiddenversion", "1"), ("Title", "Mine")];
    let result = one(&mut site, &method("1", "Update", &fields));
    assert_eq!(result.child_text("ErrorCode"), "0x81020015");
    assert!(!result.child_text("ErrorText").is_empty());
    assert_eq!(attribute(&result, "List"), braced(site.list("Tasks").id));
    assert_eq!(attribute(&result, "Version"), "2");
    assert_eq!(attribute(found(&result, "row"), "ows_Title"), "Theirs");
    assert_eq!(title(&site, 2), Some("Theirs"));
}

/// MS-LISTSWS R2290, R932, R942, R943
#[test]
fn what_cannot_be_written_fails_the_method_and_writes_nothing() {
    let mut site = site();
    for command in ["New", "Update"] {
        // An unknown column, one that the server writes itself, a value of another type.
        for (name, value) in [("Nope", "x"), ("Created", "2009-01-01T00:00:00Z"), ("PercentComplete", "much")] {
            let fields = [("ID", "1"), ("Title", "x"), (name, value)];
            let result = one(&mut site, &method("1", command, &fields));
            assert_ne!(result.child_text("ErrorCode"), DONE, "{command} {name}");
            assert!(!result.child_text("ErrorText").is_empty());
        }
    }
    assert_eq!((title(&site, 1), site.list("Tasks").items.len()), (Some("Row 1"), 3));
}

/// MS-LISTSWS R2095
#[test]
fn a_row_is_approved_by_moderating_it() {
    let mut site = site();
    let result = one(&mut site, &method("1", "Moderate", &[("ID", "1"), ("_ModerationStatus", "1")]));
    assert_eq!(result.child_text("ErrorCode"), DONE);
    assert_eq!(site.list("Tasks").items[&1].moderation, 1);
}

/// MS-LISTSWS R2513
#[test]
fn nothing_is_moved_in_2007() {
    let mut site = site();
    let result = one(&mut site, &method("1", "Move", &[("ID", "1"), ("MoveNewUrl", "x")]));
    assert_ne!(result.child_text("ErrorCode"), DONE);
}

/// MS-LISTSWS R2083, R2363, R2364, R2307
#[test]
fn dates_are_the_webs_own_unless_the_batch_says_utc() {
    for (flag, stored, shown) in [
        (r#" DateInUtc="TRUE""#, "2010-07-01T12:00:00Z", "2010-07-01T12:00:00Z"),
        (r#" DateInUtc="FALSE""#, "2010-07-01T17:00:00Z", "2010-07-01 12:00:00"),
        ("", "2010-07-01T17:00:00Z", "2010-07-01 12:00:00"),
    ] {
        let mut site = site();
        let update = method("1", "Update", &[("ID", "1"), ("DueDate", "2010-07-01T12:00:00Z")]);
        let result = site.batch("Tasks", &format!("<Batch{flag}>{update}</Batch>")).remove(0);
        assert_eq!(attribute(found(&result, "row"), "ows_DueDate"), shown, "{flag}");
        assert_eq!(site.list("Tasks").items[&1].value("DueDate"), Some(stored), "{flag}");
    }
}

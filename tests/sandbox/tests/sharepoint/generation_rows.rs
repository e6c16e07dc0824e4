//! What 2010 does with rows, files and the list of people, and 2007 does not (requirements/product-behavior.tsv).

use http::StatusCode;
use soap::{Element, Fault};

use crate::host::{As, BASE, HARBOUR, Host, SOAP, code, operation, xml};

fn with_rows(host: &mut Host, titles: &[&str]) {
    host.add_list(HARBOUR, "Contracts", 100).expect("a list");
    let methods = titles.iter().map(|title| {
        let field = Element::new("", "Field").with_attribute("Name", "Title").with_text(*title);
        Element::new("", "Method").with_attribute("ID", "1").with_attribute("Cmd", "New").with(field)
    });
    let updates = Element::new(SOAP, "updates").with(Element::new("", "Batch").with_all(methods));
    let ask = operation(SOAP, "UpdateListItems", &[("listName", "Contracts")]).with(updates);
    host.call(HARBOUR, "Lists", &ask).expect("rows");
}

fn rows(host: &mut Host, list: &str, query: &str, limit: &str) -> Result<Vec<Element>, Fault> {
    let ask = operation(SOAP, "GetListItems", &[("listName", list)]);
    let ask = if query.is_empty() { ask } else { ask.with(Element::new(SOAP, "query").with(xml(query))) };
    let answer = host.call(HARBOUR, "Lists", &ask.with_value("rowLimit", limit))?;
    let result = answer.child("GetListItemsResult").and_then(|result| result.child("listitems"));
    let data = result.and_then(|items| items.child("data")).expect("rows");
    Ok(data.children().cloned().collect())
}

/// Contract §3: `In` and its like came with 2010.
#[test]
fn a_query_of_2010_may_ask_for_any_of_several_values() {
    let query = "<Query><Where><In><FieldRef Name='Title'/><Values><Value Type='Text'>a</Value>\
                 <Value Type='Text'>c</Value></Values></In></Where></Query>";
    let [mut old, mut new] = Host::both();
    for host in [&mut old, &mut new] {
        with_rows(host, &["a", "b", "c"]);
    }
    assert_eq!(code(&rows(&mut old, "Contracts", query, "0").expect_err("a fault")), "0x82000005");
    let found = rows(&mut new, "Contracts", query, "0").expect("rows");
    let titles: Vec<_> = found.iter().filter_map(|row| row.attribute("ows_LinkTitle")).collect();
    assert_eq!(titles, ["a", "c"]);
    let none = "<Query><Where><In><FieldRef Name='Title'/><Values/></In></Where></Query>";
    assert_eq!(code(&rows(&mut new, "Contracts", none, "0").expect_err("a fault")), "0x82000005");
}

/// Contract §2, §5: 2010 does not look through more than 5,000 rows; 2007 does.
#[test]
fn a_large_list_of_2010_is_read_by_an_index_or_in_pages() {
    let by_title = "<Query><Where><Eq><FieldRef Name='Title'/><Value Type='Text'>a</Value></Eq></Where></Query>";
    let by_id = "<Query><Where><And><Gt><FieldRef Name='ID'/><Value Type='Counter'>4990</Value></Gt>\
                 <Eq><FieldRef Name='Title'/><Value Type='Text'>a</Value></Eq></And></Where></Query>";
    let either = "<Query><Where><Or><Gt><FieldRef Name='ID'/><Value Type='Counter'>4990</Value></Gt>\
                  <Eq><FieldRef Name='Title'/><Value Type='Text'>a</Value></Eq></Or></Where></Query>";
    let in_order = "<Query><OrderBy><FieldRef Name='Title'/></OrderBy></Query>";
    for (mut host, is_new) in Host::both().into_iter().zip([false, true]) {
        with_rows(&mut host, &["a"]);
        fill(&mut host, 5_000);
        assert_eq!(rows(&mut host, "Contracts", by_title, "10").expect("at the threshold").len(), 10);
        fill(&mut host, 5_001);
        for (query, limit, is_refused) in [
            (by_title, "10", is_new),
            (by_id, "10", false),
            (either, "10", is_new),
            (in_order, "10", is_new),
            ("", "10", false),
            ("", "0", is_new),
            ("", "5001", is_new),
        ] {
            let refusal = rows(&mut host, "Contracts", query, limit).err().map(|fault| code(&fault));
            assert_eq!(refusal, is_refused.then(|| "0x80070024".to_owned()), "{query} {limit}");
        }
    }
}

/// Rows behind the service's back.
fn fill(host: &mut Host, count: u32) {
    let web = host.state.web_mut(HARBOUR).expect("the web");
    let list = web.lists.values_mut().find(|list| list.title == "Contracts").expect("the list");
    let first = list.items[&1].clone();
    list.items.extend((2..=count).map(|id| (id, sandbox::sharepoint::Item { id, ..first.clone() })));
}

/// The hidden list of people is asked for like any list, which other people's clients do.
#[test]
fn the_people_of_2010_are_a_list() {
    let mut host = Host::of_2010();
    let schema = host.call(HARBOUR, "Lists", &operation(SOAP, "GetList", &[("listName", "UserInfo")])).expect("a list");
    let list = schema.child("GetListResult").and_then(|result| result.child("List")).expect("a list");
    let id = list.attribute("ID").expect("an id").to_owned();
    assert_eq!((list.attribute("ServerTemplate"), list.attribute("Hidden")), (Some("112"), Some("True")));
    for name in ["UserInfo", "User Information List", &id] {
        let people = rows(&mut host, name, "", "0").expect("people");
        let anna = people.iter().find(|row| row.attribute("ows_Name") == Some("HARBOUR\\anna.berg")).expect("Anna");
        assert_eq!(anna.attribute("ows_ImnName"), Some("Anna Berg"));
        assert_eq!(anna.attribute("ows_EMail"), Some("anna.berg@harbour.example"));
    }
    let only = "<Query><Where><Eq><FieldRef Name='Title'/><Value Type='Text'>Anna Berg</Value></Eq></Where></Query>";
    assert_eq!(rows(&mut host, "UserInfo", only, "0").expect("people").len(), 1);
    let update = operation(SOAP, "DeleteList", &[("listName", "UserInfo")]);
    assert!(host.call(HARBOUR, "Lists", &update).is_err(), "nobody deletes it");
    let listed = host.call(HARBOUR, "Lists", &operation(SOAP, "GetListCollection", &[])).expect("lists");
    assert!(!format!("{listed:?}").contains("User Information List"), "it is hidden");
}

/// MS-LISTSWS R20961, R2513: a file is moved within its library; 2007 does not know the command.
#[test]
fn a_file_is_moved_since_2010() {
    for (mut host, is_new) in Host::both().into_iter().zip([false, true]) {
        host.add_list(HARBOUR, "Contracts", 101).expect("a library");
        let to = format!("{BASE}/sites/harbour/Contracts/a.txt");
        let copy = operation(SOAP, "CopyIntoItems", &[("SourceUrl", "http://null"), ("Stream", "aGVsbG8=")]);
        let copy = copy.with(Element::new(SOAP, "DestinationUrls").with_value("string", &to));
        host.call(HARBOUR, "Copy", &copy).expect("a file");
        let folder = "<Field Name='ID'>New</Field><Field Name='FSObjType'>1</Field><Field Name='BaseName'>Old</Field>";
        batch(&mut host, &format!("<Method ID='1' Cmd='New'>{folder}</Method>"));
        let moved = |id: u32, to: &str| {
            format!(
                "<Method ID='1' Cmd='Move'><Field Name='ID'>{id}</Field><Field Name='MoveNewUrl'>{BASE}/sites/harbour/{to}\
                 </Field></Method>"
            )
        };
        let first = batch(&mut host, &moved(1, "Contracts/Old/b.txt"));
        if !is_new {
            assert_eq!(first, ["0x80070057"]);
            continue;
        }
        assert_eq!(first, ["0x00000000"]);
        let at = |host: &mut Host, path: &str| host.get(&format!("{HARBOUR}/{path}"), &As::Service("harbour")).status();
        assert_eq!(at(&mut host, "Contracts/Old/b.txt"), StatusCode::OK);
        assert_eq!(at(&mut host, "Contracts/a.txt"), StatusCode::NOT_FOUND);
        for (id, to, wanted) in [
            (1, "Contracts/None/b.txt", "0x80070003"),
            (1, "Elsewhere/b.txt", "0x80070003"),
            (1, "Contracts/Old/b*.txt", "0x81020073"),
            (2, "Contracts/Old/Older", "0x80070003"),
            (1, "Contracts/Old", "0x8107090d"),
            (9, "Contracts/c.txt", "0x81020016"),
        ] {
            assert_eq!(batch(&mut host, &moved(id, to)), [wanted], "{id} {to}");
        }
        assert_eq!(batch(&mut host, &moved(2, "Contracts/New")), ["0x00000000"]);
        assert_eq!(at(&mut host, "Contracts/New/b.txt"), StatusCode::OK, "a folder takes with it what it holds");
    }
}

/// The codes of a batch of one method on the list `Contracts`.
fn batch(host: &mut Host, method: &str) -> Vec<String> {
    let updates = Element::new(SOAP, "updates").with(xml(&format!("<Batch>{method}</Batch>")));
    let ask = operation(SOAP, "UpdateListItems", &[("listName", "Contracts")]).with(updates);
    let answer = host.call(HARBOUR, "Lists", &ask).expect("results");
    let results = answer.child("UpdateListItemsResult").and_then(|result| result.child("Results"));
    results.expect("results").all("Result").map(|result| result.child_text("ErrorCode")).collect()
}

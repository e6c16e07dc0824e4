//! `Lists.GetListItems`.

use contracts::{Site, operation, text};
use sandbox::sharepoint::braced;
use soap::Element;

use crate::{attribute, found, holding, on, with_lists};

/// Four tasks, the second without a due date, the third in another state.
fn site() -> Site {
    let mut site = with_lists();
    let row = |number: u32, more: &str| {
        format!(r#"<Method ID="{number}" Cmd="New"><Field Name="Title">Row {number}</Field>{more}</Method>"#)
    };
    let due = r#"<Field Name="DueDate">2010-07-01T00:00:00Z</Field>"#;
    let other = r#"<Field Name="Status">Completed</Field>"#;
    let rows = [row(1, due), row(2, ""), row(3, &format!("{due}{other}")), row(4, due)].concat();
    site.batch("Tasks", &format!("<Batch>{rows}</Batch>"));
    site
}

fn data(site: &mut Site, body: &Element) -> Element {
    found(&site.ask("Lists", body), "data").clone()
}

fn titles(data: &Element) -> Vec<&str> {
    data.all("row").map(|row| attribute(row, "ows_Title")).collect()
}

/// The columns that a row has.
fn columns(data: &Element) -> Vec<String> {
    let row = data.all("row").next().expect("a row");
    let mut names: Vec<_> =
        row.attributes().map(|(name, _)| name.local.trim_start_matches("ows_").to_owned()).collect();
    names.sort();
    names
}

fn only(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!(r#"<FieldRef Name="{name}"/>"#)).collect();
    format!("<ViewFields>{}</ViewFields>", names.concat())
}

/// MS-LISTSWS R1202, R1296, R1298, R1299, R1301, R1302, R2392, R2255, R2256, R1936, R1937, R2369, R2331, R1941
#[test]
fn rows_are_counted_and_carry_the_names_of_the_lists_columns() {
    let mut site = site();
    let reply = site.ask("Lists", &on("GetListItems", "Tasks").with(holding("viewFields", "<ViewFields/>")));
    let items = found(&reply, "listitems");
    assert_eq!(items.children().map(Element::local).collect::<Vec<_>>(), ["data"], "no schema inside");
    let data = found(items, "data");
    assert_eq!((&*data.name().ns, attribute(data, "ItemCount")), ("urn:schemas-microsoft-com:rowset", "4"));
    assert_eq!(data.attribute("ListItemCollectionPositionNext"), None);
    let rows: Vec<_> = data.children().collect();
    assert!(rows.len() == 4 && rows.iter().all(|row| row.is(("#RowsetSchema", "row"))));
    let described = site.ask("Lists", &on("GetList", "Tasks"));
    let known: Vec<_> = found(&described, "Fields").all("Field").map(|field| attribute(field, "Name")).collect();
    for (name, _) in rows[0].attributes() {
        let column = name.local.strip_prefix("ows_").expect("every column is prefixed");
        assert!(known.contains(&column), "{column}");
    }
}

/// MS-LISTSWS R1929, R746, R744, R2368, R1251, R1252, R1300
#[test]
fn a_page_has_no_more_rows_than_asked_for_and_leads_to_the_next() {
    let mut site = site();
    let mut read = Vec::new();
    let mut options = "<QueryOptions><Paging/></QueryOptions>".to_owned();
    loop {
        let body = on("GetListItems", "Tasks").with_value("rowLimit", 3).with(holding("queryOptions", &options));
        let page = data(&mut site, &body);
        assert!(page.all("row").count() <= 3);
        read.extend(titles(&page).into_iter().map(ToOwned::to_owned));
        let Some(next) = page.attribute("ListItemCollectionPositionNext") else { break };
        let paging = Element::new("", "Paging").with_attribute("ListItemCollectionPositionNext", next);
        options = Element::new("", "QueryOptions").with(paging).to_xml().expect("XML");
    }
    assert_eq!(read, ["Row 1", "Row 2", "Row 3", "Row 4"]);
    // Without a limit, or with an empty one, the view's own holds.
    let view = on("AddView", "Tasks")
        .with_value("viewName", "Two")
        .with(holding("viewFields", &only(&["Title"])))
        .with(holding("query", "<Query/>"))
        .with(holding("rowLimit", "<RowLimit Paged=\"TRUE\">2</RowLimit>"));
    let id = attribute(found(&site.ask("Views", &view), "View"), "Name").to_owned();
    let named = on("GetListItems", "Tasks").with_value("viewName", &id);
    for body in [named.clone(), named.with_value("rowLimit", "")] {
        assert_eq!(titles(&data(&mut site, &body)), ["Row 1", "Row 2"]);
    }
}

/// MS-LISTSWS R729, R1912, R730, R731, R733, R2272, R1913, R5894
#[test]
fn a_view_that_is_named_must_be_one() {
    let mut site = site();
    let unknown = "{11111111-2222-3333-4444-555555555555}";
    let named = |name: &str| on("GetListItems", "Tasks").with_value("viewName", name);
    assert_eq!(site.refused("Lists", &named("All Tasks")), "0x82000001");
    assert_eq!(site.refused("Lists", &named(unknown)), "0x82000005");
    // Whoever says everything else needs no view, and gets the same whichever is named.
    let known = braced(site.list("Tasks").default_view().expect("a view").id);
    let pages = [unknown, known.as_str(), ""].map(|name| {
        let all = named(name)
            .with(holding("query", "<Query/>"))
            .with(holding("viewFields", &only(&["Title"])))
            .with_value("rowLimit", 9)
            .with(holding("queryOptions", "<QueryOptions/>"));
        data(&mut site, &all)
    });
    assert_eq!(titles(&pages[0]), ["Row 1", "Row 2", "Row 3", "Row 4"]);
    assert!(pages.windows(2).all(|pair| pair[0] == pair[1]));
    let nothing = operation(contracts::SOAP, "GetListItems", &[("listName", ""), ("viewName", "")]);
    assert_eq!(site.refused("Lists", &nothing), "none");
}

/// MS-LISTSWS R739, R742, R2333, R1938, R42, R2130, R2282, R742001, R742001001, R31
#[test]
fn the_columns_are_those_asked_for_or_the_views() {
    let mut site = site();
    let base = on("GetListItems", "Tasks").with(holding(
        "queryOptions",
        "<QueryOptions><IncludeMandatoryColumns>FALSE</IncludeMandatoryColumns></QueryOptions>",
    ));
    let asked = |fields: &str| base.clone().with(holding("viewFields", fields));
    let some = columns(&data(&mut site, &asked(&only(&["Status"]))));
    assert!(some.contains(&"Status".to_owned()) && !some.contains(&"Priority".to_owned()), "{some:?}");
    // A name that no column has changes nothing, whichever it is; not even one that a library's columns have.
    for unknown in ["Nope", "Nope2", "BaseName"] {
        assert_eq!(columns(&data(&mut site, &asked(&only(&["Status", unknown])))), some);
    }
    // An empty element asks for all; an absent one, or an empty parameter, for the view's.
    let all = columns(&data(&mut site, &asked("<ViewFields/>")));
    assert!(["Status", "Author", "GUID", "Priority"].iter().all(|name| all.contains(&(*name).to_owned())), "{all:?}");
    let view = columns(&data(&mut site, &base));
    assert!(view.contains(&"LinkTitle".to_owned()) && !view.contains(&"GUID".to_owned()), "{view:?}");
    let empty = base.clone().with(Element::new(contracts::SOAP, "viewFields"));
    assert_eq!(columns(&data(&mut site, &empty)), view);
    // A column without a value is not there.
    let due = data(&mut site, &asked(&only(&["Title", "DueDate"])));
    let dated: Vec<_> = due.all("row").map(|row| row.attribute("ows_DueDate").is_some()).collect();
    assert_eq!(dated, [true, false, true, true]);
}

/// MS-LISTSWS R1256
#[test]
fn required_columns_come_along_if_they_are_wanted() {
    let mut site = site();
    for (option, expected) in [("TRUE", true), ("FALSE", false)] {
        let options =
            format!("<QueryOptions><IncludeMandatoryColumns>{option}</IncludeMandatoryColumns></QueryOptions>");
        let body = on("GetListItems", "Tasks")
            .with(holding("viewFields", &only(&["Status"])))
            .with(holding("queryOptions", &options));
        assert_eq!(columns(&data(&mut site, &body)).contains(&"Title".to_owned()), expected, "{option}");
    }
}

/// MS-LISTSWS R126801, R274, R278, R280, R1267
#[test]
fn the_scope_says_which_of_a_librarys_folders_and_files_are_meant() {
    let mut site = with_lists();
    let folder = r#"<Batch><Method ID="1" Cmd="New"><Field Name="FSObjType">1</Field><Field Name="BaseName">Signed</Field></Method></Batch>"#;
    site.batch("Contracts", folder);
    site.store("Contracts/a.docx");
    site.store("Contracts/Signed/b.docx");
    for (scope, expected) in
        [("", &["Signed", "a.docx"][..]), ("FilesOnly", &["a.docx"]), ("RecursiveAll", &["Signed", "a.docx", "b.docx"])]
    {
        let options = format!(r#"<QueryOptions><ViewAttributes Scope="{scope}"/></QueryOptions>"#);
        let body = on("GetListItems", "Contracts").with(holding("queryOptions", &options));
        let page = data(&mut site, &body);
        let leaves: Vec<_> =
            page.all("row").map(|row| attribute(row, "ows_FileLeafRef").split(";#").nth(1).expect("a name")).collect();
        assert_eq!(leaves, expected, "{scope:?}");
    }
}

/// MS-WSSCAML R25, R2501, R67
#[test]
fn only_rows_that_meet_the_condition_come_and_grouping_hides_none() {
    let mut site = site();
    for (query, expected) in [
        ("<Query><Where/></Query>", &["Row 1", "Row 2", "Row 3", "Row 4"][..]),
        (
            r#"<Query><Where><Eq><FieldRef Name="Status"/><Value Type="Choice">Completed</Value></Eq></Where></Query>"#,
            &["Row 3"],
        ),
        (
            r#"<Query><GroupBy Collapse="FALSE"><FieldRef Name="Status"/></GroupBy></Query>"#,
            &["Row 1", "Row 2", "Row 3", "Row 4"],
        ),
    ] {
        let body = on("GetListItems", "Tasks")
            .with(holding("query", query))
            .with(holding("viewFields", &only(&["Title", "Status"])));
        assert_eq!(titles(&data(&mut site, &body)), expected, "{query}");
    }
}

/// The web is the one of the address.
///
/// MS-LISTSWS R747
#[test]
fn rows_are_those_of_the_web_that_the_address_names() {
    let mut site = site();
    let answer = site.answer_at(contracts::TOP, "Lists", &on("GetListItems", "Tasks"));
    assert_eq!(answer.status(), 500, "{}", text(&answer));
    let id = braced(site.list("Tasks").id);
    let answer = site.answer_at(contracts::TOP, "Lists", &on("GetListItems", &id));
    assert_eq!(answer.status(), 500, "{}", text(&answer));
}

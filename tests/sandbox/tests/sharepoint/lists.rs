//! Lists, their columns and views.

use soap::Element;

use crate::host::{Host, SOAP, code, operation, xml};

const WEB: &str = "/sites/harbour/acme";

fn update(list: &str, version: &str, parts: &[(&str, &str)]) -> Element {
    let body = parts.iter().fold(operation(SOAP, "UpdateList", &[("listName", list)]), |body, (name, content)| {
        body.with(Element::new(SOAP, name).with(xml(content)))
    });
    body.with_value("listVersion", version)
}

/// The per-method codes of a part of the results.
fn codes(reply: &Element, part: &str) -> Vec<String> {
    let results = reply.child("UpdateListResult").and_then(|result| result.child("Results")).expect("results");
    let methods = results.child(part).into_iter().flat_map(|part| part.all("Method"));
    methods.map(|method| method.child_text("ErrorCode")).collect()
}

#[test]
fn libraries_lie_beside_the_pages_and_lists_below_lists() {
    let mut host = Host::with_web("acme");
    for (title, template, root, view) in [
        ("Contracts", 101, "Contracts", "Contracts/Forms/AllItems.aspx"),
        ("General Information", 100, "Lists/General Information", "Lists/General Information/AllItems.aspx"),
        ("Tasks", 107, "Lists/Tasks", "Lists/Tasks/AllItems.aspx"),
        ("Events", 106, "Lists/Events", "Lists/Events/calendar.aspx"),
        ("A/B: C?", 101, "AB C", "AB C/Forms/AllItems.aspx"),
        ("Issues", 1100, "Lists/Issues", "Lists/Issues/AllItems.aspx"),
    ] {
        let reply = host.add_list(WEB, title, template).expect("a list");
        let list = reply.child("AddListResult").and_then(|result| result.child("List")).expect("the list");
        let attribute = |name: &str| list.attribute(name).unwrap_or("").to_owned();
        assert_eq!(attribute("Title"), title);
        assert_eq!(attribute("RootFolder"), format!("{WEB}/{root}"));
        assert_eq!(attribute("DefaultViewUrl"), format!("{WEB}/{view}"));
        assert_eq!(attribute("ServerTemplate"), template.to_string());
        assert!(["Fields", "RegionalSettings", "ServerSettings"].iter().all(|part| list.child(*part).is_some()));
    }
}

#[test]
fn a_title_is_used_once_and_a_template_must_be_known() {
    let mut host = Host::with_web("acme");
    host.add_list(WEB, "Contracts", 101).expect("a list");
    for (title, template, refusal) in [
        ("CONTRACTS", 100, "0x81020012"),
        ("Other", 9999, "0x8102007b"),
        ("", 100, "Value does not fall within the expected range."),
    ] {
        assert_eq!(code(&host.add_list(WEB, title, template).expect_err("a fault")), refusal);
    }
    let without = operation(SOAP, "AddList", &[("listName", "Other")]);
    assert_eq!(code(&host.call(WEB, "Lists", &without).expect_err("a fault")), "0x8102007b");
}

#[test]
fn columns_are_added_changed_and_deleted_one_by_one() {
    let mut host = Host::with_web("acme");
    host.add_list(WEB, "Contracts", 101).expect("a list");
    let new = r#"<Fields>
        <Method ID="1" AddToView=""><Field Type="Choice" DisplayName="Contract Status" Name="ContractStatus"><CHOICES><CHOICE>Draft</CHOICE></CHOICES><Default>Draft</Default></Field></Method>
        <Method ID="2"><Field Type="Hologram" DisplayName="X"/></Method>
        <Method ID="3"><Field Type="Text" DisplayName="Contract Status"/></Method></Fields>"#;
    let reply = host.call(WEB, "Lists", &update("Contracts", "0", &[("newFields", new)])).expect("a reply");
    assert_eq!(codes(&reply, "NewFields"), ["0x00000000", "0x81020014", "0x81020014"]);
    let list = host.web(WEB).list("Contracts").expect("the list");
    // The display name makes the internal one.
    let field = list.field("Contract_x0020_Status").expect("the column");
    assert_eq!((field.display_name(), field.default_value().as_deref()), ("Contract Status", Some("Draft")));
    assert_eq!(
        list.default_view().and_then(|view| view.fields.last()).map(String::as_str),
        Some("Contract_x0020_Status")
    );
    let changed = r#"<Fields><Method ID="1"><Field Name="Contract_x0020_Status" DisplayName="Status" Type="Text" Required="TRUE"/></Method>
        <Method ID="2"><Field Name="Nope" DisplayName="N"/></Method></Fields>"#;
    let reply = host.call(WEB, "Lists", &update("Contracts", "1", &[("updateFields", changed)])).expect("a reply");
    assert_eq!(codes(&reply, "UpdateFields"), ["0x00000000", "0x82000007"]);
    let field =
        host.web(WEB).list("Contracts").and_then(|list| list.field("Contract_x0020_Status")).expect("the column");
    assert_eq!((field.display_name(), field.kind(), field.choices()), ("Status", "Choice", vec!["Draft".to_owned()]));
    let gone = r#"<Fields><Method ID="1"><Field Name="Contract_x0020_Status"/></Method><Method ID="2"><Field Name="Title"/></Method></Fields>"#;
    let reply = host.call(WEB, "Lists", &update("Contracts", "", &[("deleteFields", gone)])).expect("a reply");
    assert_eq!(codes(&reply, "DeleteFields"), ["0x00000000", "0x81020014"]);
    assert!(host.web(WEB).list("Contracts").is_some_and(|list| list.field("Contract_x0020_Status").is_none()));
}

#[test]
fn a_schema_that_changed_meanwhile_is_a_conflict() {
    let mut host = Host::with_web("acme");
    host.add_list(WEB, "Contracts", 101).expect("a list");
    let settings =
        [("listProperties", r#"<List Title="Contracts" EnableVersioning="TRUE" Description="All of them"/>"#)];
    host.call(WEB, "Lists", &update("Contracts", "0", &settings)).expect("a reply");
    let fault = host.call(WEB, "Lists", &update("Contracts", "0", &settings)).expect_err("a fault");
    assert_eq!(code(&fault), "0x81020015");
    assert!(host.call(WEB, "Lists", &update("Contracts", "new", &settings)).is_err());
    let list = host.web(WEB).list("Contracts").expect("the list");
    assert!(list.settings.versioning);
    assert_eq!((list.description.as_str(), list.version), ("All of them", 1));
}

#[test]
fn a_deleted_list_is_gone() {
    let mut host = Host::with_web("acme");
    host.add_list(WEB, "Contracts", 101).expect("a list");
    host.call(WEB, "Lists", &operation(SOAP, "DeleteList", &[("listName", "Contracts")])).expect("a reply");
    assert!(host.web(WEB).lists.is_empty());
}

#[test]
fn a_view_has_its_own_address_even_under_a_taken_name() {
    let mut host = Host::with_web("acme");
    host.add_list(WEB, "Contracts", 101).expect("a list");
    let body = operation(SOAP, "AddView", &[("listName", "Contracts"), ("viewName", "Pending approval")])
        .with(Element::new(SOAP, "viewFields").with(xml(r#"<ViewFields><FieldRef Name="LinkFilename"/></ViewFields>"#)))
        .with(
            Element::new(SOAP, "query")
                .with(xml(r#"<Query><OrderBy><FieldRef Name="Modified" Ascending="FALSE"/></OrderBy></Query>"#)),
        )
        .with(Element::new(SOAP, "rowLimit").with(xml(r#"<RowLimit Paged="TRUE">30</RowLimit>"#)))
        .with_value("type", "Html")
        .with_value("makeViewDefault", "true");
    for _ in 0..2 {
        host.call(WEB, "Views", &body).expect("a view");
    }
    let list = host.web(WEB).list("Contracts").expect("the list");
    let views: Vec<_> = list.views.iter().map(|view| (view.path.as_str(), view.row_limit, view.is_default)).collect();
    let expected = [
        ("Contracts/Forms/AllItems.aspx", 100, false),
        ("Contracts/Forms/Pending approval.aspx", 30, false),
        ("Contracts/Forms/Pending approval1.aspx", 30, true),
    ];
    assert_eq!(views, expected);
    let unknown = operation(SOAP, "AddView", &[("listName", "Contracts"), ("viewName", "X")])
        .with(Element::new(SOAP, "viewFields").with(xml(r#"<ViewFields><FieldRef Name="Nope"/></ViewFields>"#)));
    assert_eq!(code(&host.call(WEB, "Views", &unknown).expect_err("a fault")), "0x82000007");
}

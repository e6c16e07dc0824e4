//! What people see.

use http::{StatusCode, header};
use soap::Element;

use crate::host::{As, BASE, HARBOUR, Host, PARTS, SOAP, TITLE, UNIQUE, code, operation, text, xml};

const WEB: &str = "/sites/harbour/acme";

fn part(title: &str, content: &str) -> String {
    Element::new("http://schemas.microsoft.com/WebPart/v2", "WebPart")
        .with_value("Title", title)
        .with_value("Assembly", "Microsoft.SharePoint, Version=12.0.0.0")
        .with_value("TypeName", "Microsoft.SharePoint.WebPartPages.ContentEditorWebPart")
        .with(Element::new("http://schemas.microsoft.com/WebPart/v2/ContentEditor", "Content").with_text(content))
        .to_xml()
        .expect("XML")
}

fn add_part(host: &mut Host, xml: &str, zone: &str, index: &str) -> Result<String, soap::Fault> {
    let page = format!("{BASE}{WEB}/default.aspx");
    let parameters = [
        ("pageUrl", page.as_str()),
        ("webPartXml", xml),
        ("storage", "Shared"),
        ("zoneId", zone),
        ("zoneIndex", index),
    ];
    let reply = host.call(WEB, "WebPartPages", &operation(PARTS, "AddWebPartToZone", &parameters))?;
    Ok(reply.child_text("AddWebPartToZoneResult"))
}

/// ST-06: modules stand on the page, in their zones, with their titles.
#[test]
fn the_home_page_shows_its_parts_by_zone_and_order() {
    let mut host = Host::with_web("acme");
    add_part(&mut host, &part("Contacts", "b"), "Left", "0").expect("a part");
    add_part(&mut host, &part("Account", "<script>alert(1)</script>"), "Left", "0").expect("a part");
    add_part(&mut host, &part("Activities", "c"), "Nowhere", "5").expect("an unknown zone is the server's choice");
    let id = add_part(&mut host, &part("Opportunities", "d"), "right", "0").expect("a part");
    assert_eq!(id.len(), 36);
    let table = host.state.table_of(WEB);
    assert!(
        table.ends_with("  page default.aspx\n    Left: Account, Contacts, Activities\n    Right: Opportunities\n"),
        "{table}"
    );
    let page = text(&host.get(WEB, &As::Service("harbour")));
    let places: Vec<_> = ["Zone Left", "Account", "Contacts", "Activities", "Zone Right", "Opportunities"]
        .iter()
        .map(|text| page.find(text))
        .collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && !page.contains("<script"));
    assert!(add_part(&mut host, "<WebPart/>", "Left", "0").is_err());
    let nowhere = operation(
        PARTS,
        "AddWebPart",
        &[("pageUrl", "nope.aspx"), ("webPartXml", &part("x", "y")), ("storage", "Shared")],
    );
    assert!(host.call(WEB, "WebPartPages", &nowhere).is_err());
    let empty = operation(PARTS, "AddWebPart", &[("webPartXml", &part("x", "y")), ("storage", "Shared")]);
    assert_eq!(code(&host.call(WEB, "WebPartPages", &empty).expect_err("a fault")), "0x82000001");
}

#[test]
fn a_part_is_found_changed_and_taken_away() {
    let mut host = Host::with_web("acme");
    let id = add_part(&mut host, &part("Account", "a"), "Right", "0").expect("a part");
    let page = ("pageUrl", "default.aspx");
    let look = operation(PARTS, "GetWebPartProperties2", &[page, ("storage", "Shared"), ("behavior", "Version3")]);
    let found = host.call(WEB, "WebPartPages", &look).expect("a reply").to_xml().expect("XML");
    assert!(found.contains(&id) && found.contains("<ZoneID>Right</ZoneID>"), "{found}");
    let new = part("Account facts", "b");
    let save =
        operation(PARTS, "SaveWebPart", &[page, ("storageKey", &id), ("webPartXml", &new), ("storage", "Shared")]);
    host.call(WEB, "WebPartPages", &save).expect("saved");
    let whole = operation(PARTS, "GetWebPartPage", &[("documentName", "default.aspx"), ("behavior", "Version3")]);
    assert!(
        host.call(WEB, "WebPartPages", &whole)
            .expect("a reply")
            .child_text("GetWebPartPageResult")
            .contains("Account facts")
    );
    let gone = operation(PARTS, "DeleteWebPart", &[page, ("storageKey", &id), ("storage", "Shared")]);
    host.call(WEB, "WebPartPages", &gone).expect("gone");
    assert!(host.call(WEB, "WebPartPages", &gone).is_err());
}

#[test]
fn a_page_of_a_library_has_the_zones_of_its_source() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let mut host = Host::with_web("acme");
    host.add_list(WEB, "Pages", 101).expect("a list");
    let source = r#"<WebPartPages:WebPartZone runat="server" ID="Main"></WebPartPages:WebPartZone>"#;
    let copy = operation(SOAP, "CopyIntoItems", &[("SourceUrl", "http://null")])
        .with(Element::new(SOAP, "DestinationUrls").with_value("string", format!("{BASE}{WEB}/Pages/Customer.aspx")))
        .with_value("Stream", STANDARD.encode(source));
    host.call(WEB, "Copy", &copy).expect("a reply");
    let add = operation(
        PARTS,
        "AddWebPartToZone",
        &[
            ("pageUrl", "Pages/Customer.aspx"),
            ("webPartXml", &part("Account", "a")),
            ("storage", "Shared"),
            ("zoneId", "Main"),
        ],
    );
    host.call(WEB, "WebPartPages", &add).expect("a part");
    let page = host.get(&format!("{WEB}/Pages/Customer.aspx"), &As::Service("harbour"));
    assert_eq!(page.status(), StatusCode::OK);
    assert!(text(&page).contains("Zone Main") && text(&page).contains("Account"));
}

/// ST-38: names of people and records, whatever they hold, are text.
#[test]
fn pages_show_lists_people_and_names_as_text() {
    let mut host = Host::new();
    host.make_web("acme", &[(TITLE, "<b>Å & \"Söner\"</b> \u{634}\u{631}\u{643}\u{629}"), (UNIQUE, "radUniqueYes")]);
    host.add_list(WEB, "Tasks", 107).expect("a list");
    let new = r#"<Batch><Method ID="1" Cmd="New"><Field Name="Title">&lt;i&gt;Kick-off&lt;/i&gt;</Field><Field Name="AssignedTo">-1;#HARBOUR\daud.rahman</Field><Field Name="DueDate">2010-07-01T00:00:00Z</Field></Method></Batch>"#;
    let body =
        operation(SOAP, "UpdateListItems", &[("listName", "Tasks")]).with(Element::new(SOAP, "updates").with(xml(new)));
    host.call(WEB, "Lists", &body).expect("a reply");
    let service = As::Service("harbour");
    let home = text(&host.get(WEB, &service));
    assert!(home.contains("&lt;b&gt;Å &amp; &quot;Söner&quot;&lt;/b&gt;") && home.contains("dir=\"auto\""), "{home}");
    let view = text(&host.get(&format!("{WEB}/Lists/Tasks/AllItems.aspx"), &service));
    for shown in ["Assigned To", "Due Date", "&lt;i&gt;Kick-off&lt;/i&gt;", "داود رحمن", "2010-07-01<", "Not Started"]
    {
        assert!(view.contains(shown), "{shown}: {view}");
    }
    let people = text(&host.get(&format!("{WEB}/_layouts/people.aspx"), &service));
    assert!(
        people.contains("unique permissions")
            && people.contains("SharePoint Service")
            && people.contains("Full Control")
    );
    let contents = text(&host.get(&format!("{WEB}/_layouts/viewlsts.aspx"), &service));
    assert!(contents.contains("/sites/harbour/acme/Lists/Tasks/AllItems.aspx"));
    let top = text(&host.get(HARBOUR, &service));
    assert!(top.contains("href=\"/sites/harbour/acme\""), "on the parent's quick launch");
}

#[test]
fn nothing_on_a_page_runs() {
    let mut host = Host::with_web("acme");
    host.add_list(WEB, "Contracts", 101).expect("a list");
    let paths = [
        "",
        "/_layouts/newsbweb.aspx",
        "/_layouts/permsetup.aspx",
        "/_layouts/people.aspx",
        "/_layouts/viewlsts.aspx",
        "/Contracts/Forms/AllItems.aspx",
    ];
    for path in paths {
        let response = host.get(&format!("{WEB}{path}"), &As::Service("harbour"));
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert!(
            response.headers()[header::CONTENT_SECURITY_POLICY]
                .to_str()
                .expect("text")
                .starts_with("default-src 'none'")
        );
        let page = text(&response);
        assert!(!page.contains("<script") && !page.contains(" onclick") && !page.contains(" style="), "{path}");
    }
    let style = host.get("/_layouts/1033/styles/core.css", &As::Nobody);
    assert_eq!(style.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
}

#[test]
fn long_views_have_a_next_page() {
    let mut host = Host::with_web("acme");
    host.add_list(WEB, "Notes", 100).expect("a list");
    let methods = r#"<Method ID="1" Cmd="New"><Field Name="Title">row</Field></Method>"#.repeat(101);
    let body = operation(SOAP, "UpdateListItems", &[("listName", "Notes")])
        .with(Element::new(SOAP, "updates").with(xml(&format!("<Batch>{methods}</Batch>"))));
    host.call(WEB, "Lists", &body).expect("a reply");
    let view = format!("{WEB}/Lists/Notes/AllItems.aspx");
    let first = text(&host.get(&view, &As::Service("harbour")));
    assert_eq!(first.matches("row</td>").count(), 100);
    let next =
        first.split("href=\"?").nth(1).and_then(|rest| rest.split('"').next()).expect("a link").replace("&amp;", "&");
    let second = text(&host.get(&format!("{view}?{next}"), &As::Service("harbour")));
    assert_eq!(second.matches("row</td>").count(), 1);
}

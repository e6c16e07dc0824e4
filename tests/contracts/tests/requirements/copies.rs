//! `Copy`.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use contracts::{BASE, SOAP, Site, WEB, operation, text};
use soap::Element;

use crate::{attribute, find, found, holding, on, with_lists};

fn whole(path: &str) -> String {
    format!("{BASE}{WEB}/{path}")
}

fn copying(destinations: &[&str], fields: &[&str]) -> Element {
    let urls =
        destinations.iter().fold(Element::new(SOAP, "DestinationUrls"), |urls, url| urls.with_value("string", url));
    let fields = fields.iter().map(|field| contracts::xml(&format!("<FieldInformation xmlns=\"{SOAP}\" {field}/>")));
    operation(SOAP, "CopyIntoItems", &[("SourceUrl", "http://source.example/original.docx")])
        .with(urls)
        .with(Element::new(SOAP, "Fields").with_all(fields))
        .with_value("Stream", STANDARD.encode("bytes"))
}

fn results(site: &mut Site, body: &Element) -> Vec<Element> {
    let reply = site.ask("Copy", body);
    assert_eq!(reply.child_text("CopyIntoItemsResult"), "0");
    found(&reply, "Results").all("CopyResult").cloned().collect()
}

fn codes(results: &[Element]) -> Vec<&str> {
    results.iter().map(|result| attribute(result, "ErrorCode")).collect()
}

const TITLE: &str = r#"Type="Text" DisplayName="Title" InternalName="Title" Id="fa564e0f-0c70-4ab9-b863-0177e6ddd247""#;

/// Each destination has its own result, in the order of the request; a failed one says why and hinders no other.
///
/// MS-COPYS R47, R48, R50, R49, R52, R53, R55, R57, R59, R85, R86, R87, R89, R92, R109, R110, R1044, R207, R208, R209,
/// R218, R224, R254, R258, R260, R200, R201
#[test]
fn each_destination_has_its_result_in_order() {
    let mut site = with_lists();
    let destinations = [
        whole("Contracts/one.docx"),
        "http://elsewhere.example/one.docx".to_owned(),
        whole("Contracts/No such folder/one.docx"),
        "one.docx".to_owned(),
        whole("Contracts/a%3Ab.docx"),
        whole("Contracts/two.docx"),
    ];
    let destinations: Vec<_> = destinations.iter().map(String::as_str).collect();
    let results = results(&mut site, &copying(&destinations, &[]));
    assert_eq!(
        codes(&results),
        ["Success", "DestinationInvalid", "DestinationInvalid", "Unknown", "Unknown", "Success"]
    );
    for (result, destination) in results.iter().zip(&destinations) {
        assert_eq!(attribute(result, "DestinationUrl"), *destination);
        let message = result.attribute("ErrorMessage");
        assert_eq!(message.is_none(), attribute(result, "ErrorCode") == "Success");
        assert_ne!(message, Some(""));
    }
    let names: Vec<_> = site.list("Contracts").items.values().map(|item| item.leaf.as_str()).collect();
    assert_eq!(names, ["one.docx", "two.docx"]);
}

/// MS-COPYS R101, R102, R219, R225
#[test]
fn what_somebody_else_holds_or_may_not_write_is_not_overwritten() {
    let mut site = with_lists();
    let at = whole("Contracts/a.docx");
    results(&mut site, &copying(&[&at], &[]));
    let out = operation(SOAP, "CheckOutFile", &[("pageUrl", &at), ("checkoutToLocal", "false")]);
    site.ask("Lists", &out);
    let role = |role: &str| {
        let parts = [("roleName", role), ("userLoginName", "HARBOUR\\anna.berg")];
        operation(contracts::DIRECTORY, "AddUserToRole", &parts)
    };
    site.ask("UserGroup", &role("Read"));
    site.be("HARBOUR\\anna.berg");
    let refused = results(&mut site, &copying(&[&whole("Contracts/b.docx")], &[]));
    assert_eq!((codes(&refused), attribute(&refused[0], "ErrorMessage")), (vec!["Unknown"], "Access is denied."));
    site.be_the_service();
    site.ask("UserGroup", &role("Contribute"));
    site.be("HARBOUR\\anna.berg");
    assert_eq!(codes(&results(&mut site, &copying(&[&at], &[]))), ["DestinationCheckedOut"]);
}

/// MS-COPYS R95, R96, R220
#[test]
fn nothing_is_copied_into_a_meeting_workspace() {
    let mut site = with_lists();
    let mut form = site.new_web_form(WEB, "meeting");
    form.retain(|(name, _)| !name.ends_with("$LbWebTemplate"));
    let template = "ctl00$PlaceHolderMain$InputFormTemplatePickerControl$ctl00$ctl01$LbWebTemplate";
    form.push((template.to_owned(), "MPS#0".to_owned()));
    assert_eq!(site.submit(WEB, &form).status(), 302);
    let there = whole("meeting/Shared Documents/a.docx");
    let refused = results(&mut site, &copying(&[&there, &whole("Contracts/a.docx")], &[]));
    assert_eq!(codes(&refused), ["DestinationMWS", "Success"]);
    assert!(!attribute(&refused[0], "ErrorMessage").is_empty());
}

/// MS-COPYS R226, R228, R148, R230, R249, R250, R215, R70, R67
#[test]
fn the_columns_of_a_copy_are_set_as_far_as_they_can_be() {
    let mut site = with_lists();
    let titled = format!("{TITLE} Value=\"Agreement\"");
    let address = r#"Type="Computed" DisplayName="A" InternalName="EncodedAbsUrl" Id="11111111-2222-3333-4444-555555555556" Value="http://x""#;
    let unknown =
        r#"Type="Text" DisplayName="Nope" InternalName="Nope" Id="11111111-2222-3333-4444-555555555555" Value="x""#;
    let (empty, absent) = (format!("{TITLE} Value=\"\""), TITLE.to_owned());
    for (name, fields, title) in [
        ("a.docx", vec![titled.as_str(), unknown, address], Some("Agreement")),
        ("b.docx", vec![], None),
        ("c.docx", vec![empty.as_str()], None),
        ("d.docx", vec![absent.as_str()], None),
    ] {
        assert_eq!(codes(&results(&mut site, &copying(&[&whole(&format!("Contracts/{name}"))], &fields))), ["Success"]);
        let item = site.list("Contracts").item_at(name).expect("the file");
        assert_eq!(item.value("Title"), title, "{name}");
        assert_eq!(item.value("_CopySource"), Some("http://source.example/original.docx"));
        assert_eq!(item.value("EncodedAbsUrl"), None);
    }
}

/// MS-COPYS R210
#[test]
fn a_value_that_is_none_of_its_type_stops_every_copy() {
    let mut site = with_lists();
    for (kind, wrong, right) in [
        ("Integer", "many", "12"),
        ("Number", "1,5 and more", "1.5"),
        ("Boolean", "perhaps", "1"),
        ("DateTime", "soon", "2010-06-15T00:00:00Z"),
    ] {
        let field = |value: &str| {
            format!(
                r#"Type="{kind}" DisplayName="X" InternalName="X" Id="11111111-2222-3333-4444-555555555555" Value="{value}""#
            )
        };
        let (a, b) = (whole("Contracts/a.docx"), whole("Contracts/b.docx"));
        let results_of = |site: &mut Site, value: &str| results(site, &copying(&[&a, &b], &[&field(value)]));
        let failed = results_of(&mut site, wrong);
        assert_eq!(codes(&failed), ["Unknown", "Unknown"], "{kind}");
        assert!(failed.iter().all(|result| !attribute(result, "ErrorMessage").is_empty()));
        assert_eq!(site.list("Contracts").items.len(), 0, "{kind}");
        assert_eq!(codes(&results_of(&mut site, right)), ["Success", "Success"], "{kind}");
        let delete = |id: u32, name: &str| {
            format!(
                r#"<Method ID="1" Cmd="Delete"><Field Name="ID">{id}</Field><Field Name="FileRef">{name}</Field></Method>"#
            )
        };
        let made: Vec<_> = site
            .list("Contracts")
            .items
            .values()
            .map(|item| delete(item.id, &whole(&format!("Contracts/{}", item.leaf))))
            .collect();
        site.batch("Contracts", &format!("<Batch>{}</Batch>", made.concat()));
    }
}

/// A library with a column of every kind, and a file in it.
fn with_every_column() -> Site {
    let mut site = with_lists();
    let kinds = [
        "Text",
        "Note",
        "Choice",
        "MultiChoice",
        "Number",
        "Currency",
        "DateTime",
        "Boolean",
        "URL",
        "UserMulti",
        "LookupMulti",
    ];
    let field = |kind| format!(r#"<Method ID="1"><Field Type="{kind}" DisplayName="A{kind}"/></Method>"#);
    let fields = kinds.map(field).concat();
    site.ask("Lists", &on("UpdateList", "Contracts").with(holding("newFields", &format!("<Fields>{fields}</Fields>"))));
    site.store("Contracts/a.docx");
    let values = [
        ("AText", "x"),
        ("ANote", "x"),
        ("AMultiChoice", ";#x;#"),
        ("ANumber", "1"),
        ("ADateTime", "2010-06-15T00:00:00Z"),
        ("ABoolean", "1"),
        ("AUserMulti", r"-1;#HARBOUR\anna.berg"),
        ("ALookupMulti", "1;#x"),
    ];
    let values = values.map(|(name, value)| format!(r#"<Field Name="{name}">{value}</Field>"#)).concat();
    site.batch(
        "Contracts",
        &format!(r#"<Batch><Method ID="1" Cmd="Update"><Field Name="ID">1</Field>{values}</Method></Batch>"#),
    );
    site
}

/// MS-COPYS R167, R178, R191, R195, R197, R64, R65, R66, R68, R69, R72, R73, R74, R75, R77, R115, R119, R125, R1231,
/// R1232, R12311, R12312, R127
#[test]
fn a_file_comes_with_its_bytes_and_its_columns() {
    const KINDS: &[&str] = &[
        "Invalid",
        "Integer",
        "Text",
        "Note",
        "DateTime",
        "Counter",
        "Choice",
        "Lookup",
        "Boolean",
        "Number",
        "Currency",
        "URL",
        "Computed",
        "Threading",
        "Guid",
        "MultiChoice",
        "GridChoice",
        "Calculated",
        "File",
        "Attachments",
        "User",
        "Recurrence",
        "CrossProjectLink",
        "ModStat",
        "AllDayEvent",
        "Error",
    ];
    let mut site = with_every_column();
    let reply = site.ask("Copy", &operation(SOAP, "GetItem", &[("Url", &whole("Contracts/a.docx"))]));
    assert_eq!(reply.child_text("GetItemResult"), "0");
    assert_eq!(STANDARD.decode(reply.child_text("Stream")).expect("base 64"), b"Contracts/a.docx");
    let fields: Vec<_> = found(&reply, "Fields").children().collect();
    let kind = |name: &str| {
        let field = fields.iter().find(|field| attribute(field, "InternalName") == name);
        field.map(|field| attribute(field, "Type"))
    };
    assert_eq!(
        ["ContentTypeId", "AUserMulti", "ALookupMulti", "AText"].map(kind),
        ["Error", "User", "Lookup", "Text"].map(Some)
    );
    let all = |name: &str| fields.iter().map(|field| attribute(field, name)).collect::<Vec<_>>();
    assert!(all("Type").iter().all(|kind| KINDS.contains(kind)), "{:?}", all("Type"));
    assert!(all("DisplayName").iter().all(|name| (1..256).contains(&name.chars().count())));
    assert!(
        all("InternalName").iter().all(|name| name.is_ascii() && !name.contains(' ') && (1..256).contains(&name.len()))
    );
    assert!(all("Id").iter().all(|id| contracts::kind_of(&id.to_lowercase()) == "guid"));
    for name in ["InternalName", "Id"] {
        assert_eq!(all(name).iter().collect::<BTreeSet<_>>().len(), fields.len(), "{name}");
    }
}

/// MS-COPYS R175, R176, R177, R12331
#[test]
fn a_file_that_is_not_there_is_empty_another_servers_a_fault_and_a_secret_one_unauthorized() {
    let mut site = with_lists();
    site.store("Contracts/a.docx");
    let get = |url: &str| operation(SOAP, "GetItem", &[("Url", url)]);
    for missing in [whole("Contracts/none.docx"), whole("Lists/Tasks"), "none.docx".to_owned()] {
        let reply = site.ask("Copy", &get(&missing));
        assert_eq!(reply.children().map(Element::local).collect::<Vec<_>>(), ["GetItemResult"], "{missing}");
    }
    for elsewhere in
        ["http://elsewhere.example/a.docx".to_owned(), whole("Contracts/a.docx").replace("http:", "https:")]
    {
        let fault = site.call("Copy", &get(&elsewhere)).expect_err("a fault");
        assert!(find(&fault.detail.expect("a detail"), "errorcode").is_none());
    }
    // Somebody who may be on the web, and not see the library.
    let parts = [("roleName", "Read"), ("userLoginName", "HARBOUR\\anna.berg")];
    site.ask("UserGroup", &operation(contracts::DIRECTORY, "AddUserToRole", &parts));
    let hide = [
        ("objectName", "Contracts"),
        ("objectType", "List"),
        ("permissionIdentifier", "HARBOUR\\anna.berg"),
        ("permissionType", "user"),
    ];
    site.ask("Permissions", &operation(contracts::DIRECTORY, "RemovePermission", &hide));
    site.be("HARBOUR\\anna.berg");
    let answer = site.answer("Copy", &get(&whole("Contracts/a.docx")));
    assert_eq!(answer.status(), 401, "{}", text(&answer));
}

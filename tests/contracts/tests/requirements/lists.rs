//! `Lists.AddList`, and how a list is described.

use std::collections::BTreeSet;

use contracts::{SOAP, Site, WEB, kind_of, operation};
use soap::Element;

use crate::{attribute, find, found, holding, on, with_lists};

fn add(title: &str, description: &str, template: Option<&str>) -> Element {
    let body = operation(SOAP, "AddList", &[("listName", title), ("description", description)]);
    template.into_iter().fold(body, |body, template| body.with_value("templateID", template))
}

/// MS-LISTSWS R341, R342, R343, R346, R1589
#[test]
fn a_list_needs_a_known_template_and_a_title_of_its_own() {
    let mut site = with_lists();
    for (title, template, code) in [
        ("New", Some("-1"), "none"),
        ("New", Some("4711"), "0x8102007b"),
        ("New", None, "0x8102007b"),
        ("Tasks", Some("100"), "0x81020012"),
        ("TASKS", Some("100"), "0x81020012"),
    ] {
        assert_eq!(site.refused("Lists", &add(title, "", template)), code, "{title} {template:?}");
    }
    assert!(site.web().list("New").is_none());
}

/// MS-LISTSWS R347, R1353, R1354, R1360, R60
#[test]
fn a_new_list_has_the_title_description_and_template_that_were_asked_for() {
    let mut site = Site::with_web();
    let reply = site.ask("Lists", &add("Ships & crews", "All <of> them", Some("104")));
    let list = found(&reply, "List");
    for (name, value) in [("Title", "Ships & crews"), ("Description", "All <of> them"), ("ServerTemplate", "104")] {
        assert_eq!(attribute(list, name), value);
    }
    let made = site.list("Ships & crews");
    assert_eq!((&*made.description, made.template), ("All <of> them", 104));
}

/// What each attribute of a list is.
///
/// MS-LISTSWS R1349, R50, R1350, R1352, R2236, R1355, R1356, R1356001, R1357, R52, R1358, R2238, R1361, R1362, R1363,
/// R1364, R1365, R121, R1375, R141, R144, R1381, R1387, R1388, R2239, R1391, R2240, R1392
#[test]
fn a_list_says_where_it_is_and_what_it_was_made_of() {
    let mut site = with_lists();
    let web = sandbox::sharepoint::braced(site.web().id).trim_matches(['{', '}']).to_lowercase();
    for (title, base, root, template) in [
        ("Contracts", "1", "Contracts", format!("{WEB}/Contracts/Forms/template.doc")),
        ("Tasks", "0", "Lists/Tasks", String::new()),
    ] {
        let reply = site.ask("Lists", &on("GetList", title));
        let list = found(&reply, "List");
        let of = |name: &str| attribute(list, name);
        let known = site.list(title);
        assert_eq!(of("ID"), sandbox::sharepoint::braced(known.id));
        assert_eq!((of("Name"), of("WebId"), of("WebFullUrl")), (of("ID"), &*web, WEB));
        assert_eq!((of("BaseType"), of("Version"), of("Direction")), (base, "0", "none"));
        assert_eq!((of("RootFolder"), of("DocTemplateUrl")), (&*format!("{WEB}/{root}"), &*template));
        assert!(of("DefaultViewUrl").starts_with(&format!("{WEB}/{root}/")), "{}", of("DefaultViewUrl"));
        assert!(of("ImageUrl").starts_with("/_layouts/images/"), "{}", of("ImageUrl"));
        assert_eq!((kind_of(of("FeatureId")), kind_of(of("ScopeId"))), ("guid".into(), "guid".into()));
        for time in ["Created", "Modified", "LastDeleted"] {
            // In UTC: the web's own time is five hours behind.
            assert_eq!(of(time), "20100615 18:00:00", "{time}");
        }
        assert!(["1", "2"].contains(&of("ReadSecurity")) && ["1", "2", "4"].contains(&of("WriteSecurity")));
        let author: u32 = of("Author").parse().expect("a member's id");
        assert_eq!(author, known.author);
        assert!(site.state.collection(WEB).is_some_and(|collection| collection.users.contains_key(&author)));
    }
}

/// The permissions that hold have an id; a list with its own has another one.
///
/// MS-LISTSWS R1392
#[test]
fn a_list_with_permissions_of_its_own_has_a_scope_of_its_own() {
    let mut site = with_lists();
    let scope = |site: &mut Site, list: &str| {
        attribute(found(&site.ask("Lists", &on("GetList", list)), "List"), "ScopeId").to_owned()
    };
    let shared = scope(&mut site, "Tasks");
    assert_eq!(scope(&mut site, "General"), shared);
    let give = operation(
        contracts::DIRECTORY,
        "AddPermission",
        &[
            ("objectName", "Tasks"),
            ("objectType", "List"),
            ("permissionIdentifier", "HARBOUR\\anna.berg"),
            ("permissionType", "user"),
            ("permissionMask", "138612833"),
        ],
    );
    site.ask("Permissions", &give);
    assert_ne!(scope(&mut site, "Tasks"), shared);
    assert_eq!(scope(&mut site, "General"), shared);
    // What has scopes of its own is the list, none of its items.
    let tasks = site.ask("Lists", &on("GetList", "Tasks"));
    assert_eq!(attribute(found(&tasks, "List"), "HasUniqueScopes"), "False");
}

/// A setting says True exactly while it is on.
///
/// MS-LISTSWS R151, R152, R154, R155, R156, R157, R158, R160, R161, R162, R153, R1393, R1364
#[test]
fn a_setting_is_true_while_it_is_on() {
    let mut site = with_lists();
    let said = |site: &mut Site, name: &str| {
        attribute(found(&site.ask("Lists", &on("GetList", "Contracts")), "List"), name).to_owned()
    };
    for (name, version) in [
        ("EnableAttachments", 0),
        ("EnableModeration", 2),
        ("EnableVersioning", 4),
        ("EnableMinorVersion", 6),
        ("RequireCheckout", 8),
        ("Hidden", 10),
    ] {
        assert_eq!(said(&mut site, "Version"), version.to_string());
        for (value, shown) in [("TRUE", "True"), ("FALSE", "False")] {
            let settings = holding("listProperties", &format!(r#"<List {name}="{value}"/>"#));
            site.ask("Lists", &on("UpdateList", "Contracts").with(settings));
            assert_eq!(said(&mut site, name), shown, "{name}");
        }
    }
    site.ask(
        "Lists",
        &on("UpdateList", "Contracts").with(holding("listProperties", r#"<List MajorVersionLimit="7"/>"#)),
    );
    assert_eq!(said(&mut site, "MajorVersionLimit"), "7");
    // What no setting of ours turns on.
    for (name, shown) in [
        ("HasUniqueScopes", "False"),
        ("AllowDeletion", "True"),
        ("AllowMultiResponses", "False"),
        ("Ordered", "False"),
        ("MultipleDataList", "False"),
    ] {
        assert_eq!(said(&mut site, name), shown, "{name}");
    }
}

/// What came later is not there in 2007, whichever operation describes the list.
///
/// MS-LISTSWS R2396, R2398, R2400, R2402, R2404, R2406, R2408, R2410, R2412, R2414, R2416, R2418, R2420, R2422, R5417,
/// R542000102, R542000202, R542000902, R542001002
#[test]
fn a_list_has_no_attribute_of_a_later_version() {
    const LATER: &[&str] = &[
        "Acl",
        "AclVersion",
        "CanOpenFileAsync",
        "ComplianceFlags",
        "ComplianceTag",
        "EnableFolderCreation",
        "EnablePeopleSelector",
        "EnableResourceSelector",
        "EnforceDataValidation",
        "ExcludeFromOfflineClient",
        "Flags2",
        "Followable",
        "HasExternalDataSource",
        "HasRelatedLists",
        "IrmEnabled",
        "IrmSyncable",
        "IsApplicationList",
        "ListSchemaVersion",
        "MaxItemsPerThrottledOperation",
        "NoThrottleListOperations",
        "PreserveEmptyValues",
        "RootFolderId",
        "StrictTypeCoercion",
        "ThrottleListOperations",
        "UserModified",
    ];
    let mut site = with_lists();
    let replies = [
        site.ask("Lists", &add("New", "", Some("1100"))),
        site.ask("Lists", &on("GetList", "New")),
        site.ask("Lists", &operation(SOAP, "GetListCollection", &[])),
        site.ask("Lists", &on("UpdateList", "New")),
    ];
    for reply in replies {
        let list = find(&reply, "List").or_else(|| find(&reply, "ListProperties")).expect("a list");
        let names: BTreeSet<_> = list.attributes().map(|(name, _)| &*name.local).collect();
        let later: Vec<_> = LATER.iter().filter(|name| names.contains(**name)).collect();
        assert!(later.is_empty(), "{}: {later:?}", reply.local());
        assert!(find(list, "Validation").is_none() && find(list, "ValidationDisplayNames").is_none());
    }
}

/// MS-LISTSWS R1418, R14160, R1420, R14200, R1421, R1422, R165, R1423, R166, R1424, R2247, R1425, R2253, R2517, R1426,
/// R1427, R2249, R22490, R1428, R1429, R2248, R1430
#[test]
fn a_list_comes_with_its_columns_and_its_webs_settings() {
    let mut site = with_lists();
    let reply = site.ask("Lists", &on("GetList", "Tasks"));
    let list = found(&reply, "List");
    assert_eq!(
        list.children().map(Element::local).collect::<Vec<_>>(),
        ["Fields", "RegionalSettings", "ServerSettings"]
    );
    let columns: Vec<_> = found(list, "Fields").all("Field").map(|field| attribute(field, "Name").to_owned()).collect();
    let known: Vec<_> = site.list("Tasks").fields.iter().map(|field| field.name().to_owned()).collect();
    assert_eq!(columns, known);
    assert!(columns.iter().any(|name| name == "DueDate"));
    let regional = found(list, "RegionalSettings");
    let number = |name: &str| regional.child_text(name).parse::<i32>().unwrap_or_else(|_| panic!("{name}"));
    assert_eq!((number("Language"), number("Locale"), number("CalendarType")), (1033, 1033, 1));
    assert!((-2..=2).contains(&number("AdvanceHijri")));
    assert!(["True", "False"].contains(&&*regional.child_text("Time24")));
    assert!(["True", "False"].contains(&&*regional.child_text("Presence")));
    let server = found(list, "ServerSettings");
    assert_eq!(server.child_text("ServerRelativeUrl"), WEB);
    assert!(server.child_text("ServerVersion").starts_with("12.0.0."));
    assert!(["True", "False"].contains(&&*server.child_text("RecycleBinEnabled")));
    assert!(number("SortOrder") > 0);

    // Minutes to UTC: what a row says of its own time differs by them.
    site.batch("Tasks", r#"<Batch><Method ID="1" Cmd="New"><Field Name="Title">x</Field></Method></Batch>"#);
    let row = |site: &mut Site, options: &str| {
        let body = on("GetListItems", "Tasks").with(holding("queryOptions", options));
        attribute(found(&site.ask("Lists", &body), "row"), "ows_Created").to_owned()
    };
    let utc = row(&mut site, "<QueryOptions><DateInUtc>TRUE</DateInUtc></QueryOptions>");
    let local = row(&mut site, "<QueryOptions/>");
    let time = |text: &str| {
        format!("{}Z", text.replace(' ', "T").trim_end_matches('Z')).parse::<domain::Timestamp>().expect("a time")
    };
    assert_eq!(time(&utc).duration_since(time(&local)).as_mins(), i64::from(number("TimeZone")));
}

/// MS-LISTSWS R164, R5641, R5642
#[test]
fn only_issues_say_whether_they_send_mail() {
    let mut site = with_lists();
    site.add_list("Issues", 1100);
    let reply = site.ask("Lists", &operation(SOAP, "GetListCollection", &[]));
    for list in found(&reply, "Lists").children() {
        let says = list.attribute("EnableAssignedToEmail");
        assert_eq!(says, (attribute(list, "Title") == "Issues").then_some("False"));
    }
}

/// MS-LISTSWS R1208, R1209, R1347
#[test]
fn every_visible_list_is_in_the_collection_once() {
    let mut site = with_lists();
    let reply = site.ask("Lists", &operation(SOAP, "GetListCollection", &[]));
    let titles: Vec<_> = found(&reply, "Lists").all("List").map(|list| attribute(list, "Title")).collect();
    assert_eq!(titles, ["Contracts", "Tasks", "General"]);
    // The short form: no columns.
    assert!(find(&reply, "Fields").is_none());
}

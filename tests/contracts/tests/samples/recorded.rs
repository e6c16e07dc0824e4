//! What a server of 2010 really said: rows, people, groups, permissions and views, held against what our services say
//! of theirs. The envelope around it is of an operation that nothing calls.

use std::{collections::BTreeSet, fs};

use contracts::{DIRECTORY, SOAP, Site, differences, folder, operation, xml};
use soap::{Element, Limits};

use crate::{Allowed, Use, each_is_of_a_sample, hold, inventory};

const FOLDER: &str = "sharepoint/samples/sitedata-recorded";

const ALLOWED: &[Allowed] = &[
    ("sites-SiteCollection-s.xml", "gathered/User: lacks @Flags", "of claims, which came with 2010"),
    ("sites-SiteCollection-s.xml", "gathered/User: lacks @UserKey", "of claims, which came with 2010"),
];

/// Columns that recorded rows have and ours have not.
const UNSAID: &[(&[&str], &str)] = &[
    (&["BaseName", "LinkFilename", "LinkFilenameNoMenu"], "ours has them in libraries only"),
    (&["Order"], "the place among rows that people order by hand"),
    (&["EncodedAbsUrl", "ServerUrl", "_EditMenuTableStart", "_EditMenuTableEnd"], "computed for pages"),
    (&["ProgId", "ScopeId", "_IsCurrentVersion", "_UIVersion", "WorkflowVersion"], "hidden; no client asks for them"),
    (
        &[
            "FolderChildCount",
            "ItemChildCount",
            "LinkFilename2",
            "LinkTitle2",
            "ServerRedirected",
            "SortBehavior",
            "_EditMenuTableStart2",
        ],
        "came with 2010",
    ),
];

/// All elements of a name, at any depth, under one element of no meaning.
fn gathered(root: &Element, names: &[&str]) -> Element {
    fn search(element: &Element, names: &[&str], found: &mut Vec<Element>) {
        for child in element.children() {
            // A group's people and its own facts lie in an element of the same name that says nothing.
            if names.contains(&child.local()) && child.attributes().next().is_some() {
                let bare = Element::new("", child.local());
                found
                    .push(child.attributes().fold(bare, |bare, (name, value)| bare.with_attribute(&name.local, value)));
            } else {
                search(child, names, found);
            }
        }
    }
    let mut found = Vec::new();
    search(root, names, &mut found);
    assert!(!found.is_empty(), "no {names:?} in {root:?}");
    Element::new("", "gathered").with_all(found)
}

fn ours(file: &str) -> Element {
    let mut site = Site::with_web();
    site.add_list("Custom List", 100);
    site.add_list("Announcements", 104);
    let folder = r#"<Field Name="FSObjType">1</Field><Field Name="BaseName">Test Folder</Field>"#;
    site.batch("Custom List", &format!(r#"<Batch><Method ID="1" Cmd="New">{folder}</Method></Batch>"#));
    let news = r#"<Field Name="Title">Get started</Field><Field Name="Body">Helps you.</Field>
                  <Field Name="Expires">2011-09-07T06:49:09Z</Field>"#;
    site.batch("Announcements", &format!(r#"<Batch><Method ID="1" Cmd="New">{news}</Method></Batch>"#));
    let rows = |site: &mut Site, list: &str| {
        let options = "<QueryOptions><DateInUtc>TRUE</DateInUtc></QueryOptions>";
        let body = operation(SOAP, "GetListItems", &[("listName", list)])
            .with(Element::new(SOAP, "viewFields").with(xml("<ViewFields/>")))
            .with(Element::new(SOAP, "queryOptions").with(xml(options)));
        gathered(&site.ask("Lists", &body), &["row"])
    };
    match file {
        "tapasnay-Lists-Announcements-1-li.xml" => rows(&mut site, "Announcements"),
        "sites-SiteCollection-Lists-CustomList-1-f.xml" | "sites-SiteCollection-Lists-CustomList-1-li.xml" => {
            rows(&mut site, "Custom List")
        }
        "sites-SiteCollection-Lists-CustomList-l.xml" => {
            let web = site.ask("SiteData", &Element::new(SOAP, "GetWeb"));
            let text = web.child("sWebMetadata").map(|metadata| metadata.child_text("Permissions")).expect("metadata");
            gathered(&Element::new("", "text").with(xml(&text)), &["permission"])
        }
        "sites-SiteCollection-s.xml" => {
            let people = operation(DIRECTORY, "GetUserCollectionFromWeb", &[]);
            gathered(&site.ask("UserGroup", &people), &["User"])
        }
        "sites-SiteCollection-sc-useonce.xml" => {
            let groups = operation(DIRECTORY, "GetGroupCollectionFromSite", &[]);
            gathered(&site.ask("UserGroup", &groups), &["Group"])
        }
        other => panic!("{other} is new: say what it is held against"),
    }
}

#[test]
fn what_a_server_said_looks_like_what_ours_says() {
    let Some(samples) = folder(FOLDER) else { return };
    let same: Vec<_> =
        inventory::RECORDED.iter().filter(|(_, meant)| *meant == Use::SameShape).map(|it| it.0).collect();
    each_is_of_a_sample(ALLOWED, &same);
    let mut unsaid = BTreeSet::new();
    for file in same {
        let theirs = fs::read(samples.join(file)).expect("a sample of the contracts");
        let theirs = soap::parse(&theirs, Limits::default()).expect("XML");
        let ours = ours(file);
        let name = ours.children().next().map(|first| first.local().to_owned()).expect("not empty");
        let mut found = differences(&gathered(&theirs, &[&name]), &ours, &[]);
        found.retain(|line| {
            let column = line.strip_prefix("gathered/row: lacks @ows_");
            let allowed =
                column.and_then(|column| UNSAID.iter().flat_map(|(names, _)| *names).find(|it| **it == column));
            unsaid.extend(allowed);
            allowed.is_none()
        });
        hold(file, &found, ALLOWED);
    }
    let allowed: BTreeSet<_> = UNSAID.iter().flat_map(|(names, _)| *names).collect();
    assert_eq!(allowed, unsaid, "what is allowed and gone");
}

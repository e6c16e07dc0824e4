//! Requests and replies against the contract's samples, where those are at hand.

use std::path::{Path, PathBuf};

use soap::{Element, Envelope, FromXml, Limits, Operation, ToXml};
use url::Url;

use super::*;

/// The samples' folder, beside the checkout; `None` where there is none, which is an error in CI.
fn folder() -> Option<PathBuf> {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = crate_folder.ancestors().find(|folder| folder.join("Cargo.lock").exists())?;
    let samples = root.join("../shared/contracts/sharepoint/samples/soap");
    if samples.is_dir() {
        return Some(samples);
    }
    assert!(std::env::var("CI").is_err(), "the contract's samples are absent");
    println!("skipped: the contract's samples are absent");
    None
}

fn body(folder: &Path, name: &str) -> Element {
    let bytes = std::fs::read(folder.join(name)).expect("a sample that the contract lists");
    Envelope::parse(&bytes, Limits::default()).expect("a sample is an envelope").body
}

fn reply<O: Operation>(folder: &Path) -> Element {
    let service = match O::ACTION.split('/').rev().nth(1) {
        Some("directory") if O::NAME.contains("Permission") => "Permissions",
        Some("directory") => "UserGroup",
        Some("webpartpages") => "WebPartPages",
        _ if O::NAME.contains("View") => "Views",
        _ if O::NAME == "CopyIntoItems" => "Copy",
        _ if O::NAME == "EnumerateFolder" => "SiteData",
        _ => "Lists",
    };
    body(folder, &format!("{service}.{}.response.xml", O::NAME))
}

fn read<O: Operation>(folder: &Path) -> O::Reply {
    O::Reply::from_xml(&reply::<O>(folder)).unwrap_or_else(|error| panic!("{}: {error}", O::NAME))
}

fn names(element: &Element) -> Vec<&str> {
    element.children().map(Element::local).collect()
}

#[test]
fn the_contracts_replies_are_read() {
    let Some(folder) = folder() else { return };
    let lists = read::<GetListCollection>(&folder).0;
    assert_eq!(
        lists.iter().map(|list| (&*list.title, list.template)).collect::<Vec<_>>(),
        [("Contracts", 101), ("Tasks", 107)]
    );
    let list = read::<GetList>(&folder).0;
    assert_eq!((list.versioning, list.fields.len(), &*list.version.unwrap_or_default()), (Some(true), 6, "1"));
    assert_eq!(read::<AddList>(&folder).0.title, "Status Reports");
    assert_eq!(read::<GetViewCollection>(&folder).0, ["All Documents"]);
    let codes: Vec<_> = read::<UpdateListItems>(&folder).0.into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["0x00000000", "0x81020015", "0x81020016"]);
    assert_eq!(read::<EnumerateFolder>(&folder).0, ["Contracts/msa.docx"]);
    assert_eq!(read::<CopyIntoItems>(&folder).code, "Success");
    assert_eq!(read::<GetUserCollectionFromGroup>(&folder).0, ["CONTOSO\\jseller"]);
    assert_eq!(read::<GetPermissionCollection>(&folder).0.len(), 2);
    for name in ["page1", "page2", "empty", "localtime", "UserInfo"] {
        let body = body(&folder, &format!("Lists.GetListItems.{name}.response.xml"));
        let page = <GetListItems as Operation>::Reply::from_xml(&body).unwrap();
        assert_eq!(page.next.is_some(), name == "page1", "{name}");
    }
}

#[test]
fn our_requests_are_the_contracts_requests() {
    let Some(folder) = folder() else { return };
    let sample = |name: &str| body(&folder, &format!("{name}.request.xml"));
    let text = ToOwned::to_owned;
    let url = |text: &str| text.parse::<Url>().unwrap();
    let list = || text("Contracts");
    let group = || text("Contoso Site Members");

    let add = AddList { title: text("Status Reports"), description: text("Weekly status reports"), template: 100 };
    assert_eq!(add.to_xml(), sample("Lists.AddList"));
    assert_eq!(GetListCollection.to_xml(), sample("Lists.GetListCollection"));
    assert_eq!(GetViewCollection { list: list() }.to_xml(), sample("Views.GetViewCollection"));
    assert_eq!(EnumerateFolder { folder: list() }.to_xml(), sample("SiteData.EnumerateFolder"));
    let owner = text("CONTOSO\\spadmin");
    let add = AddGroup { name: group(), owner, description: text("Sales team of Contoso") };
    assert_eq!(add.to_xml(), sample("UserGroup.AddGroup"));
    assert_eq!(AddGroupToRole { group: group(), role: "Contribute" }.to_xml(), sample("UserGroup.AddGroupToRole"));
    assert_eq!(GetUserCollectionFromGroup { group: group() }.to_xml(), sample("UserGroup.GetUserCollectionFromGroup"));
    assert_eq!(GetPermissionCollection { list: list() }.to_xml(), sample("Permissions.GetPermissionCollection"));
    let add = AddPermission { list: list(), group: group(), mask: 1_011_028_719 };
    assert_eq!(add.to_xml(), sample("Permissions.AddPermission"));
    let login = Login { user: text("jane"), password: "secret".into() };
    assert_eq!(login.to_xml(), sample("Authentication.Login"));
    let part = sample("WebPartPages.AddWebPartToZone");
    let add = AddWebPartToZone {
        page: url("http://crm.example.com/sites/contoso/default.aspx"),
        xml: part.child_text("webPartXml"),
        zone: text("Left"),
        order: 0,
    };
    assert_eq!(add.to_xml(), part);

    // Requests that say more or less than the samples: the parts that both have, in the same order.
    let update = sample("Lists.UpdateList");
    let field = update.child("newFields").and_then(|part| part.child("Fields")?.child("Method")?.child("Field"));
    let ours = UpdateList {
        list: list(),
        settings: vec![("EnableVersioning", true)],
        new_fields: field.cloned().into_iter().collect(),
        changed_fields: Vec::new(),
        version: Some(text("1")),
    }
    .to_xml();
    assert_eq!(names(&ours), names(&update));
    assert_eq!(ours.child("newFields"), update.child("newFields"));
    let ours = CopyIntoItems { to: url("http://crm.example.com/a.docx"), content: String::new() }.to_xml();
    assert_eq!(names(&ours), names(&sample("Copy.CopyIntoItems")));
    let ours = GetListItems { list: list(), columns: vec![text("Title")], limit: 2, after: Some(text("x")) }.to_xml();
    let theirs = sample("Lists.GetListItems.page2");
    assert_eq!(
        names(&ours),
        names(&theirs).into_iter().filter(|name| !["viewName", "webID"].contains(name)).collect::<Vec<_>>()
    );
    assert_eq!(names(ours.child("queryOptions").unwrap()), ["QueryOptions"]);
}

#[test]
fn the_contracts_faults_are_told_apart() {
    use crate::{SiteError, classic::refusal};
    let Some(folder) = folder() else { return };
    let error = |name: &str| {
        let bytes = std::fs::read(folder.join(format!("fault.{name}.xml"))).unwrap();
        let fault = Envelope::parse(&bytes, Limits::default()).unwrap().into_body().unwrap_err();
        refusal::from_fault("x", &fault)
    };
    assert!(refusal::GROUP_EXISTS.is_why(&error("0x81020043.group-exists")));
    assert!(refusal::LIST_EXISTS.is_why(&error("0x81020012.list-exists")));
    assert!(refusal::USER_UNKNOWN.is_why(&error("0x80131600.user-not-found")));
    let SiteError::Refused { code, message, .. } = error("no-code") else { panic!("not refused") };
    assert_eq!((&*code, &*message), ("none", "Value does not fall within the expected range."));
}

#[test]
fn the_contracts_pages_are_read() {
    use crate::classic::{complaint::complaint, form::Form};
    let Some(folder) = folder() else { return };
    let page = |name: &str| std::fs::read_to_string(folder.join("../../forms").join(name)).unwrap();
    let form = Form::parse(&page("newsbweb-2007.reconstructed.html")).unwrap();
    for name in ["TxtCreateSubwebTitle", "TxtCreateSubwebDescription", "TxtCreateSubwebName", "BtnCreateSubweb"] {
        form.name(name).unwrap();
    }
    assert!(form.offers(&form.name("LbWebTemplate").unwrap(), "STS#1"));
    assert_eq!(form.radio("idPermSection", "Yes").unwrap().1, "radUniqueYes");
    let complaint = complaint(&page("error-page-2007.reconstructed.html")).unwrap();
    assert!(complaint.ends_with("is already in use."), "{complaint}");
}

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

/// Reads a sample by the operation that it answers. A file that is not named here fails.
fn read_by_name(folder: &Path, name: &str) -> Result<(), soap::Error> {
    let as_reply_of = |read: &dyn Fn(&Element) -> Result<(), soap::Error>| read(&body(folder, name));
    macro_rules! reply_of {
        ($operation:ty) => {
            as_reply_of(&|body| <$operation as Operation>::Reply::from_xml(body).map(|_| ()))
        };
    }
    match name.trim_end_matches(".response.xml") {
        "Copy.CopyIntoItems" | "Copy.CopyIntoItems.failed" => reply_of!(CopyIntoItems),
        "Lists.AddList" => reply_of!(AddList),
        "Lists.GetList" => reply_of!(GetList),
        "Lists.GetListCollection" => reply_of!(GetListCollection),
        "Lists.GetListItems.UserInfo"
        | "Lists.GetListItems.empty"
        | "Lists.GetListItems.localtime"
        | "Lists.GetListItems.page1"
        | "Lists.GetListItems.page2" => reply_of!(GetListItems),
        "Lists.UpdateListItems" | "Lists.UpdateListItems.onerror-return" => reply_of!(UpdateListItems),
        "Permissions.AddPermission" => reply_of!(AddPermission),
        "Permissions.GetPermissionCollection" => reply_of!(GetPermissionCollection),
        "SiteData.EnumerateFolder" => reply_of!(EnumerateFolder),
        "UserGroup.AddGroup" => reply_of!(AddGroup),
        "UserGroup.AddGroupToRole" => reply_of!(AddGroupToRole),
        "UserGroup.AddUserToGroup" => reply_of!(AddUserToGroup),
        "UserGroup.GetUserCollectionFromGroup" => reply_of!(GetUserCollectionFromGroup),
        "Views.GetViewCollection" => reply_of!(GetViewCollection),
        "WebPartPages.AddWebPartToZone" => reply_of!(AddWebPartToZone),
        // Operations that the adapter does not send.
        "Lists.AddAttachment"
        | "Lists.CheckInFile"
        | "Lists.CheckOutFile"
        | "Lists.DeleteList"
        | "Lists.GetListItemChangesSinceToken"
        | "SiteData.GetListCollection"
        | "SiteData.GetSite"
        | "SiteData.GetSiteAndWeb"
        | "SiteData.GetURLSegments"
        | "Sites.CreateWeb"
        | "Sites.GetSite"
        | "Sites.GetSiteTemplates"
        | "Sites.GetUpdatedFormDigest"
        | "UserGroup.AddUserToRole"
        | "UserGroup.GetRoleCollectionFromWeb"
        | "UserGroup.GetUserInfo"
        | "UserGroup.RemoveUserFromGroup"
        | "Webs.GetWebCollection"
        | "Webs.WebUrlFromPageUrl"
        | "Workflow.AlterToDo"
        | "Workflow.ClaimReleaseTask"
        | "Workflow.GetTemplatesForItem"
        | "Workflow.GetToDosForItem"
        | "Workflow.StartWorkflow" => Ok(()),
        other => panic!("{other} is new: say how it is read"),
    }
}

#[test]
fn every_reply_of_the_contract_is_read_by_its_operation() {
    let Some(folder) = folder() else { return };
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".response.xml") {
            read_by_name(&folder, &name).unwrap_or_else(|error| panic!("{name}: {error}"));
            count += 1;
        }
    }
    assert!(count >= 40, "{count} samples");
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

/// The request for a token is the one that the contract has, but for the addresses in it.
#[test]
fn our_request_for_a_token_is_the_contracts_request() {
    let Some(folder) = folder() else { return };
    let template = std::fs::read_to_string(folder.join("../auth/request-template-SAML.xml")).unwrap();
    let sts = url("https://login.microsoftonline.com/extSTS.srf");
    let site = "https://contoso.sharepoint.com";
    let filled = template.replace("{username}", "jane").replace("{password}", "secret").replace("{auth_url}", site);
    let password = "secret".to_owned().into();
    let ours = RequestSecurityToken { sts: &sts, site: site.to_owned(), user: "jane", password: &password };
    let ours = ours.to_envelope().to_bytes().unwrap();
    let parse = |bytes: &[u8]| soap::parse(bytes, Limits::default()).unwrap();
    assert_eq!(parse(&ours), parse(filled.as_bytes()));
}

/// The recorded answer is read.
#[test]
fn the_contracts_token_is_read() {
    let Some(folder) = folder() else { return };
    let bytes = std::fs::read(folder.join("../auth/extSTS-response.xml")).unwrap();
    let body = Envelope::parse(&bytes, Limits::default()).unwrap().body;
    assert_eq!(refusal_of_a_token(&body), None);
    let token = SecurityToken::from_xml(&body).unwrap().0;
    assert_eq!(secrecy::ExposeSecret::expose_secret(&token), "t=This is live authentication token to extract");
}

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

/// Contract §2: each fault's code, and who acts on it. A file that is not named here fails.
#[test]
fn the_contracts_faults_are_told_apart() {
    use crate::{SiteError, classic::refusal};
    let Some(folder) = folder() else { return };
    let mut names: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.starts_with("fault."));
    assert!(names.len() >= 9, "{names:?}");
    for name in names {
        let bytes = std::fs::read(folder.join(&name)).unwrap();
        let fault = Envelope::parse(&bytes, Limits::default()).unwrap().into_body().unwrap_err();
        let error = refusal::from_fault("x", &fault);
        let SiteError::Refused { code, message, .. } = &error else { panic!("{name}: {error}") };
        let (expected, words) = match &*name {
            "fault.0x800700b7.web-exists.xml" => ("0x800700b7", "is already in use."),
            "fault.0x80131600.user-not-found.xml" => ("0x80131600", "does not exist or is not unique."),
            "fault.0x81020012.list-exists.xml" => ("0x81020012", "Please choose another title."),
            "fault.0x81020026.list-guid-not-found.xml" => ("0x81020026", "deleted by another user."),
            "fault.0x81020043.group-exists.xml" => ("0x81020043", "Try again with a new name."),
            "fault.0x81020067.name-in-use.xml" => ("0x81020067", "is already in use."),
            "fault.0x82000006.list-not-found.xml" => ("0x82000006", "deleted by another user."),
            "fault.client.unknown-action.xml" => ("none", "soap/Nope."),
            "fault.no-code.xml" => ("none", "Value does not fall within the expected range."),
            other => panic!("{other} is new: say what it means"),
        };
        assert_eq!(code, expected, "{name}");
        assert!(message.ends_with(words), "{name}: {message}");
        let reasons = [&refusal::GROUP_EXISTS, &refusal::LIST_EXISTS, &refusal::USER_UNKNOWN];
        let meant = ["0x81020043", "0x81020012", "0x80131600"].map(|known| known == expected);
        assert_eq!(reasons.map(|reason| reason.is_why(&error)), meant, "{name}");
    }
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

//! Requests that nobody here wrote: those of the contract, where it is at hand.

use std::path::{Path, PathBuf};

use http::{Method, Request, StatusCode, header};
use sandbox::sharepoint::Generation;

use crate::host::{As, Host, text};

/// Operations of the services that are here, and which 2007 has, that nothing of ours needs.
const LEFT_OUT: &[&str] = &["AddListFromFeature", "GetListItemChangesSinceToken", "CopyIntoItemsLocal", "GetSiteUrl"];
const GENERATIONS: [Generation; 2] = [Generation::Of2007, Generation::Of2010];
/// What came with 2010.
const NOT_IN_2007: &[&str] = &["CreateWeb", "DeleteWeb", "GetSite", "GetUpdatedFormDigestInformation"];
const SERVICES: &[&str] = &[
    "Authentication",
    "Copy",
    "Lists",
    "Permissions",
    "SiteData",
    "Sites",
    "UserGroup",
    "Views",
    "WebPartPages",
    "Webs",
];

/// A folder of the contracts, which lie beside the checkout; `None` where they are not at hand.
fn contracts(folder: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|above| above.join("../shared/contracts/sharepoint").join(folder))
        .find(|folder| folder.is_dir());
    if found.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "the contracts must be there in CI");
        say(&format!("skipped: no contracts at ../shared/contracts/sharepoint/{folder}"));
    }
    found
}

#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
fn say(line: &str) {
    eprintln!("{line}");
}

/// Constructed by zeep from the WSDLs: service, operation and XML.
fn samples(folder: &Path) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("").to_owned();
        let parts: Vec<_> = name.split('.').collect();
        if name.ends_with(".request.xml") && SERVICES.contains(&parts[0]) {
            let xml = std::fs::read_to_string(&path).expect("text");
            found.push((parts[0].to_owned(), parts[1].to_owned(), xml));
        }
    }
    found.sort();
    found
}

/// FX-01: every sample of an operation that is here is understood; a refusal of what it asks for is an answer.
#[test]
fn the_contracts_samples_are_understood() {
    let Some(folder) = contracts("samples/soap") else { return };
    let samples = samples(&folder);
    assert!(samples.len() > 40, "{}", samples.len());
    for (service, operation, xml, generation) in samples.into_iter().flat_map(|(service, operation, xml)| {
        GENERATIONS.map(|it| (service.clone(), operation.clone(), xml.clone(), it))
    }) {
        let mut host = Host::with_web("acme");
        host.state.generation = generation;
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("/sites/harbour/acme/_vti_bin/{service}.asmx"))
            .header(header::CONTENT_TYPE, "text/xml; charset=utf-8");
        let answer = text(&host.send(request, xml, &As::Service("harbour")));
        let absent = LEFT_OUT.contains(&operation.as_str())
            || (service == "Sites" && generation == Generation::Of2007 && NOT_IN_2007.contains(&operation.as_str()))
            || (service == "SiteData" && ["GetList", "GetListItems"].contains(&operation.as_str()));
        assert_eq!(answer.contains("did not recognize"), absent, "{generation:?} {service}.{operation}: {answer}");
    }
}

/// Recorded from SharePlum 0.5.1: what it sends for lists and rows is carried out.
#[test]
fn what_shareplum_sends_is_carried_out() {
    let Some(folder) = contracts("samples/client-captures") else { return };
    let mut host = Host::with_web("acme");
    host.add_list("/sites/harbour/acme", "Contracts", 100).expect("a list");
    let field = crate::host::xml(
        r#"<Fields><Method ID="1"><Field Type="Text" DisplayName="ContractStatus"/></Method></Fields>"#,
    );
    let update = crate::host::operation(crate::host::SOAP, "UpdateList", &[("listName", "Contracts")])
        .with(soap::Element::new(crate::host::SOAP, "newFields").with(field));
    host.call("/sites/harbour/acme", "Lists", &update).expect("a column");
    let old = ["002", "003", "004", "005", "006", "007", "008", "009"];
    // The first call of all, and attachments of the third row, which only a fresh one has: on 2010.
    let new = ["001", "008", "008", "008", "010"];
    let calls = old.map(|number| (Generation::Of2007, number)).into_iter();
    for (generation, number) in calls.chain(new.map(|number| (Generation::Of2010, number))) {
        host.state.generation = generation;
        let entries = std::fs::read_dir(&folder).expect("a folder").filter_map(Result::ok).map(|entry| entry.path());
        let start = format!("shareplum.{number}.");
        let path = entries
            .into_iter()
            .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start)));
        let capture = std::fs::read_to_string(path.expect("a capture")).expect("text").replace("\r\n", "\n");
        let capture = capture.replace("http://127.0.0.1:8099/sites/contoso", "http://sharepoint.example/sites/harbour");
        // The rows that the client's own session deleted had the first numbers.
        let capture = capture.replace("<ns1:listItemID>3<", "<ns1:listItemID>2<");
        let (head, body) = capture.split_once("\n\n").expect("a body");
        let service = head.split("/_vti_bin/").nth(1).and_then(|rest| rest.split(' ').next()).expect("a service");
        let action = head.lines().find_map(|line| line.strip_prefix("SOAPAction: ")).expect("an action");
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("/sites/harbour/acme/_vti_bin/{service}"))
            .header(header::CONTENT_TYPE, "text/xml; charset=UTF-8")
            .header("SOAPAction", action);
        let response = host.send(request, body.to_owned(), &As::Service("harbour"));
        assert_eq!(response.status(), StatusCode::OK, "{number}: {}", text(&response));
    }
}

//! The pages of the page path: reconstructed, so only what a client holds on to is compared.

use std::{collections::BTreeSet, fs};

use contracts::{Site, TOP, WEB, folder, text};
use http::{Request, header};

use crate::{Use, inventory};

const FOLDER: &str = "sharepoint/forms";

fn sample(file: &str) -> Option<String> {
    let known = inventory::FORMS.iter().find(|(name, _)| *name == file).expect("the inventory has it");
    assert!(!matches!(known.1, Use::Unused(_)), "{file}");
    Some(fs::read_to_string(folder(FOLDER)?.join(file)).expect("a sample of the contracts"))
}

/// The values of an attribute, wherever it stands.
fn values(page: &str, attribute: &str) -> BTreeSet<String> {
    let start = format!(" {attribute}=\"");
    page.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).map(ToOwned::to_owned).collect()
}

fn new_web_page(site: &mut Site) -> String {
    text(&site.send(Request::get(format!("{TOP}/_layouts/newsbweb.aspx")), ""))
}

#[test]
fn the_page_that_makes_webs_has_the_fields_of_the_sample() {
    let Some(theirs) = sample("newsbweb-2007.reconstructed.html") else { return };
    let ours = new_web_page(&mut Site::default());
    let lacking: Vec<_> = values(&theirs, "name").difference(&values(&ours, "name")).cloned().collect();
    assert_eq!(lacking, [""; 0]);
    let lacking: Vec<_> = values(&theirs, "id").difference(&values(&ours, "id")).cloned().collect();
    assert_eq!(lacking, [""; 0]);
}

#[test]
fn the_error_page_says_why_where_the_sample_says_it() {
    let Some(theirs) = sample("error-page-2007.reconstructed.html") else { return };
    let mut site = Site::with_web();
    let fields = posted(&theirs_posted().expect("beside the other"), &new_web_page(&mut site), "acme");
    let ours = text(&site.submit(TOP, &fields));
    let said = |page: &str| {
        let behind = page.split("<span id=\"ctl00_PlaceHolderMain_LabelMessage\"").nth(1)?;
        Some(behind.split_once('>')?.1.split('<').next()?.to_owned())
    };
    let about = |said: Option<String>, path: &str| said.map(|said| said.replace("&quot;", "\"").replace(path, "PATH"));
    assert_eq!(about(said(&ours), WEB), about(said(&theirs), "/sites/contoso/opportunity-1001"));
}

fn theirs_posted() -> Option<String> {
    sample("newsbweb.post.reconstructed.http")
}

/// The fields of the sample's post: hidden ones as our page gives them, and the name of the new web.
fn posted(theirs: &str, page: &str, name: &str) -> Vec<(String, String)> {
    let body = theirs.split("\n\n").nth(1).and_then(|body| body.lines().next()).expect("a body");
    let fields = form_urlencoded::parse(body.as_bytes()).into_owned();
    let hidden = |field: &str| {
        let tag = page.split("<input ").find(|tag| tag.contains(&format!("name=\"{field}\"")))?;
        Some(tag.split("value=\"").nth(1)?.split('"').next()?.to_owned())
    };
    let ours = |(field, value): (String, String)| {
        let value = match field.as_str() {
            "__EVENTTARGET" | "__EVENTARGUMENT" => value,
            hides if hides.starts_with("__") => hidden(hides).expect("our page hides it too"),
            name_box if name_box.ends_with("$TxtCreateSubwebName") => name.to_owned(),
            list if list.ends_with("$LbWebTemplate") => "STS#1".to_owned(),
            _ => value,
        };
        (field, value)
    };
    fields.map(ours).collect()
}

#[test]
fn the_samples_post_makes_a_web_and_leads_where_the_sample_leads() {
    let Some(theirs) = theirs_posted() else { return };
    let mut site = Site::default();
    let fields = posted(&theirs, &new_web_page(&mut site), "opportunity-1001");
    let answer = site.submit(TOP, &fields);
    assert_eq!(answer.status(), 302, "{}", text(&answer));
    let led = answer.headers()[header::LOCATION].to_str().expect("text");
    let last = theirs.lines().filter_map(|line| line.strip_prefix("Location: ")).next_back().expect("a sample answer");
    let place = |address: &str| {
        address
            .replace("crm.example.com/sites/contoso", "HOST")
            .replace("sharepoint.example/sites/harbour", "HOST")
            .replace("crm.example.com%2Fsites%2Fcontoso", "HOST")
            .replace("sharepoint.example%2Fsites%2Fharbour", "HOST")
    };
    assert_eq!(place(led), place(last));
    assert!(site.state.web("/sites/harbour/opportunity-1001").is_some());
}

//! What 2010 does and 2007 does not (requirements/product-behavior.tsv).

use domain::SignedDuration;
use http::{StatusCode, header};
use sandbox::sharepoint::DIGEST_LIFETIME;
use soap::{Element, Fault};

use crate::host::{As, BASE, DIRECTORY, HARBOUR, Host, SOAP, code, location, operation, text, xml};

fn create_web(name: &str, more: &[(&str, &str)]) -> Element {
    let asked = [("url", name), ("title", "Acme"), ("description", "d"), ("templateName", "STS#1")];
    let rest = asked.iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
    operation(SOAP, "CreateWeb", &rest.chain(more).copied().collect::<Vec<_>>())
}

fn create(host: &mut Host, name: &str, more: &[(&str, &str)]) -> Result<Element, Fault> {
    host.call(HARBOUR, "Sites", &create_web(name, more))
}

/// Contract §1: the header tells the product.
#[test]
fn the_product_says_which_one_it_is() {
    for (mut host, major) in Host::both().into_iter().zip(["12.", "14."]) {
        let response = host.get(HARBOUR, &As::Service("harbour"));
        let version = response.headers()["microsoftsharepointteamservices"].to_str().expect("text");
        assert!(version.starts_with(major), "{version}");
    }
}

/// MS-SITESS R3781, R367, R518, R519, R555.
#[test]
fn a_service_of_2010_makes_webs() {
    let mut host = Host::of_2010();
    let made = create(&mut host, "acme", &[("uniquePermissions", "true")]).expect("a web");
    let made = made.child("CreateWebResult").and_then(|result| result.child("CreateWeb")).expect("a web");
    assert_eq!(made.attribute("Url"), Some(&*format!("{BASE}/sites/harbour/acme")));
    let web = host.web("/sites/harbour/acme");
    assert_eq!((&*web.title, &*web.description, &*web.definition), ("Acme", "d", "STS#1"));
    assert_eq!(web.grants.as_ref().map(std::collections::BTreeMap::len), Some(1), "the one who made it");
    create(&mut host, "second", &[]).expect("a web");
    assert!(host.web("/sites/harbour/second").grants.is_none(), "its parent's permissions");
}

/// MS-SITESS R282, R283, R296, R157.
#[test]
fn a_web_that_cannot_be_made_is_refused_with_its_reason() {
    let mut host = Host::of_2010();
    create(&mut host, "acme", &[]).expect("a web");
    for (name, more, wanted) in [
        ("acme", &[][..], "0x800700b7"),
        ("ACME", &[], "0x800700b7"),
        ("other", &[("templateName", "NONE#0")], "0x8102009f"),
        ("other", &[("language", "1031")], "0x81070209"),
        ("a*b", &[], "0x80131600"),
        ("", &[], "0x80131600"),
    ] {
        let fault = create(&mut host, name, more).expect_err("a fault");
        assert_eq!(code(&fault), wanted, "{name} {more:?}");
    }
    assert!(host.state.web("/sites/harbour/other").is_none());
}

/// ST-04: the service asks for the same right as the page.
#[test]
fn who_may_not_make_webs_makes_none_by_service() {
    let mut host = Host::of_2010();
    let anna = host.person("HARBOUR\\anna.berg");
    let response = host.call_as(HARBOUR, "Sites", &create_web("acme", &[]), &As::Cookie(&anna));
    assert!(text(&response).contains("0x80070005"), "{}", text(&response));
    assert!(host.state.web("/sites/harbour/acme").is_none());
    let delete = operation(SOAP, "DeleteWeb", &[("url", "acme")]);
    create(&mut host, "acme", &[]).expect("a web");
    assert!(text(&host.call_as(HARBOUR, "Sites", &delete, &As::Cookie(&anna))).contains("0x80070005"));
    assert!(host.state.web("/sites/harbour/acme").is_some());
}

/// MS-SITESS R3791, R411.
#[test]
fn a_service_of_2010_deletes_webs_that_have_none_below() {
    let mut host = Host::of_2010();
    create(&mut host, "acme", &[]).expect("a web");
    host.call("/sites/harbour/acme", "Sites", &create_web("inner", &[])).expect("a web");
    let delete = operation(SOAP, "DeleteWeb", &[("url", "acme")]);
    assert_eq!(code(&host.call(HARBOUR, "Sites", &delete).expect_err("a fault")), "0x80131600");
    host.call("/sites/harbour/acme", "Sites", &operation(SOAP, "DeleteWeb", &[("url", "inner")])).expect("deleted");
    host.call(HARBOUR, "Sites", &delete).expect("deleted");
    assert!(host.state.web("/sites/harbour/acme").is_none());
    assert_eq!(code(&host.call(HARBOUR, "Sites", &delete).expect_err("a fault")), "0x80070002");
}

/// MS-SITESS R5341, R132, R136, R375.
#[test]
fn a_service_of_2010_tells_of_the_site_collection() {
    let mut host = Host::of_2010();
    create(&mut host, "acme", &[]).expect("a web");
    let mut ask = |address: &str| host.call(HARBOUR, "Sites", &operation(SOAP, "GetSite", &[("SiteUrl", address)]));
    let of_top = ask(&format!("{BASE}/sites/harbour")).expect("a site").child_text("GetSiteResult");
    let site = xml(&of_top);
    assert_eq!(site.attribute("Url"), Some(&*format!("{BASE}/sites/harbour")));
    assert_eq!(site.attribute("UserCodeEnabled"), Some("false"));
    assert!(site.attribute("Id").is_some_and(|id| id.starts_with('{') && id.len() == 38), "{of_top}");
    let of_web = ask(&format!("{BASE}/sites/harbour/acme/default.aspx")).expect("a site").child_text("GetSiteResult");
    assert_eq!(of_web, of_top, "one collection, whatever in it was named");
    assert!(ask("http://elsewhere.example/sites/harbour").is_err());
}

/// MS-SITESS R5381, R215, R405, R549.
#[test]
fn a_digest_of_2010_says_how_long_it_is_good() {
    let mut host = Host::of_2010();
    let mut ask = |parameters: &[(&str, &str)]| {
        let body = operation(SOAP, "GetUpdatedFormDigestInformation", parameters);
        let answer = host.call(HARBOUR, "Sites", &body).expect("a digest");
        answer.child("GetUpdatedFormDigestInformationResult").cloned().expect("a result")
    };
    let digest = ask(&[]);
    assert_eq!(digest.child_text("TimeoutSeconds"), DIGEST_LIFETIME.as_secs().to_string());
    assert_eq!(digest.child_text("WebFullUrl"), format!("{BASE}/sites/harbour"));
    assert_eq!(ask(&[("url", "")]), digest);
    assert_eq!(ask(&[("url", &format!("{BASE}/sites/harbour/default.aspx"))]), digest);
}

/// MS-SITESS R1561, R400.
#[test]
fn a_language_that_is_not_installed_is_a_fault_in_2007_and_nothing_to_offer_in_2010() {
    let [mut old, mut new] = Host::both();
    let ask = operation(SOAP, "GetSiteTemplates", &[("LCID", "1031")]);
    assert_eq!(code(&old.call(HARBOUR, "Sites", &ask).expect_err("a fault")), "0x81070209");
    let answer = new.call(HARBOUR, "Sites", &ask).expect("an answer");
    assert_eq!(answer.child("TemplateList").map(|list| list.children().count()), Some(0));
    let ask = operation(SOAP, "GetSiteTemplates", &[("LCID", "1033")]);
    let answer = new.call(HARBOUR, "Sites", &ask).expect("an answer");
    assert!(answer.child("TemplateList").is_some_and(|list| list.children().count() > 3));
}

/// MS-LISTSWS R2750, R2754, R2757 to R2759, R2764, R2770, R8861; in 2007 R2426 and its siblings, R2504.
#[test]
fn a_list_that_is_not_there_has_one_code_in_2010() {
    let [mut old, mut new] = Host::both();
    let guid = "{6F33949A-B3FF-4B0C-BA99-93CB518AC2C0}";
    for name in [
        "GetList",
        "GetListItems",
        "UpdateList",
        "DeleteList",
        "UpdateListItems",
        "AddAttachment",
        "DeleteAttachment",
        "GetAttachmentCollection",
    ] {
        let ask = |list: &str| operation(SOAP, name, &[("listName", list), ("listItemID", "1")]);
        for list in ["Nope", guid] {
            assert_eq!(code(&new.call(HARBOUR, "Lists", &ask(list)).expect_err("a fault")), "0x82000006", "{name}");
        }
        let fault = old.call(HARBOUR, "Lists", &ask("Nope")).expect_err("a fault");
        assert!(code(&fault).starts_with("GUID should contain 32 digits"), "{name}");
        assert_eq!(code(&old.call(HARBOUR, "Lists", &ask(guid)).expect_err("a fault")), "0x81020026", "{name}");
    }
}

/// MS-LISTSWS R2396 to R2418, R2391.
#[test]
fn a_list_of_2010_has_attributes_that_2007_has_not() {
    let [old, new] = Host::both().map(|mut host| {
        let added = host.add_list(HARBOUR, "Contracts", 100).expect("a list");
        let list = added.child("AddListResult").and_then(|result| result.child("List")).cloned().expect("a list");
        list.attributes().map(|(name, _)| name.local.to_string()).collect::<Vec<_>>()
    });
    let later: Vec<_> = new.iter().filter(|name| !old.contains(name)).map(String::as_str).collect();
    assert_eq!(
        later,
        [
            "HasExternalDataSource",
            "EnablePeopleSelector",
            "EnableResourceSelector",
            "ThrottleListOperations",
            "ExcludeFromOfflineClient",
            "EnableFolderCreation",
            "IrmEnabled",
            "IsApplicationList",
            "PreserveEmptyValues",
            "StrictTypeCoercion",
            "EnforceDataValidation",
            "MaxItemsPerThrottledOperation",
        ]
    );
    assert!(old.iter().all(|name| new.contains(name)));
}

/// MS-WEBSS R637, R1092 to R1096.
#[test]
fn a_web_of_2010_tells_its_id() {
    let [old, new] = Host::both().map(|mut host| {
        let answer = host.call(HARBOUR, "Webs", &operation(SOAP, "GetWeb", &[("webUrl", ".")])).expect("a web");
        answer.child("GetWebResult").and_then(|result| result.child("Web")).cloned().expect("a web")
    });
    for name in ["FarmId", "Id", "ExcludeFromOfflineClient", "CellStorageWebServiceEnabled", "AlternateUrls"] {
        assert_eq!((old.attribute(name), new.attribute(name).is_some()), (None, true), "{name}");
    }
}

/// MS-AUTHWS R126, R127, R190, R191.
#[test]
fn a_forms_ticket_of_2010_has_another_name_and_says_its_end() {
    let login = [("username", "HARBOUR\\svc-sharepoint"), ("password", "sandbox-sp-harbour-1")];
    for (mut host, name, seconds) in Host::both()
        .into_iter()
        .zip([(".ASPXAUTH", ""), ("FedAuth", "1800")])
        .map(|(host, (name, end))| (host, name, end))
    {
        let response = host.call_as(HARBOUR, "Authentication", &operation(SOAP, "Login", &login), &As::Nobody);
        let said = soap::parse(response.body(), soap::Limits::default()).expect("XML");
        let said =
            said.child("Body").and_then(|body| body.child("LoginResponse")).and_then(|it| it.child("LoginResult"));
        let said = said.expect("a result");
        assert_eq!((&*said.child_text("CookieName"), &*said.child_text("TimeoutSeconds")), (name, seconds));
        let cookie = response.headers()[header::SET_COOKIE].to_str().expect("text").to_owned();
        assert!(cookie.starts_with(&format!("{name}=")), "{cookie}");
        let cookie = cookie.split(';').next().expect("a cookie");
        assert_eq!(host.get(HARBOUR, &As::Cookie(cookie)).status(), StatusCode::OK);
        host.wait(SignedDuration::from_mins(30));
        let response = host.get(HARBOUR, &As::Cookie(cookie));
        assert!(location(&response).starts_with("/_layouts/login.aspx"));
    }
}

/// The data service of 2010 tells of one person; 2007 has none.
#[test]
fn the_data_service_of_2010_tells_of_a_person() {
    let [mut old, mut new] = Host::both();
    let anna = new.state.collection(HARBOUR).and_then(|it| it.user("HARBOUR\\anna.berg")).map(|user| user.id);
    let path = |id| format!("{HARBOUR}/_vti_bin/ListData.svc/UserInformationList({id})");
    let path_of_anna = path(anna.expect("Anna visited"));
    assert_eq!(old.get(&path_of_anna, &As::Service("harbour")).status(), StatusCode::NOT_FOUND);
    let response = new.get(&path_of_anna, &As::Service("harbour"));
    let entry = soap::parse(response.body(), soap::Limits::default()).expect("Atom");
    let properties = entry.child("content").and_then(|content| content.child("properties")).expect("properties");
    assert_eq!(properties.child_text("Name"), "Anna Berg");
    assert_eq!(properties.child_text("Account"), "HARBOUR\\anna.berg");
    assert_eq!(new.get(&path(999), &As::Service("harbour")).status(), StatusCode::NOT_FOUND);
    assert_eq!(new.get(&path_of_anna, &As::Nobody).status(), StatusCode::FOUND);
    assert_eq!(new.get(&path_of_anna, &As::Service("northwind")).status(), StatusCode::UNAUTHORIZED);
}

/// ST-13: the page is there in 2010 too.
#[test]
fn the_page_of_2010_makes_webs_as_that_of_2007_does() {
    for mut host in Host::both() {
        let response = host.make_web("acme", &[]);
        assert_eq!(response.status(), StatusCode::FOUND);
        assert!(host.state.web("/sites/harbour/acme").is_some());
        let groups =
            host.call("/sites/harbour/acme", "UserGroup", &operation(DIRECTORY, "GetGroupCollectionFromWeb", &[]));
        assert!(groups.is_ok());
    }
}

//! Webs are made by the page.

use domain::SignedDuration;
use http::{Method, Request, StatusCode, header};
use sandbox::sharepoint::DIGEST_REFUSAL;

use crate::host::{As, BASE, CREATE, HARBOUR, Host, NAME, TEMPLATE, TITLE, UNIQUE, filled, hidden, location, text};

const PAGE: &str = "/sites/harbour/_layouts/newsbweb.aspx";

/// ST-13: GET, then POST, is all it takes.
#[test]
fn a_web_is_made_by_get_and_post() {
    let mut host = Host::new();
    let response = host.make_web("acme", &[(TITLE, "Acme \u{627}\u{644}")]);
    assert_eq!(response.status(), StatusCode::FOUND);
    assert_eq!(location(&response), format!("{BASE}/sites/harbour/acme"));
    assert_eq!(response.headers()["microsoftsharepointteamservices"], "12.0.0.6421");
    let web = host.web("/sites/harbour/acme");
    assert_eq!((web.title.as_str(), web.definition.as_str()), ("Acme \u{627}\u{644}", "STS#1"));
    assert_eq!(web.grants, None);
}

/// ST-04: a web with unique permissions is nobody's but its maker's.
#[test]
fn a_web_with_unique_permissions_starts_with_its_maker_only() {
    let mut host = Host::new();
    let response = host.make_web("acme", &[(UNIQUE, "radUniqueYes")]);
    let next = "http%3A%2F%2Fsharepoint.example%2Fsites%2Fharbour%2Facme";
    assert_eq!(location(&response), format!("{BASE}/sites/harbour/acme/_layouts/permsetup.aspx?next={next}"));
    assert_eq!(
        host.state.table_of("/sites/harbour/acme"),
        "/sites/harbour/acme  STS#1  acme\n  SharePoint Service (Full Control)\n"
    );
}

#[test]
fn a_team_site_brings_its_lists_and_parts() {
    let mut host = Host::new();
    host.make_web("team", &[(TEMPLATE, "STS#0")]);
    let titles: Vec<_> =
        host.web("/sites/harbour/team").lists().iter().map(|list| format!("{} {}", list.template, list.root)).collect();
    let expected = [
        "101 Shared Documents",
        "104 Lists/Announcements",
        "106 Lists/Calendar",
        "103 Lists/Links",
        "107 Lists/Tasks",
        "108 Lists/Team Discussion",
    ];
    assert_eq!(titles, expected);
    let home = host.web("/sites/harbour/team").page("default.aspx").expect("a home page");
    assert_eq!(home.parts_in("Left").len(), 2);
}

#[test]
fn a_name_in_use_is_told_on_the_error_page() {
    let mut host = Host::new();
    host.make_web("acme", &[]);
    let before = host.state.webs().count();
    for again in ["acme", "ACME"] {
        let response = host.make_web(again, &[]);
        assert_eq!(response.status(), StatusCode::OK);
        assert!(text(&response).contains("already in use"), "{}", text(&response));
    }
    assert_eq!(host.state.webs().count(), before);
}

#[test]
fn what_the_page_refuses_makes_nothing() {
    let mut host = Host::new();
    let before = host.state.webs().count();
    let (long_title, long_name) = ("t".repeat(256), "n".repeat(129));
    let table: &[(&[(&str, &str)], &str)] = &[
        (&[(TITLE, "")], "ms-formvalidation"),
        (&[(TITLE, "   ")], "ms-formvalidation"),
        (&[(NAME, "")], "ms-formvalidation"),
        (&[(TITLE, &long_title)], "255 characters"),
        (&[(NAME, &long_name)], "too long"),
        (&[(NAME, "a/b")], "illegal characters"),
        (&[(NAME, "_a")], "illegal characters"),
        (&[(NAME, ".a")], "illegal characters"),
        (&[(NAME, "a&b")], "illegal characters"),
        (&[(TEMPLATE, "STS#99")], "template you have chosen is invalid"),
        (&[(TEMPLATE, "")], "template you have chosen is invalid"),
        (&[("__EVENTTARGET", "")], "New SharePoint Site"),
    ];
    for (changed, said) in table {
        let response = host.make_web("acme", changed);
        assert_eq!(response.status(), StatusCode::OK, "{changed:?}");
        assert!(text(&response).contains(said), "{changed:?}: {}", text(&response));
    }
    assert_eq!(host.state.webs().count(), before);
}

#[test]
fn a_digest_is_accepted_for_half_an_hour() {
    let mut host = Host::new();
    let service = As::Service("harbour");
    let page = text(&host.get(PAGE, &service));
    host.wait(SignedDuration::from_mins(30));
    assert_eq!(host.post(PAGE, &filled(&page, "in-time", &[]), &service).status(), StatusCode::FOUND);
    host.wait(SignedDuration::from_secs(1));
    let late = host.post(PAGE, &filled(&page, "late", &[]), &service);
    assert_eq!(late.status(), StatusCode::OK);
    assert!(text(&late).contains(DIGEST_REFUSAL));
    assert!(host.state.web("/sites/harbour/late").is_none());
}

#[test]
fn a_digest_of_another_web_is_refused() {
    let mut host = Host::with_web("acme");
    let service = As::Service("harbour");
    let other = text(&host.get("/sites/harbour/acme/_layouts/newsbweb.aspx", &service));
    let digest = hidden(&other).into_iter().find(|(name, _)| name == "__REQUESTDIGEST").expect("a digest").1;
    let response = host.make_web("x", &[("__REQUESTDIGEST", &digest)]);
    assert!(text(&response).contains("security validation"));
}

#[test]
fn a_post_that_is_not_the_pages_own_makes_nothing() {
    let mut host = Host::new();
    let service = As::Service("harbour");
    let page = text(&host.get(PAGE, &service));
    let fields = filled(&page, "acme", &[]);
    let without: Vec<_> = fields.iter().filter(|(name, _)| name != "__VIEWSTATE").cloned().collect();
    assert_eq!(host.post(PAGE, &without, &service).status(), StatusCode::OK);
    for name in ["__VIEWSTATE", "__EVENTVALIDATION"] {
        let response = host.make_web("acme", &[(name, "/wEPDwUKMTI")]);
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{name}");
    }
    assert!(host.state.web("/sites/harbour/acme").is_none());
}

#[test]
fn only_who_may_make_webs_sees_the_page() {
    let mut host = Host::new();
    let anna = host.person("HARBOUR\\anna.berg");
    assert_eq!(host.get(PAGE, &As::Cookie(&anna)).status(), StatusCode::FORBIDDEN);
}

#[test]
fn permsetup_makes_the_three_groups() {
    let mut host = Host::with_web("acme");
    let service = As::Service("harbour");
    let page =
        "/sites/harbour/acme/_layouts/permsetup.aspx?next=http%3A%2F%2Fsharepoint.example%2Fsites%2Fharbour%2Facme";
    let shown = text(&host.get(page, &service));
    let mut fields = hidden(&shown);
    fields.push(("ctl00$PlaceHolderMain$ctl03$RptControls$btnOK".into(), "OK".into()));
    fields.push(("ctl00$PlaceHolderMain$ctl01$people".into(), "HARBOUR\\anna.berg".into()));
    let response = host.post(page, &fields, &service);
    assert_eq!(location(&response), format!("{BASE}/sites/harbour/acme"), "{}", text(&response));
    let collection = host.state.collection(HARBOUR).expect("the collection");
    assert_eq!(collection.members_of("acme Members"), ["Anna Berg"]);
    let again = host.post(page, &fields, &service);
    assert!(text(&again).contains("already in use"), "group names are unique in the collection");
}

#[test]
fn the_same_story_has_the_same_ids() {
    let story = || {
        let mut host = Host::with_web("acme");
        host.add_list("/sites/harbour/acme", "Contracts", 101).expect("a list");
        let list = host.web("/sites/harbour/acme").list("Contracts").expect("the list").id;
        (host.state.table(), list)
    };
    assert_eq!(story(), story());
}

#[test]
fn operations_have_names() {
    let named = |method: Method, path: &str, body: &'static str| {
        let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "text/xml");
        sandbox::sharepoint::operation(&request.body(body.into()).expect("a request"))
    };
    assert_eq!(named(Method::GET, PAGE, ""), "GET newsbweb.aspx");
    assert_eq!(named(Method::GET, "/sites/harbour/acme", ""), "GET default.aspx");
    assert_eq!(named(Method::GET, "/sites/harbour/acme/Contracts/a%20b.docx", ""), "GET file");
    let body =
        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><AddList/></s:Body></s:Envelope>";
    assert_eq!(named(Method::POST, "/sites/harbour/_vti_bin/lists.asmx", body), "Lists.AddList");
    assert_eq!(named(Method::POST, "/sites/harbour/_vti_bin/lists.asmx", "<"), "Lists.unreadable");
    assert_eq!(CREATE.rsplit('$').next(), Some("BtnCreateSubweb"));
}

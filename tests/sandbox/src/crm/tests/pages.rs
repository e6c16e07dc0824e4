use bytes::Bytes;
use http::{Request, Response, header};
use serde_json::Value as Json;

use super::Desk;
use crate::crm::{Value, handle, seed};

/// A person with a browser.
struct Browser {
    desk: Desk,
    cookie: String,
}

impl Browser {
    fn signed_in(login: &str) -> Self {
        let mut browser = Self { desk: Desk::harbour(), cookie: String::new() };
        let body = form_urlencoded::Serializer::new(String::new()).append_pair("login", login).finish();
        let response = browser.send(Request::post("/harbour/signin"), &body);
        assert_eq!(response.status(), 303);
        let cookie = response.headers()[header::SET_COOKIE].to_str().expect("text").to_owned();
        cookie.split(';').next().expect("a pair").clone_into(&mut browser.cookie);
        browser
    }

    fn send(&mut self, request: http::request::Builder, body: &str) -> Response<Bytes> {
        let request = request.header("cookie", &self.cookie).body(Bytes::from(body.to_owned())).expect("a request");
        handle(&mut self.desk.state, &request, self.desk.now)
    }

    fn get(&mut self, path: &str) -> (u16, String) {
        let response = self.send(Request::get(path), "");
        (response.status().as_u16(), String::from_utf8(response.body().to_vec()).expect("text"))
    }

    fn press(&mut self, number: u16) -> (u16, Json) {
        let address = format!("/harbour/accounts/{}/requests", seed::account(number));
        let request = Request::post(address).header("content-type", "application/json");
        let response = self.send(request.header("sec-fetch-site", "same-origin"), "{}");
        (response.status().as_u16(), serde_json::from_slice(response.body()).expect("JSON"))
    }
}

#[test]
fn a_stranger_is_asked_to_sign_in_and_comes_back() {
    let mut browser = Browser { desk: Desk::harbour(), cookie: String::new() };
    let response = browser.send(Request::get("/harbour/?q=a"), "");
    assert_eq!(response.status(), 303);
    assert_eq!(response.headers()[header::LOCATION], "/harbour/signin?next=%2Fharbour%2F%3Fq%3Da");
    let (_, choices) = browser.get("/harbour/signin?next=/harbour/");
    assert!(choices.contains("Anna Berg") && !choices.contains("Adam Able"));
    let outside =
        browser.send(Request::post("/harbour/signin"), r"login=HARBOUR%5Canna.berg&next=https://evil.example/");
    assert_eq!(outside.headers()[header::LOCATION], "/harbour/");
    let disabled = browser.send(Request::post("/harbour/signin"), r"login=HARBOUR%5Cgreta.holm");
    assert_eq!(disabled.status(), 401);
}

#[test]
fn the_list_shows_what_the_visitor_may_see_and_searches_it() {
    let mut anna = Browser::signed_in(r"HARBOUR\anna.berg");
    let (_, all) = anna.get("/harbour/");
    assert!(all.contains("株式会社みなと") && all.contains("16 accounts"));
    assert!(all.contains("O'Reilly &quot;Port&quot; &lt;Logistics&gt; &amp; Co"), "names are escaped");
    let (_, found) = anna.get("/harbour/?q=adventure");
    assert!(found.contains("2 accounts"));
    let (_, few) = Browser::signed_in(r"HARBOUR\eva.lindqvist").get("/harbour/");
    assert!(few.contains("2 accounts") && !few.contains("Tailspin"));
}

/// ST-39: a session of one organisation opens nothing in the other.
#[test]
fn a_session_belongs_to_one_organisation() {
    let mut anna = Browser::signed_in(r"HARBOUR\anna.berg");
    let account = seed::account(1);
    assert_eq!(anna.get(&format!("/harbour/accounts/{account}")).0, 200);
    assert_eq!(anna.get(&format!("/northwind/accounts/{account}")).0, 303);
}

/// ST-37: the button makes a record as the person who presses; the page holds no secret.
#[test]
fn the_button_makes_a_request_record_as_the_visitor() {
    let mut anna = Browser::signed_in(r"HARBOUR\anna.berg");
    let (status, answer) = anna.press(1);
    assert_eq!(status, 201);
    let id = answer["request"].as_str().expect("an id").parse().expect("an id");
    let harbour = anna.desk.state.organisation("harbour").expect("the organisation");
    let record = harbour.record("tl_siterequest", id).expect("the record");
    assert_eq!(record["createdby"].as_id(), Some(seed::user(2)));
    assert_eq!(record["tl_accountid"].as_id(), Some(seed::account(1)));
    assert_eq!(record["tl_target"].as_text(), Some(&*format!("account:{}", seed::account(1))));
    assert_eq!(record["tl_status"].as_number(), Some(1));
    for number in [5, 6, 16] {
        assert_eq!(anna.press(number).0, 201, "names of any length and script");
    }
}

#[test]
fn who_may_not_request_a_site_is_told_so() {
    let mut eva = Browser::signed_in(r"HARBOUR\eva.lindqvist");
    let (status, answer) = eva.press(1);
    assert_eq!((status, answer["code"].as_str()), (403, Some("0x80040220")));
    let mut anna = Browser::signed_in(r"HARBOUR\anna.berg");
    assert_eq!(anna.press(99).0, 404);
    let address = format!("/harbour/accounts/{}/requests", seed::account(1));
    for (content_type, site) in [("text/plain", "same-origin"), ("application/json", "cross-site")] {
        let request = Request::post(&address).header("content-type", content_type).header("sec-fetch-site", site);
        assert_eq!(anna.send(request, "{}").status(), 415);
    }
    anna.cookie.clear();
    let request = Request::post(&address).header("content-type", "application/json");
    assert_eq!(anna.send(request, "{}").status(), 401);
}

#[test]
fn the_form_shows_the_site_and_the_notes_and_rings_only_the_engine() {
    let mut anna = Browser::signed_in(r"HARBOUR\anna.berg");
    let id = seed::account(4);
    let address = format!("/harbour/accounts/{id}");
    let (_, before) = anna.get(&address);
    assert!(before.contains("data-engine=\"http://engine.test\"") && !before.contains("id=\"site-link\""));
    let harbour = anna.desk.state.organisation_mut("harbour").expect("the organisation");
    let record = harbour.record_mut("account", id).expect("the account");
    record.insert("tl_siteurl".to_owned(), Value::Text("http://sharepoint.test/sites/a".to_owned()));
    record.insert("tl_siteenabled".to_owned(), Value::Flag(true));
    let note = crate::crm::Fields::from([
        ("subject".to_owned(), Some(Value::Text("A <site> was made".to_owned()))),
        ("objectid".to_owned(), Some(Value::Reference { entity: "account".to_owned(), id })),
    ]);
    let caller = harbour.caller(seed::user(1)).expect("the caller");
    harbour.create(&caller, "annotation", &note, anna.desk.now).expect("a note");
    let (_, after) = anna.get(&address);
    assert!(after.contains("<a id=\"site-link\" href=\"http://sharepoint.test/sites/a\">"));
    assert!(after.contains("A &lt;site&gt; was made"));
    let harbour = anna.desk.state.organisation_mut("harbour").expect("the organisation");
    let record = harbour.record_mut("account", id).expect("the account");
    record.insert("tl_siteurl".to_owned(), Value::Text("javascript:alert(1)".to_owned()));
    assert!(!anna.get(&address).1.contains("href=\"javascript"));
    let response = anna.send(Request::get(&address), "");
    let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
    let engine_only =
        "default-src 'self'; script-src 'self' http://engine.test; connect-src 'self' http://engine.test;";
    assert!(policy.starts_with(engine_only), "{policy}");
    assert!(anna.get(&format!("{address}?tab=general")).1.contains("Account Number"));
    assert_eq!(anna.get("/harbour/accounts/none").0, 404);
    let known_elsewhere = format!("/harbour/sfa/accts/edit.aspx?id=%7B{}%7D", id.to_string().to_uppercase());
    assert_eq!(anna.send(Request::get(&known_elsewhere), "").headers()[header::LOCATION], &*address);
    assert_eq!(anna.get("/harbour/sfa/accts/edit.aspx?id=none").0, 404);
}

/// ST-24: the script behind the button is the engine's. The page's own comes first, to hear whether the other came.
#[test]
fn the_form_loads_the_engines_script_after_its_own() {
    let mut anna = Browser::signed_in(r"HARBOUR\anna.berg");
    let (_, form) = anna.get(&format!("/harbour/accounts/{}", seed::account(1)));
    let own = form.find("<script src=\"/assets/press.js\" defer>").expect("the page's own script");
    let engines = "<script id=\"engine-script\" src=\"http://engine.test/v1/assets/press.js\" defer>";
    assert!(form.find(engines).expect("the engine's script") > own);
    assert_eq!(form.matches("<script").count(), 2);
}

#[test]
fn the_pages_need_nothing_from_elsewhere() {
    let mut anna = Browser::signed_in(r"HARBOUR\anna.berg");
    for path in ["/", "/harbour/", "/assets/crm.css", "/assets/press.js"] {
        let (status, text) = anna.get(path);
        assert_eq!(status, 200, "{path}");
        assert!(!text.contains("//cdn") && !text.contains("https://"), "{path}");
    }
    assert_eq!(anna.send(Request::post("/harbour/signout"), "").status(), 303);
    assert_eq!(anna.get("/harbour/").0, 303);
}

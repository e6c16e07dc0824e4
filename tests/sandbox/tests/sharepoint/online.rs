//! Signing in to the online host: a token of the sign-in service, turned in for cookies (contract §7 C).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use domain::{SignedDuration, Timestamp, VirtualClock};
use http::{Method, Request, Response, StatusCode, header};
use sandbox::{
    Addresses, Sandbox, Service, World,
    sharepoint::{CLAIMS_LIFETIME, Credentials},
};
use soap::{Element, Envelope, Limits, SoapVersion};

const ONLINE: &str = "https://lakeside.sharepoint.com";
const STS: &str = "https://login.microsoftonline.com";
const USER: &str = "svc-sharepoint@lakeside.example";

struct Online {
    sandbox: Sandbox,
}

/// A request for a token: what is changed in a good one.
struct Ask<'a> {
    user: &'a str,
    password: &'a str,
    site: &'a str,
    stamp: Option<(Timestamp, Timestamp)>,
    policy: &'a str,
    action: &'a str,
}

impl Default for Ask<'_> {
    fn default() -> Self {
        Self {
            user: USER,
            password: "sandbox-online-lakeside-1",
            site: ONLINE,
            stamp: None,
            policy: "MBI",
            action: "http://schemas.xmlsoap.org/ws/2005/02/trust/RST/Issue",
        }
    }
}

impl Ask<'_> {
    /// After the contract's request-template-SAML.xml.
    fn body(&self) -> String {
        let Self { user, password, site, stamp, policy, action } = self;
        let stamp = stamp.map_or_else(String::new, |(created, expires)| {
            format!("<u:Timestamp><u:Created>{created}</u:Created><u:Expires>{expires}</u:Expires></u:Timestamp>")
        });
        format!(
            r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"
                xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
                xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
                xmlns:t="http://schemas.xmlsoap.org/ws/2005/02/trust" xmlns:p="http://schemas.xmlsoap.org/ws/2004/09/policy">
              <s:Header><a:Action s:mustUnderstand="1">{action}</a:Action>
                <a:To s:mustUnderstand="1">https://login.microsoftonline.com/extSTS.srf</a:To>
                <o:Security s:mustUnderstand="1"><o:UsernameToken><o:Username>{user}</o:Username>
                  <o:Password>{password}</o:Password></o:UsernameToken>{stamp}</o:Security></s:Header>
              <s:Body><t:RequestSecurityToken>
                <p:AppliesTo><a:EndpointReference><a:Address>{site}</a:Address></a:EndpointReference></p:AppliesTo>
                <p:PolicyReference URI="{policy}"/>
                <t:RequestType>http://schemas.xmlsoap.org/ws/2005/02/trust/Issue</t:RequestType>
              </t:RequestSecurityToken></s:Body></s:Envelope>"#
        )
    }
}

impl Online {
    fn new() -> Self {
        let clock = VirtualClock::at("2012-03-27T20:56:38Z".parse().expect("an instant"));
        let others = Addresses::by_name(|name| format!("https://{name}.example"));
        let addresses = Addresses { sharepoint_online: ONLINE.to_owned(), identity: STS.to_owned(), ..others };
        let world = World::seeded(&addresses, domain::Clock::now(&clock));
        Self { sandbox: Sandbox::with_virtual_clock(world, clock) }
    }

    fn send(&self, service: Service, request: http::request::Builder, body: String) -> Response<Bytes> {
        self.sandbox.handle(service, &request.body(body.into()).expect("a request")).expect("an answer")
    }

    fn ask(&self, ask: &Ask<'_>) -> Envelope {
        let request = Request::builder().method(Method::POST).uri(format!("{STS}/extSTS.srf"));
        let response = self.send(Service::Identity, request, ask.body());
        assert_eq!(response.status(), StatusCode::OK);
        Envelope::parse(response.body(), Limits::default()).expect("an envelope")
    }

    fn token(&self) -> String {
        let body = self.ask(&Ask::default()).body;
        let token = body.child("RequestedSecurityToken").and_then(|token| token.child("BinarySecurityToken"));
        token.expect("a token").text()
    }

    /// The code of a refusal, and the one inside.
    fn refusal(&self, ask: &Ask<'_>) -> (String, String) {
        let fault = self.ask(ask).into_body().expect_err("a refusal");
        let text = |local| fault.detail_text(local).expect("a number");
        assert!(!text("text").is_empty());
        (text("value"), text("code"))
    }

    fn turn_in(&self, token: &str) -> Response<Bytes> {
        let request = Request::post(format!("{ONLINE}/_forms/default.aspx?wa=wsignin1.0"));
        self.send(Service::SharePointOnline, request, token.to_owned())
    }

    fn cookies(&self) -> String {
        cookies(&self.turn_in(&self.token()))
    }

    fn lists(&self, with: &[(&str, &str)]) -> Response<Bytes> {
        let body = Element::new("http://schemas.microsoft.com/sharepoint/soap/", "GetListCollection");
        let bytes = Envelope::new(SoapVersion::V11, body).to_bytes().expect("XML");
        let request = Request::post(format!("{ONLINE}/sites/lakeside/_vti_bin/Lists.asmx"));
        let request = request.header(header::CONTENT_TYPE, "text/xml; charset=utf-8");
        let request = with.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.send(Service::SharePointOnline, request, String::from_utf8(bytes).expect("text"))
    }

    fn wait(&self, by: SignedDuration) {
        assert!(self.sandbox.advance(by));
    }
}

fn cookies(response: &Response<Bytes>) -> String {
    let set = response.headers().get_all(header::SET_COOKIE).iter();
    let pairs = set.map(|cookie| cookie.to_str().expect("text").split(';').next().unwrap_or("").to_owned());
    pairs.collect::<Vec<_>>().join("; ")
}

/// The whole way; attributes of the cookies as those of the real ones.
#[test]
fn a_token_is_turned_in_for_cookies_that_open_the_services() {
    let online = Online::new();
    let response = online.turn_in(&online.token());
    assert_eq!(response.status(), StatusCode::OK);
    let set: Vec<_> =
        response.headers().get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().expect("text")).collect();
    assert_eq!(set.len(), 2);
    assert!(set[0].starts_with("rtFa=") && set[0].contains("domain=sharepoint.com"), "{}", set[0]);
    assert!(set[1].starts_with("FedAuth=") && !set[1].contains("domain"), "{}", set[1]);
    assert!(set.iter().all(|cookie| cookie.ends_with("; path=/; secure; HttpOnly")), "{set:?}");
    assert_eq!(online.lists(&[("cookie", &cookies(&response))]).status(), StatusCode::OK);
}

/// The recorded answer's shape: its elements and attributes, in their order.
#[test]
fn the_answer_says_for_whom_and_how_long() {
    let online = Online::new();
    let answer = online.ask(&Ask::default());
    let headers: Vec<_> = answer.headers.iter().map(Element::local).collect();
    assert_eq!(headers, ["Action", "To", "Security"]);
    let body = &answer.body;
    let parts: Vec<_> = body.children().map(Element::local).collect();
    assert_eq!(
        parts,
        [
            "TokenType",
            "AppliesTo",
            "Lifetime",
            "RequestedSecurityToken",
            "RequestedAttachedReference",
            "RequestedUnattachedReference"
        ]
    );
    let lifetime = body.child("Lifetime").expect("a lifetime");
    assert_eq!(lifetime.child_text("Created"), "2012-03-27T20:56:38Z");
    assert_eq!(lifetime.child_text("Expires"), "2012-03-28T20:56:38Z");
    assert!(online.token().starts_with("t="));
}

#[test]
fn a_wrong_password_and_an_unknown_user_get_no_token() {
    let online = Online::new();
    let ask = Ask { password: "sandbox-online-northwind-1", ..Ask::default() };
    assert_eq!(online.refusal(&ask), ("0x80048821".into(), "0x80041012".into()));
    let ask = Ask { user: "nobody@lakeside.example", ..Ask::default() };
    assert_eq!(online.refusal(&ask), ("0x80048821".into(), "0x80041034".into()));
    assert!(online.sandbox.world().identity.sts.set_password(USER, "another"));
    assert_eq!(online.refusal(&Ask::default()).1, "0x80041012");
    assert!(online.ask(&Ask { password: "another", ..Ask::default() }).into_body().is_ok());
}

/// `AppliesTo` is the host itself, and one that trusts the service.
#[test]
fn a_token_is_given_for_a_host_that_is_known_and_for_nothing_on_it() {
    let online = Online::new();
    for site in [
        "https://elsewhere.sharepoint.com",
        "https://lakeside.sharepoint.com/sites/lakeside",
        "http://lakeside.sharepoint.com",
        "lakeside",
        "",
    ] {
        assert_eq!(online.refusal(&Ask { site, ..Ask::default() }).0, "0x8004882A", "{site}");
    }
    let site = "https://LAKESIDE.sharepoint.com/";
    assert!(online.ask(&Ask { site, ..Ask::default() }).into_body().is_ok());
    assert_eq!(online.refusal(&Ask { policy: "HBI", ..Ask::default() }).0, "0x80048831");
    assert_eq!(online.refusal(&Ask { action: "urn:other", ..Ask::default() }).0, "0x80048833");
}

#[test]
fn a_request_that_says_another_time_is_refused() {
    let online = Online::new();
    let now = online.sandbox.now();
    let (minute, hour) = (SignedDuration::from_mins(1), SignedDuration::from_hours(1));
    for (created, expires, is_taken) in [
        (now - minute, now + minute, true),
        (now - hour, now - hour + minute, false),
        (now + hour, now + hour + minute, false),
        (now + minute, now - minute, false),
    ] {
        let ask = Ask { stamp: Some((created, expires)), ..Ask::default() };
        let answer = online.ask(&ask).into_body();
        assert_eq!(answer.is_ok(), is_taken, "{created} to {expires}");
    }
}

#[test]
fn what_is_no_request_is_refused_in_the_same_shape() {
    let online = Online::new();
    let good = Ask::default().body();
    let soap_1_1 = good.replace("http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/");
    let elsewhere = good.replace("login.microsoftonline.com", "login.example");
    for body in ["", "t=1", "<a/>", &*soap_1_1, &*elsewhere, &good[..good.len() / 2]] {
        let request = Request::post(format!("{STS}/extSTS.srf"));
        let response = online.send(Service::Identity, request, body.to_owned());
        let envelope = Envelope::parse(response.body(), Limits::default()).expect("an envelope");
        let fault = envelope.into_body().expect_err("a refusal");
        assert_eq!(fault.detail_text("value").as_deref(), Some("0x80048833"), "{body}");
    }
}

/// Each token is good once, for a day, for its host.
#[test]
fn a_token_that_was_used_is_over_or_was_changed_opens_nothing() {
    let online = Online::new();
    let opens = |token: &str| {
        let response = online.turn_in(token);
        let opened = response.headers().contains_key(header::SET_COOKIE);
        assert_eq!(response.status(), if opened { StatusCode::OK } else { StatusCode::FOUND });
        opened
    };
    let token = online.token();
    assert!(!opens(&token.replace("t=", "t=A")) && !opens("t=x.y&p=") && !opens(""));
    assert!(opens(&token), "what was wrong with others does not count against it");
    assert!(!opens(&token), "used");
    let token = online.token();
    online.wait(SignedDuration::from_hours(24));
    assert!(!opens(&token), "over");
}

#[test]
fn a_session_ends_however_much_it_is_used() {
    let online = Online::new();
    let cookies = online.cookies();
    let status = || online.lists(&[("cookie", &cookies)]).status();
    assert_eq!(status(), StatusCode::OK);
    online.wait(CLAIMS_LIFETIME - SignedDuration::from_secs(1));
    assert_eq!(status(), StatusCode::OK);
    online.wait(SignedDuration::from_secs(1));
    assert_eq!(status(), StatusCode::FORBIDDEN);
    let cookies = online.cookies();
    online.sandbox.world().sharepoint_online.claims.as_mut().expect("an online host").expire_sessions();
    assert_eq!(online.lists(&[("cookie", &cookies)]).status(), StatusCode::FORBIDDEN);
}

/// Contract §1, §7: a page is a redirect, a service says 403 and where; Basic says nothing here.
#[test]
fn who_has_no_session_is_shown_the_way_and_basic_is_none() {
    let online = Online::new();
    let Credentials { login, password } = Credentials::online("lakeside");
    let basic = format!("Basic {}", STANDARD.encode(format!("{login}:{password}")));
    for with in [&[][..], &[("authorization", &*basic)], &[("cookie", "FedAuth=made-up; rtFa=x")]] {
        let response = online.lists(with);
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{with:?}");
        let to = response.headers()["x-forms_based_auth_required"].to_str().expect("text");
        assert!(to.starts_with("https://lakeside.sharepoint.com/_forms/default.aspx?ReturnUrl="), "{to}");
        assert!(!response.headers().contains_key(header::WWW_AUTHENTICATE));
        let page = with
            .iter()
            .fold(Request::get(format!("{ONLINE}/sites/lakeside")), |it, (name, value)| it.header(*name, *value));
        let response = online.send(Service::SharePointOnline, page, String::new());
        assert_eq!(response.status(), StatusCode::FOUND, "{with:?}");
        let to = response.headers()[header::LOCATION].to_str().expect("text");
        assert_eq!(to, "/_layouts/Authenticate.aspx?Source=%2Fsites%2Flakeside");
    }
    let office = Request::get(format!("{ONLINE}/sites/lakeside")).header("X-FORMS_BASED_AUTH_ACCEPTED", "f");
    let response = online.send(Service::SharePointOnline, office, String::new());
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

/// MS-AUTHWS R83.
#[test]
fn the_forms_sign_in_of_the_services_is_none_here() {
    let online = Online::new();
    let body = Element::new("http://schemas.microsoft.com/sharepoint/soap/", "Login").with_value("username", USER);
    let bytes = Envelope::new(SoapVersion::V11, body.with_value("password", "x")).to_bytes().expect("XML");
    let request = Request::post(format!("{ONLINE}/sites/lakeside/_vti_bin/Authentication.asmx"));
    let request = request.header(header::CONTENT_TYPE, "text/xml; charset=utf-8");
    let response = online.send(Service::SharePointOnline, request, String::from_utf8(bytes).expect("text"));
    assert!(String::from_utf8_lossy(response.body()).contains("NotInFormsAuthenticationMode"));
    assert!(!response.headers().contains_key(header::SET_COOKIE));
}

/// ST-39: known to the host, and nobody at another tenant's door; no way to a sign-in is shown.
#[test]
fn one_tenants_service_is_nobody_at_the_others() {
    let online = Online::new();
    let cookies = online.cookies();
    let page = Request::get(format!("{ONLINE}/sites/northwind")).header("cookie", &cookies);
    assert_eq!(online.send(Service::SharePointOnline, page, String::new()).status(), StatusCode::FORBIDDEN);
    let lists = Request::post(format!("{ONLINE}/sites/northwind/_vti_bin/Lists.asmx")).header("cookie", &cookies);
    let body = Element::new("http://schemas.microsoft.com/sharepoint/soap/", "GetListCollection");
    let bytes = Envelope::new(SoapVersion::V11, body).to_bytes().expect("XML");
    let lists = lists.header(header::CONTENT_TYPE, "text/xml");
    let response = online.send(Service::SharePointOnline, lists, String::from_utf8(bytes).expect("text"));
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert!(!response.headers().contains_key("x-forms_based_auth_required"));
}

/// A person in a browser chooses who they are, as on the classic host.
#[test]
fn a_person_signs_in_by_the_page() {
    let online = Online::new();
    let ask = Request::get(format!("{ONLINE}/_layouts/Authenticate.aspx?Source=%2Fsites%2Fnorthwind"));
    let response = online.send(Service::SharePointOnline, ask, String::new());
    assert_eq!(response.headers()[header::LOCATION], "/_forms/default.aspx?ReturnUrl=%2Fsites%2Fnorthwind");
    let to = format!("{ONLINE}/_forms/default.aspx?ReturnUrl=%2Fsites%2Fnorthwind");
    let page = online.send(Service::SharePointOnline, Request::get(&to), String::new());
    assert!(String::from_utf8_lossy(page.body()).contains("i:0#.f|membership|adam.able@northwind.example"));
    let chosen = "login=i%3A0%23.f%7Cmembership%7Cadam.able%40northwind.example".to_owned();
    let response = online.send(Service::SharePointOnline, Request::post(&to), chosen);
    assert_eq!(response.headers()[header::LOCATION], "/sites/northwind");
    let home = Request::get(format!("{ONLINE}/sites/northwind")).header("cookie", cookies(&response));
    assert_eq!(online.send(Service::SharePointOnline, home, String::new()).status(), StatusCode::OK);
}

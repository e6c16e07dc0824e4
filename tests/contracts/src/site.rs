//! A seeded SharePoint and the hands to use it with.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use domain::Timestamp;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use sandbox::{
    Addresses,
    sharepoint::{self, Credentials, List, State, Web},
};
use soap::{Element, Envelope, Fault, Limits, SoapVersion};

use crate::record;

/// The namespace of most services.
pub const SOAP: &str = "http://schemas.microsoft.com/sharepoint/soap/";
/// The namespace of `UserGroup` and `Permissions`.
pub const DIRECTORY: &str = "http://schemas.microsoft.com/sharepoint/soap/directory/";
/// The namespace of `WebPartPages`.
pub const PARTS: &str = "http://microsoft.com/sharepoint/webpartpages";
/// Scheme and host.
pub const BASE: &str = "http://sharepoint.example";
/// The collection's top web.
pub const TOP: &str = "/sites/harbour";
/// A web with permissions of its own, made by the page.
pub const WEB: &str = "/sites/harbour/acme";

/// One site collection, used by its service account unless somebody else is named.
#[derive(Clone)]
pub struct Site {
    /// What the host knows.
    pub state: State,
    /// What time it is.
    pub now: Timestamp,
    /// The cookie of who calls instead of the service account; empty for nobody.
    pub cookie: Option<String>,
}

impl Default for Site {
    fn default() -> Self {
        Self::on(State::seeded)
    }
}

impl Site {
    /// A site of the online host, which is of 2010 and signed in to with claims.
    pub fn online() -> Self {
        Self::on(State::seeded_online)
    }

    fn on(seeded: impl Fn(&Addresses, Timestamp) -> State) -> Self {
        let now = "2010-06-15T18:00:00Z".parse().expect("a time");
        let others = Addresses::by_name(|name| format!("http://{name}.example"));
        let addresses = Addresses { sharepoint: BASE.to_owned(), engine: BASE.to_owned(), ..others };
        Self { state: seeded(&addresses, now), now, cookie: None }
    }

    /// With the web [`WEB`].
    pub fn with_web() -> Self {
        let mut site = Self::default();
        site.make_web(TOP, "acme");
        site
    }

    /// Makes a blank web with unique permissions below a parent, by the page.
    pub fn make_web(&mut self, parent: &str, name: &str) {
        let fields = self.new_web_form(parent, name);
        let response = self.submit(parent, &fields);
        assert_eq!(response.status(), StatusCode::FOUND, "{}", text(&response));
    }

    /// The fields of the page that makes webs, filled in and with the button pressed.
    pub fn new_web_form(&mut self, parent: &str, name: &str) -> Vec<(String, String)> {
        let shown = self.send(Request::get(new_web_page(parent)), "");
        let mut fields: Vec<_> = text(&shown).split("<input ").skip(1).filter_map(hidden).collect();
        let section = "ctl00$PlaceHolderMain$";
        for (field, value) in [
            ("idTitleDescSection$ctl01$TxtCreateSubwebTitle", name),
            ("idUrlSection$ctl01$TxtCreateSubwebName", name),
            ("InputFormTemplatePickerControl$ctl00$ctl01$LbWebTemplate", "STS#1"),
            ("idPermSection$ctl01$unique", "radUniqueYes"),
        ] {
            fields.push((format!("{section}{field}"), value.to_owned()));
        }
        fields.retain(|(name, _)| name != "__EVENTTARGET");
        fields.push(("__EVENTTARGET".to_owned(), format!("{section}ctl00$RptControls$BtnCreateSubweb")));
        fields
    }

    /// Sends the page that makes webs.
    pub fn submit(&mut self, parent: &str, fields: &[(String, String)]) -> Response<Bytes> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(new_web_page(parent));
        self.send(request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded"), body)
    }

    /// The web, to be looked at.
    pub fn web(&self) -> &Web {
        self.state.web(WEB).expect("the web is there")
    }

    /// A list of the web, to be looked at.
    pub fn list(&self, title: &str) -> &List {
        self.web().list(title).expect("the list is there")
    }

    /// From now on a person calls, signed in by the page.
    pub fn be(&mut self, login: &str) {
        let request =
            Request::post("/_layouts/login.aspx").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = form_urlencoded::Serializer::new(String::new()).append_pair("login", login).finish();
        self.cookie = Some(String::new());
        let response = self.send(request, body);
        let cookie = response.headers()[header::SET_COOKIE].to_str().expect("a cookie is text");
        self.cookie = Some(cookie.split(';').next().unwrap_or("").to_owned());
    }

    /// From now on the service account calls.
    pub fn be_the_service(&mut self) {
        self.cookie = None;
    }

    /// One request, with whatever proves who sends it.
    pub fn send(&mut self, request: http::request::Builder, body: impl Into<Bytes>) -> Response<Bytes> {
        let request = request.header(header::HOST, "sharepoint.example");
        let request = if let Some(cookie) = &self.cookie {
            request.header(header::COOKIE, cookie)
        } else {
            let Credentials { login, password } = Credentials::of("harbour");
            let basic = STANDARD.encode(format!("{login}:{password}"));
            request.header(header::AUTHORIZATION, format!("Basic {basic}"))
        };
        sharepoint::handle(&mut self.state, &request.body(body.into()).expect("a request"), self.now)
    }

    /// Posts a message as it is, and keeps the answer for the judges. `web` is the path of the web whose service is meant.
    pub fn post(
        &mut self,
        web: &str,
        service: &str,
        headers: &HeaderMap,
        message: impl Into<Bytes>,
    ) -> Response<Bytes> {
        let mut request = Request::builder().method(Method::POST).uri(format!("{web}/_vti_bin/{service}.asmx"));
        request.headers_mut().expect("nothing is wrong so far").extend(headers.clone());
        let response = self.send(request, message);
        if response.status() == StatusCode::OK {
            record("sharepoint", service, &response);
        }
        response
    }

    /// Calls an operation of a service of the web.
    pub fn answer(&mut self, service: &str, body: &Element) -> Response<Bytes> {
        self.answer_at(WEB, service, body)
    }

    /// Calls an operation of a service of another web.
    pub fn answer_at(&mut self, web: &str, service: &str, body: &Element) -> Response<Bytes> {
        let action = format!("\"{}/{}\"", body.name().ns.trim_end_matches('/'), body.local());
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, "text/xml; charset=utf-8".parse().expect("a header"));
        headers.insert("SOAPAction", action.parse().expect("a header"));
        let bytes = Envelope::new(SoapVersion::V11, body.clone()).to_bytes().expect("XML");
        self.post(web, service, &headers, bytes)
    }

    /// The body of the answer, or the fault, which comes with status 500.
    pub fn call(&mut self, service: &str, body: &Element) -> Result<Element, Fault> {
        let response = self.answer(service, body);
        let envelope = Envelope::parse(response.body(), Limits::default()).expect("an envelope");
        let said = envelope.into_body();
        let status = if said.is_ok() { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR };
        assert_eq!(response.status(), status);
        said
    }

    /// The body of an answer that is no fault.
    pub fn ask(&mut self, service: &str, body: &Element) -> Element {
        self.call(service, body).unwrap_or_else(|fault| panic!("{}: {}", body.local(), code(&fault)))
    }

    /// The code of a refusal; `none` where there is a fault without one.
    pub fn refused(&mut self, service: &str, body: &Element) -> String {
        match self.call(service, body) {
            Ok(body) => panic!("not refused: {body:?}"),
            Err(fault) => fault.detail_text("errorcode").unwrap_or_else(|| "none".to_owned()),
        }
    }

    /// Makes a list.
    pub fn add_list(&mut self, title: &str, template: u32) -> Element {
        let template = template.to_string();
        let parts = [("listName", title), ("description", ""), ("templateID", template.as_str())];
        self.ask("Lists", &operation(SOAP, "AddList", &parts))
    }

    /// Stores a file below the web; the result.
    pub fn store(&mut self, path: &str) -> Element {
        let urls = Element::new(SOAP, "DestinationUrls").with_value("string", format!("{BASE}{WEB}/{path}"));
        let body = operation(SOAP, "CopyIntoItems", &[("SourceUrl", "http://null")])
            .with(urls)
            .with(Element::new(SOAP, "Fields"))
            .with_value("Stream", STANDARD.encode(path));
        let reply = self.ask("Copy", &body);
        reply.child("Results").and_then(|results| results.child("CopyResult")).expect("a result").clone()
    }

    /// Carries out a batch on a list; the results.
    pub fn batch(&mut self, list: &str, batch: &str) -> Vec<Element> {
        let body = operation(SOAP, "UpdateListItems", &[("listName", list)])
            .with(Element::new(SOAP, "updates").with(xml(batch)));
        let reply = self.ask("Lists", &body);
        let results = reply.child("UpdateListItemsResult").and_then(|result| result.child("Results"));
        results.into_iter().flat_map(|results| results.all("Result")).cloned().collect()
    }
}

fn new_web_page(parent: &str) -> String {
    format!("{parent}/_layouts/newsbweb.aspx")
}

fn hidden(tag: &str) -> Option<(String, String)> {
    let tag = format!(" {}", tag.split('>').next()?);
    let attribute = |name: &str| {
        let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
        tag[start..].split('"').next().map(ToOwned::to_owned)
    };
    (attribute("type")? == "hidden").then(|| Some((attribute("name")?, attribute("value").unwrap_or_default())))?
}

/// An operation with parameters that are text.
pub fn operation(ns: &str, name: &str, parameters: &[(&str, &str)]) -> Element {
    parameters.iter().fold(Element::new(ns, name), |body, (name, value)| body.with_value(name, value))
}

/// An element written as XML.
pub fn xml(text: &str) -> Element {
    soap::parse(text.as_bytes(), Limits::default()).expect("XML")
}

/// The body of an answer as text.
pub fn text(response: &Response<Bytes>) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

/// The code of a fault, or its text where 2007 gives none.
pub fn code(fault: &Fault) -> String {
    fault.detail_text("errorcode").or_else(|| fault.detail_text("errorstring")).unwrap_or_else(|| fault.reason.clone())
}

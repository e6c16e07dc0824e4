//! A seeded host and the hands to use it with. Requests are our own; shapes follow the contract's samples.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use domain::{SignedDuration, Timestamp};
use http::{Method, Request, Response, StatusCode, header};
use sandbox::{
    Addresses,
    sharepoint::{self, Credentials, Generation, State, Web},
};
use soap::{Element, Envelope, Fault, Limits, SoapVersion};

pub(crate) const SOAP: &str = "http://schemas.microsoft.com/sharepoint/soap/";
pub(crate) const DIRECTORY: &str = "http://schemas.microsoft.com/sharepoint/soap/directory/";
pub(crate) const PARTS: &str = "http://microsoft.com/sharepoint/webpartpages";
pub(crate) const BASE: &str = "http://sharepoint.example";
pub(crate) const HARBOUR: &str = "/sites/harbour";

/// Where the pages' boxes are.
pub(crate) const TITLE: &str = "ctl00$PlaceHolderMain$idTitleDescSection$ctl01$TxtCreateSubwebTitle";
pub(crate) const NAME: &str = "ctl00$PlaceHolderMain$idUrlSection$ctl01$TxtCreateSubwebName";
pub(crate) const TEMPLATE: &str = "ctl00$PlaceHolderMain$InputFormTemplatePickerControl$ctl00$ctl01$LbWebTemplate";
pub(crate) const UNIQUE: &str = "ctl00$PlaceHolderMain$idPermSection$ctl01$unique";
pub(crate) const CREATE: &str = "ctl00$PlaceHolderMain$ctl00$RptControls$BtnCreateSubweb";

pub(crate) struct Host {
    pub(crate) state: State,
    pub(crate) now: Timestamp,
}

/// Who sends a request.
pub(crate) enum As<'a> {
    Nobody,
    Service(&'static str),
    Cookie(&'a str),
}

impl Host {
    pub(crate) fn new() -> Self {
        let now = "2010-06-15T18:00:00Z".parse().expect("a time");
        let others = Addresses::by_name(|name| format!("http://{name}.example"));
        let addresses = Addresses { sharepoint: BASE.to_owned(), engine: BASE.to_owned(), ..others };
        Self { state: State::seeded(&addresses, now), now }
    }

    /// The same host, once it runs 2010.
    pub(crate) fn of_2010() -> Self {
        let mut host = Self::new();
        host.state.generation = Generation::Of2010;
        host
    }

    /// One host of each generation.
    pub(crate) fn both() -> [Self; 2] {
        [Self::new(), Self::of_2010()]
    }

    /// With a web of that name and unique permissions below the harbour's top web.
    pub(crate) fn with_web(name: &str) -> Self {
        let mut host = Self::new();
        let response = host.make_web(name, &[(UNIQUE, "radUniqueYes")]);
        assert_eq!(response.status(), StatusCode::FOUND, "{}", text(&response));
        host
    }

    pub(crate) fn wait(&mut self, by: SignedDuration) {
        self.now += by;
    }

    pub(crate) fn web(&self, path: &str) -> &Web {
        self.state.web(path).expect("the web is there")
    }

    pub(crate) fn send(
        &mut self,
        request: http::request::Builder,
        body: impl Into<Bytes>,
        who: &As<'_>,
    ) -> Response<Bytes> {
        let request = request.header(header::HOST, "sharepoint.example");
        let request = match who {
            As::Nobody => request,
            As::Service(tenant) => {
                let Credentials { login, password } = Credentials::of(tenant);
                request
                    .header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(format!("{login}:{password}"))))
            }
            As::Cookie(cookie) => request.header(header::COOKIE, *cookie),
        };
        let request = request.body(body.into()).expect("a request");
        sharepoint::handle(&mut self.state, &request, self.now)
    }

    pub(crate) fn get(&mut self, path: &str, who: &As<'_>) -> Response<Bytes> {
        self.send(Request::builder().uri(path), "", who)
    }

    pub(crate) fn post(&mut self, path: &str, fields: &[(String, String)], who: &As<'_>) -> Response<Bytes> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, body, who)
    }

    /// Signs a person in by the page; the cookie.
    pub(crate) fn person(&mut self, login: &str) -> String {
        let response = self.post("/_layouts/login.aspx", &[("login".into(), login.into())], &As::Nobody);
        let cookie = response.headers().get(header::SET_COOKIE).expect("a cookie").to_str().expect("text");
        cookie.split(';').next().unwrap_or("").to_owned()
    }

    /// GET and POST of `newsbweb.aspx` for a blank web; `changed` replaces fields.
    pub(crate) fn make_web(&mut self, name: &str, changed: &[(&str, &str)]) -> Response<Bytes> {
        let page = format!("{HARBOUR}/_layouts/newsbweb.aspx");
        let service = As::Service("harbour");
        let shown = self.get(&page, &service);
        assert_eq!(shown.status(), StatusCode::OK);
        let fields = filled(&text(&shown), name, changed);
        self.post(&page, &fields, &service)
    }

    /// Calls an operation as the harbour's service account; the body of the answer.
    pub(crate) fn call(&mut self, web: &str, service: &str, body: &Element) -> Result<Element, Fault> {
        let response = self.call_as(web, service, body, &As::Service("harbour"));
        let envelope = Envelope::parse(response.body(), Limits::default()).expect("an envelope");
        let fault = response.status() == StatusCode::INTERNAL_SERVER_ERROR;
        assert!(fault || response.status() == StatusCode::OK, "{}", response.status());
        envelope.into_body()
    }

    pub(crate) fn call_as(&mut self, web: &str, service: &str, body: &Element, who: &As<'_>) -> Response<Bytes> {
        let action = format!("\"{}/{}\"", body.name().ns.trim_end_matches('/'), body.local());
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{web}/_vti_bin/{service}.asmx"))
            .header(header::CONTENT_TYPE, "text/xml; charset=utf-8")
            .header("SOAPAction", action);
        let bytes = Envelope::new(SoapVersion::V11, body.clone()).to_bytes().expect("XML");
        self.send(request, bytes, who)
    }

    pub(crate) fn add_list(&mut self, web: &str, title: &str, template: u32) -> Result<Element, Fault> {
        let body = operation(
            SOAP,
            "AddList",
            &[("listName", title), ("description", ""), ("templateID", &template.to_string())],
        );
        self.call(web, "Lists", &body)
    }
}

/// The fields of a page as a browser would send them with the button pressed.
pub(crate) fn filled(page: &str, name: &str, changed: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = hidden(page);
    let mut set = |name: &str, value: &str| {
        fields.retain(|(field, _)| field != name);
        fields.push((name.to_owned(), value.to_owned()));
    };
    for (field, value) in
        [("__EVENTTARGET", CREATE), (TITLE, name), (NAME, name), (TEMPLATE, "STS#1"), (UNIQUE, "radUniqueNo")]
    {
        set(field, value);
    }
    for (field, value) in changed {
        set(field, value);
    }
    fields
}

/// The hidden fields of a page.
pub(crate) fn hidden(page: &str) -> Vec<(String, String)> {
    let attribute = |tag: &str, name: &str| {
        let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
        Some(tag[start..].split('"').next().unwrap_or("").to_owned())
    };
    page.split("<input ")
        .skip(1)
        .filter_map(|tag| tag.split('>').next())
        .map(|tag| format!(" {tag}"))
        .filter(|tag| tag.contains(" type=\"hidden\""))
        .map(|tag| (attribute(&tag, "name").unwrap_or_default(), attribute(&tag, "value").unwrap_or_default()))
        .collect()
}

pub(crate) fn operation(ns: &str, name: &str, parameters: &[(&str, &str)]) -> Element {
    parameters.iter().fold(Element::new(ns, name), |body, (name, value)| body.with_value(name, value))
}

/// An element of CAML, written as XML.
pub(crate) fn xml(text: &str) -> Element {
    soap::parse(text.as_bytes(), Limits::default()).expect("XML")
}

pub(crate) fn text(response: &Response<Bytes>) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

pub(crate) fn location(response: &Response<Bytes>) -> &str {
    response.headers().get(header::LOCATION).and_then(|location| location.to_str().ok()).unwrap_or("")
}

/// The code of a fault, or its text where 2007 gives none.
pub(crate) fn code(fault: &Fault) -> String {
    fault.detail_text("errorcode").or_else(|| fault.detail_text("errorstring")).unwrap_or_else(|| fault.code.clone())
}

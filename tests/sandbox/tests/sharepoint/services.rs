//! What holds for every service.

use http::{Method, Request, StatusCode, header};
use soap::{Element, Envelope, Limits, SoapVersion};

use crate::host::{As, HARBOUR, Host, SOAP, code, operation, text};

#[test]
fn what_2007_lacks_is_an_unknown_action() {
    let mut host = Host::new();
    for name in ["CreateWeb", "DeleteWeb", "GetSite", "GetUpdatedFormDigestInformation"] {
        let fault = host.call(HARBOUR, "Sites", &operation(SOAP, name, &[])).expect_err("a fault");
        assert_eq!(fault.code, "Client", "{name}");
        assert!(fault.reason.contains("did not recognize"), "{name}");
    }
}

#[test]
fn a_client_without_an_action_is_understood_by_its_body() {
    let mut host = Host::new();
    let bytes = Envelope::new(SoapVersion::V11, Element::new(SOAP, "GetListCollection")).to_bytes().expect("XML");
    let request = Request::builder()
        .method(Method::POST)
        .uri("/SITES/Harbour/_vti_bin/LISTS.asmx")
        .header(header::CONTENT_TYPE, "text/xml; charset=utf-8");
    assert_eq!(host.send(request, bytes, &As::Service("harbour")).status(), StatusCode::OK);
}

#[test]
fn soap_1_2_is_answered_in_soap_1_2() {
    let mut host = Host::new();
    let bytes = Envelope::new(SoapVersion::V12, Element::new(SOAP, "GetListCollection")).to_bytes().expect("XML");
    let request = Request::builder().method(Method::POST).uri("/sites/harbour/_vti_bin/Lists.asmx").header(
        header::CONTENT_TYPE,
        format!("application/soap+xml; charset=utf-8; action=\"{SOAP}GetListCollection\""),
    );
    let response = host.send(request, bytes, &As::Service("harbour"));
    let envelope = Envelope::parse(response.body(), Limits::default()).expect("an envelope");
    assert_eq!(envelope.version, SoapVersion::V12);
}

/// A misspelt element must fail, not agree.
#[test]
fn a_parameter_of_another_name_or_namespace_is_not_heard() {
    let mut host = Host::with_web("acme");
    let misspelt = operation(SOAP, "AddList", &[("ListName", "Contracts"), ("templateID", "101")]);
    assert!(host.call("/sites/harbour/acme", "Lists", &misspelt).is_err());
    let bare =
        operation(SOAP, "AddList", &[("templateID", "101")]).with(Element::new("", "listName").with_text("Contracts"));
    assert!(host.call("/sites/harbour/acme", "Lists", &bare).is_err());
    let elsewhere = operation("http://example.org/", "AddList", &[("listName", "Contracts"), ("templateID", "101")]);
    assert!(host.call("/sites/harbour/acme", "Lists", &elsewhere).is_err());
    assert!(host.web("/sites/harbour/acme").lists.is_empty());
}

#[test]
fn what_is_no_soap_is_refused() {
    let mut host = Host::new();
    let mut send = |method: Method, kind: &str, body: &'static str| {
        let request = Request::builder()
            .method(method)
            .uri("/sites/harbour/_vti_bin/Lists.asmx")
            .header(header::CONTENT_TYPE, kind);
        host.send(request, body, &As::Service("harbour")).status().as_u16()
    };
    assert_eq!(send(Method::GET, "text/xml", ""), 405);
    assert_eq!(send(Method::POST, "text/plain", "x"), 415);
    assert_eq!(send(Method::POST, "text/xml", "<a><b></a>"), 500);
    assert_eq!(send(Method::POST, "text/xml", "<!DOCTYPE a><a/>"), 500);
}

#[test]
fn a_list_that_is_not_there_is_complained_about_as_2007_does() {
    let mut host = Host::new();
    let mut ask = |name: &str| {
        let fault =
            host.call(HARBOUR, "Lists", &operation(SOAP, "GetList", &[("listName", name)])).expect_err("a fault");
        code(&fault)
    };
    // No 0x82000006 (MS-LISTSWS R2452).
    assert!(ask("Nope").starts_with("GUID should contain 32 digits"));
    assert_eq!(ask("{6F33949A-B3FF-4B0C-BA99-93CB518AC2C0}"), "0x81020026");
}

#[test]
fn a_switched_on_error_has_the_shape_of_its_request() {
    let request = |path: &str| Request::builder().uri(path).body(bytes::Bytes::new()).expect("a request");
    let fault = sandbox::sharepoint::refusal(&request("/sites/harbour/_vti_bin/Lists.asmx"), "0x81020026");
    assert!(text(&fault).contains("<errorcode") && text(&fault).contains("0x81020026"));
    let page = sandbox::sharepoint::refusal(&request("/sites/harbour/_layouts/newsbweb.aspx"), "0x81020026");
    assert!(text(&page).contains("ctl00_PlaceHolderMain_LabelMessage"));
}

//! What holds for every operation: the transport, faults, and the element that answers.

use bytes::Bytes;
use contracts::{BASE, DIRECTORY, SOAP, Site, TOP, WEB, operation, text};
use http::{HeaderMap, Response, header};
use soap::{Element, Envelope, Limits, SoapVersion};

use crate::{holding, with_lists};

/// Each operation in use with what makes it succeed, and the names inside of its answer, in order.
fn operations() -> Vec<(&'static str, Element, &'static [&'static str])> {
    let on = |name: &str, list: &str| crate::on(name, list);
    let file = format!("{BASE}{WEB}/Contracts/a.docx");
    let copy = operation(SOAP, "CopyIntoItems", &[("SourceUrl", "http://null")])
        .with(Element::new(SOAP, "DestinationUrls").with_value("string", &file))
        .with(Element::new(SOAP, "Fields"))
        .with_value("Stream", "eA==");
    let view = on("AddView", "Tasks")
        .with_value("viewName", "Open")
        .with(holding("viewFields", "<ViewFields/>"))
        .with(holding("query", "<Query/>"));
    let batch = holding("updates", r#"<Batch><Method ID="1" Cmd="Delete"><Field Name="ID">1</Field></Method></Batch>"#);
    let plain = |name: &str, parts: &[(&str, &str)]| operation(SOAP, name, parts);
    vec![
        ("Lists", plain("AddList", &[("listName", "New"), ("templateID", "100")]), &["AddListResult"]),
        ("Lists", plain("GetListCollection", &[]), &["GetListCollectionResult"]),
        ("Lists", on("GetList", "Tasks"), &["GetListResult"]),
        ("Lists", on("GetListItems", "Tasks"), &["GetListItemsResult"]),
        ("Lists", on("UpdateList", "Tasks"), &["UpdateListResult"]),
        ("Lists", on("UpdateListItems", "Tasks").with(batch), &["UpdateListItemsResult"]),
        ("Copy", copy, &["CopyIntoItemsResult", "Results"]),
        ("Copy", plain("GetItem", &[("Url", &file)]), &["GetItemResult", "Fields", "Stream"]),
        ("Lists", plain("CheckOutFile", &[("pageUrl", &file), ("checkoutToLocal", "false")]), &["CheckOutFileResult"]),
        ("Lists", plain("CheckInFile", &[("pageUrl", &file), ("CheckinType", "1")]), &["CheckInFileResult"]),
        ("Views", view, &["AddViewResult"]),
        ("Views", on("GetView", "Tasks"), &["GetViewResult"]),
        ("Views", on("GetViewCollection", "Tasks"), &["GetViewCollectionResult"]),
        ("Views", on("DeleteView", "Tasks"), &[]),
        ("Lists", on("DeleteList", "General"), &[]),
        ("Webs", plain("GetWeb", &[("webUrl", &format!("{BASE}{WEB}"))]), &["GetWebResult"]),
        ("Webs", plain("GetWebCollection", &[]), &["GetWebCollectionResult"]),
        ("Webs", plain("GetAllSubWebCollection", &[]), &["GetAllSubWebCollectionResult"]),
        ("Webs", plain("GetListTemplates", &[]), &["GetListTemplatesResult"]),
        ("Webs", plain("WebUrlFromPageUrl", &[("pageUrl", &file)]), &["WebUrlFromPageUrlResult"]),
        ("Sites", plain("GetUpdatedFormDigest", &[]), &["GetUpdatedFormDigestResult"]),
        ("Sites", plain("GetSiteTemplates", &[("LCID", "1033")]), &["GetSiteTemplatesResult", "TemplateList"]),
        ("Authentication", plain("Mode", &[]), &["ModeResult"]),
        ("Authentication", plain("Login", &[("username", "x"), ("password", "x")]), &["LoginResult"]),
        // Without a requirement table.
        ("UserGroup", operation(DIRECTORY, "GetGroupCollectionFromSite", &[]), &["GetGroupCollectionFromSiteResult"]),
        (
            "Permissions",
            operation(DIRECTORY, "GetPermissionCollection", &[("objectName", "Tasks"), ("objectType", "List")]),
            &["GetPermissionCollectionResult"],
        ),
    ]
}

/// Each answer begins with the operation's own element, in the namespace of the service.
///
/// MS-LISTSWS R340, R1593, R389, R1648, R405, R1671, R519, R1742, R528, R554, R1768, R581, R1795, R723, R1918, R883,
/// R2046, R905, R2072, R888, R16381, R16611, R1638, R1661;
/// MS-VIEWSS R92, R262, R105, R281, R108, R291, R112, R299;
/// MS-WEBSS R143, R150, R299, R305, R345, R355, R367, R375, R619, R627, R1012, R1015, R892, R894, R938,
/// R941, R950, R953, R957, R960;
/// MS-SITESS R140, R146, R201, R207, R5361; MS-COPYS R171, R184, R204, R239, R241;
/// MS-AUTHWS R51, R57, R59, R67, R89, R95, R97, R103
#[test]
fn every_operation_is_answered_by_its_own_element() {
    let mut site = with_lists();
    for (service, body, names) in operations() {
        let answer = site.ask(service, &body);
        let expected = (&*body.name().ns, format!("{}Response", body.local()));
        assert_eq!((&*answer.name().ns, answer.local().to_owned()), expected);
        assert_eq!(answer.children().map(Element::local).collect::<Vec<_>>(), names, "{}", body.local());
    }
}

fn post(site: &mut Site, version: SoapVersion, body: &Element) -> Response<Bytes> {
    let mut headers = HeaderMap::new();
    let action = format!("{SOAP}{}", body.local());
    headers.insert(header::CONTENT_TYPE, version.content_type(&action).parse().expect("a header"));
    if version == SoapVersion::V11 {
        headers.insert("SOAPAction", format!("\"{action}\"").parse().expect("a header"));
    }
    let message = Envelope::new(version, body.clone()).to_bytes().expect("XML");
    site.post(WEB, "Lists", &headers, message)
}

/// One message in either version is answered in that version.
///
/// MS-LISTSWS R1, R4; MS-VIEWSS R1, R4; MS-WEBSS R1, R665, R1040; MS-SITESS R3, R5; MS-COPYS R3, R6, R7;
/// MS-AUTHWS R1, R3, R122, R123
#[test]
fn soap_of_both_versions_is_understood_over_http() {
    let mut site = with_lists();
    for (version, kind) in [(SoapVersion::V11, "text/xml"), (SoapVersion::V12, "application/soap+xml")] {
        let answer = post(&mut site, version, &crate::on("GetList", "Tasks"));
        assert_eq!(answer.status(), 200);
        let said = answer.headers()[header::CONTENT_TYPE].to_str().expect("text");
        assert!(said.starts_with(kind), "{said}");
        let envelope = Envelope::parse(answer.body(), Limits::default()).expect("an envelope");
        assert_eq!(envelope.version, version);
    }
}

/// A refusal is a fault with status 500 and the details of the service, an absent page a status of HTTP, and so is
/// somebody whom the server does not let in.
///
/// MS-LISTSWS R7; MS-VIEWSS R5, R8030, R159, R41; MS-WEBSS R1041, R1042; MS-SITESS R6, R365, R366, R9, R421, R422;
/// MS-COPYS R8, R9, R22, R24, R26; MS-AUTHWS R4, R5
#[test]
fn a_refusal_is_a_fault_or_a_status() {
    let mut site = with_lists();
    for version in [SoapVersion::V11, SoapVersion::V12] {
        let answer = post(&mut site, version, &crate::on("AddList", "Tasks").with_value("templateID", "100"));
        assert_eq!(answer.status(), 500);
        let fault = Envelope::parse(answer.body(), Limits::default()).expect("an envelope").into_body();
        let detail = fault.expect_err("a fault").detail.expect("a detail");
        let names: Vec<_> = detail.children().map(|child| (&*child.name().ns, child.local())).collect();
        assert_eq!(names, [(SOAP, "errorstring"), (SOAP, "errorcode")]);
        let code = detail.child_text("errorcode");
        assert!(code.len() == 10 && u32::from_str_radix(&code[2..], 16).is_ok(), "{code}");
    }
    // The code may be left out.
    let answer = post(&mut site, SoapVersion::V11, &crate::on("GetList", "no such list"));
    assert!(answer.status() == 500 && !text(&answer).contains("errorcode"));
    let answer = site.answer_at(TOP, "Nope", &Element::new(SOAP, "GetList"));
    assert!(answer.status().is_client_error(), "a page that is absent: {}", answer.status());
    site.cookie = Some("none=1".to_owned());
    let answer = site.answer_at(TOP, "Lists", &Element::new(SOAP, "GetListCollection"));
    let status = answer.status();
    assert!(status.is_redirection() || status.is_client_error(), "somebody who is not let in: {status}");
}

/// Whatever the operation, a list that is neither an id's nor a title's is complained about in the same words, without a
/// code. (The code came with 2010.)
///
/// MS-LISTSWS R2448, R2452, R2489, R2504, R2510; MS-VIEWSS R13
#[test]
fn a_list_that_is_not_there_is_a_fault_without_a_code() {
    let mut site = with_lists();
    let batch = holding("updates", "<Batch/>");
    let view = crate::on("AddView", "Nope").with_value("viewName", "x");
    for (service, body) in [
        ("Lists", crate::on("DeleteList", "Nope")),
        ("Lists", crate::on("GetList", "Nope")),
        ("Lists", crate::on("GetListItems", "Nope")),
        ("Lists", crate::on("UpdateList", "Nope")),
        ("Lists", crate::on("UpdateListItems", "Nope").with(batch)),
        ("Views", view),
        ("Views", crate::on("DeleteView", "Nope")),
        ("Views", crate::on("GetView", "Nope")),
        ("Views", crate::on("GetViewCollection", "Nope")),
    ] {
        let fault = site.call(service, &body).expect_err("a fault");
        assert_eq!(fault.detail_text("errorcode"), None, "{}", body.local());
        let said = fault.detail_text("errorstring").expect("a text");
        assert!(said.starts_with("GUID should contain 32 digits with 4 dashes"), "{}: {said}", body.local());
    }
}

/// A list is named by its id or by its title; a title that looks like an id is one.
///
/// MS-LISTSWS R520, R521, R524, R555, R556, R557, R724, R725, R726, R884, R885, R906, R907, R908
#[test]
fn a_list_is_named_by_its_id_or_by_its_title() {
    let odd = "{6F33949A-B3FF-4B0C-BA99-93CB518AC2C0}";
    for by_id in [true, false] {
        for title in ["Lost and found", odd] {
            let mut site = Site::with_web();
            site.add_list(title, 100);
            let name = if by_id { sandbox::sharepoint::braced(site.list(title).id) } else { title.to_owned() };
            let described = site.ask("Lists", &crate::on("GetList", &name));
            assert_eq!(crate::attribute(crate::found(&described, "List"), "Title"), title);
            let new = r#"<Batch><Method ID="1" Cmd="New"><Field Name="Title">x</Field></Method></Batch>"#;
            site.ask("Lists", &crate::on("UpdateListItems", &name).with(holding("updates", new)));
            let rows = site.ask("Lists", &crate::on("GetListItems", &name));
            assert_eq!(crate::attribute(crate::found(&rows, "data"), "ItemCount"), "1");
            let settings = holding("listProperties", r#"<List Description="by a name"/>"#);
            site.ask("Lists", &crate::on("UpdateList", &name).with(settings));
            assert_eq!(site.list(title).description, "by a name");
            site.ask("Lists", &crate::on("DeleteList", &name));
            assert!(site.web().list(title).is_none(), "{title}");
        }
    }
}

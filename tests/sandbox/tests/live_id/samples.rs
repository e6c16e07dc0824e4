//! The contract's samples: what real clients were recorded with is taken, and our replies have the shape of the samples.

#![allow(clippy::print_stdout, reason = "a test that is skipped says so")]

use std::{fs, path::PathBuf};

use sandbox::{
    Service,
    live_id::{DEVICES, Device, TOKENS},
};
use soap::{Element, Limits};

use crate::{
    MEMBER, PASSWORD, Rst, ask,
    crm_online::{PASSPORT, answered},
    post, register, sandbox, token,
};

/// The contract's folder beside the checkout, if it is there.
fn contracts() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/contracts/dynamics/samples");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "the contracts are absent");
    println!("skipped: the contracts are absent");
    None
}

/// What real clients send, with our values in the places that the recordings leave open.
#[test]
fn the_recorded_requests_of_other_clients_are_taken() {
    let Some(folder) = contracts() else { return };
    let sandbox = sandbox();
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a sample");
    let Device { name, password } = Device::LAKESIDE;
    let filled = |sample: &str, more: &[(&str, &str)]| {
        let values = [
            ("%CLIENT_GUID%", "6c2f41e8-2f0c-4b6f-9b8e-0d4c7f3f8a10"),
            ("%DEVICE_NAME%", name),
            ("%DEVICE_PASSWORD%", password),
            ("%USERNAME%", MEMBER),
            ("%PASSWORD%", PASSWORD),
            ("%PARTNER%", "crm.dynamics.com"),
            ("%SERVER%", "crm.test"),
            ("%POLICY%", "MBI_SSL"),
            ("%ORGANIZATION%", "lakeside"),
        ];
        values.iter().chain(more).fold(read(sample), |text, (from, to)| text.replace(from, to))
    };
    assert_eq!(register(&sandbox, &filled("liveid/sdk40-device-add-request.xml", &[])), Ok(()));
    let device = ask(&sandbox, &filled("liveid/sdk40-rst-device.xml", &[])).expect("a device token");
    let device = token(&device).to_xml().expect("XML");
    ask(&sandbox, &filled("liveid/sdk40-rst-user.xml", &[("%DEVICE_TOKEN_INNERXML%", &device)])).expect("a ticket");
    let places = [("{0}", "http://liveid.test/wstlogin.srf"), ("{1}", MEMBER), ("{2}", PASSWORD), ("{3}", "crm.test")];
    ask(&sandbox, &filled("liveid/gooddata-rst-mbi_ssl.xml", &places)).expect("a ticket");
    let ticket = ask(&sandbox, &filled("liveid/gooddata-rst-wstlogin.xml", &[])).expect("a ticket");
    let ticket = token(&ticket).text();
    let soap12 = |path: &str, sample: &str, more: &[(&str, &str)]| {
        let body = filled(sample, more);
        answered(&post(&sandbox, Service::Crm, path, "application/soap+xml", &body)).expect("an answer")
    };
    let policy = soap12(PASSPORT, "crm4/gooddata-discovery-RetrievePolicy.template.xml", &[]);
    assert_eq!(policy.required("Response").expect("a response").child_text("Policy"), "MBI_SSL");
    let ticket = [("%LIVEID%", &*ticket)];
    let issued = soap12(PASSPORT, "crm4/gooddata-discovery-RetrieveCrmTicket-passport.template.xml", &ticket);
    let issued = issued.required("Response").expect("a response").child_text("CrmTicket");
    let query = [
        ("%CRMTICKET%", &*issued),
        ("%ENTITY%", "account"),
        ("%ATTRIBUTES%", "<ns4:Attribute>name</ns4:Attribute>"),
        ("%PAGENUMBER%", "1"),
        ("%PAGECOOKIE%", ""),
        ("%PAGECOUNT%", "50"),
    ];
    let page =
        soap12("/MSCRMServices/2007/CrmService.asmx", "crm4/gooddata-RetrieveMultiple-passport.template.xml", &query);
    let found =
        page.required("RetrieveMultipleResult").and_then(|it| it.required("BusinessEntities")).expect("records");
    assert_eq!(found.children().count(), 6);
    // The generation after: its policy is not CRM 4.0's, its device request is the same service's.
    let rst = read("liveid/crm2011-rst-device.xml")
        .replace("{deviceUsername}", &format!("11{name}"))
        .replace("{devicePassword}", password)
        .replace("{liveIdAppliesTo}", "http://Passport.NET/tb")
        .replace("{issuer}", "http://liveid.test/wstlogin.srf")
        .replace("{timeCreated}", "2010-06-17T09:00:00Z")
        .replace("{timeExpires}", "2010-06-17T09:05:00Z");
    ask(&sandbox, &rst).expect("a device token");
}

/// Our replies are the contract's, element by element; only values differ.
#[test]
fn replies_and_faults_have_the_shape_of_the_contracts_samples() {
    let Some(folder) = contracts() else { return };
    let sample =
        |name: &str| soap::parse(&fs::read(folder.join(name)).expect("a sample"), Limits::default()).expect("XML");
    let sandbox = sandbox();
    let reply = |rst: &str| {
        let response = post(&sandbox, Service::LiveId, TOKENS, "application/soap+xml", rst);
        soap::parse(response.body(), Limits::default()).expect("XML")
    };
    let rst = Rst::of_user(String::new());
    assert_eq!(shape(&reply(&rst.to_xml()), 0), shape(&sample("liveid/rstr-user-passport.authored.xml"), 0));
    let wrong = Rst { password: "wrong".to_owned(), ..rst };
    assert_eq!(
        reply(&wrong.to_xml()).child("Body").map(|it| shape(it, 0)),
        sample("liveid/fault-passport.authored.xml").child("Body").map(|it| shape(it, 0))
    );
    let Device { name, password } = Device::LAKESIDE;
    let body = fs::read_to_string(folder.join("liveid/sdk40-device-add-request.xml")).expect("a sample");
    let body = body.replace("%CLIENT_GUID%", "6c2f41e8-2f0c-4b6f-9b8e-0d4c7f3f8a10");
    let body = body.replace("%DEVICE_NAME%", name).replace("%DEVICE_PASSWORD%", password);
    let response = post(&sandbox, Service::LiveId, DEVICES, "application/soap+xml", &body);
    let added = soap::parse(response.body(), Limits::default()).expect("XML");
    assert_eq!(shape(&added, 0), shape(&sample("liveid/device-add-response.authored.xml"), 0));
}

/// Names of elements and attributes, in order, indented by their depth.
fn shape(element: &Element, depth: usize) -> String {
    let attributes: Vec<_> = element.attributes().map(|(name, _)| name).collect();
    let below: Vec<_> = element.children().map(|child| shape(child, depth + 1)).collect();
    format!("{:depth$}{:?} {attributes:?}\n{}", "", element.name(), below.concat())
}

//! The contract's sample requests of CRM 4.0 are understood: derived from the schema there, two of them recorded.

use std::path::PathBuf;

use http::Request;

use super::{DISCOVERY_PATH, Desk, SERVICE_PATH, outcome};
use crate::crm::{handle, operation, wire::ns};

/// The folder of the samples, if the contracts are beside the project.
fn samples() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/contracts/dynamics/samples/crm4");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "the contracts are absent");
    println!("skipped: the contracts are absent");
    None
}

/// Answers that a sample may get besides a result: its record is not in the seed, or its entity or message is not one
/// that the simulator has.
const HONEST: [&str; 4] = ["0x80040217", "0x80041102", "0x80040203", "0x80048405"];

#[test]
fn every_sample_request_is_understood() {
    let Some(folder) = samples() else { return };
    let mut understood = 0;
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if !name.ends_with(".request.xml") {
            continue;
        }
        let mut desk = Desk::harbour();
        let sample = std::fs::read_to_string(&path).expect("a sample");
        // The samples are of CRM Online (1), or of Windows (0) without a ticket; the desk is of an IFD deployment.
        let kind = |number: u8, ticket: &str| {
            format!("<AuthenticationType xmlns=\"{}\">{number}</AuthenticationType>{ticket}", ns::CORE_TYPES)
        };
        let ticket = format!("<CrmTicket xmlns=\"{}\">{}</CrmTicket>", ns::CORE_TYPES, desk.ticket);
        let sample = sample.replace("contoso", "harbour").replace("TICKET+BASE64==", &desk.ticket);
        let sample = sample.replace(&kind(0, ""), &kind(2, &ticket)).replace(&kind(1, ""), &kind(2, ""));
        let path = if name.starts_with("discovery") { DISCOVERY_PATH } else { SERVICE_PATH };
        let request = Request::post(path).header("content-type", "text/xml").body(sample.into()).expect("a request");
        assert_ne!(operation(&request), "unreadable", "{name}");
        if let Err(code) = outcome(&handle(&mut desk.state, &request, desk.now)) {
            assert!(HONEST.contains(&code.as_str()), "{name}: {code}");
        }
        understood += 1;
    }
    assert!(understood >= 20, "only {understood} samples");
}

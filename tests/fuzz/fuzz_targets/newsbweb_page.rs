//! The page that makes webs, through the real client: what is sent is of the page's form, once, to the same host.
#![no_main]

use fuzz::canary;
use hostile::readers::make_web;
use libfuzzer_sys::fuzz_target;

/// What the client fills in; see `Robust client` of the contract.
const OURS: [&str; 6] = [
    "__EVENTTARGET",
    "TxtCreateSubwebTitle",
    "TxtCreateSubwebDescription",
    "TxtCreateSubwebName",
    "LbWebTemplate",
    "idPermSection",
];

fuzz_target!(|page: &[u8]| {
    let (outcome, calls, posted) = make_web(page);
    assert_eq!(calls, if posted.is_some() { 2 } else { 1 }, "the page is asked for once and sent at most once");
    let Some(posted) = posted else {
        return assert!(outcome.is_err(), "nothing was sent and nothing said");
    };
    assert_eq!(
        (posted.to.scheme(), posted.to.host_str(), posted.to.port()),
        ("https", Some("sites.test.example"), None)
    );
    let page = String::from_utf8_lossy(page);
    for (name, value) in &posted.fields {
        // A page without references holds its names and values as they are sent.
        let is_in_page =
            |text: &str| page.contains('&') || page.contains('\0') || page.contains('\r') || page.contains(text);
        assert!(is_in_page(name), "a field that the page does not have: {name}");
        let ours = OURS.iter().any(|part| name.contains(part));
        assert!(ours || value == "on" || is_in_page(value), "a value that the page does not have: {name}");
    }
    for part in &OURS[..5] {
        let filled = posted.fields.iter().filter(|(name, _)| name == part || name.ends_with(&format!("${part}")));
        assert!(filled.count() > 0, "{part} is not sent");
    }
    const SEEN: [&str; 2] = ["0xAB,01 Mar 2026 12:00:00 -0000", "/wEPDwUK+="];
    canary!(posted.fields.iter().any(|(name, value)| {
        (name == "__REQUESTDIGEST" || name == "__VIEWSTATE") && !SEEN.contains(&value.as_str())
    }));
});

//! The guard on addresses. The first line of the input is an entry of a list, the second an address.
#![no_main]

use std::net::IpAddr;

use fuzz::canary;
use libfuzzer_sys::fuzz_target;
use transport::{Guard, is_public};
use url::{Host, Url};

const LIST: [&str; 2] = ["sharepoint.com", "crm4.dynamics.com"];

fuzz_target!(|text: &str| {
    let (entry, address) = text.split_once('\n').unwrap_or(("", text));
    let Ok(url) = Url::parse(address) else { return };
    if Guard::new(&LIST).expect("a list").check(&url).is_ok() {
        let host = judge(&url);
        let is_listed = LIST.iter().any(|domain| host == *domain || host.ends_with(&format!(".{domain}")));
        assert!(is_listed && url.domain().is_some(), "an address off the list: {url}");
        canary!(host.contains("xn--") && url.query().is_some());
    }
    let Ok(guard) = Guard::new(&[entry]) else { return };
    if guard.check(&url).is_ok() {
        let host = judge(&url);
        let Ok(listed) = Host::parse(entry) else { panic!("a list of what is no host") };
        match (listed, url.host().expect("a host")) {
            (Host::Domain(listed), Host::Domain(_)) => {
                assert!(host == listed || host.ends_with(&format!(".{listed}")), "an address off the list: {url}");
                assert!(listed.split('.').count() >= 2, "a whole top-level domain");
            }
            (listed, found) => assert_eq!(address_of(&listed), address_of(&found.to_owned()), "another address: {url}"),
        }
    }
});

/// What every allowed address is; its host.
fn judge(url: &Url) -> String {
    let again = Url::parse(url.as_str()).expect("what is sent can be read");
    assert_eq!(again, *url, "two parsers would disagree");
    assert_eq!((again.scheme(), again.port_or_known_default()), ("https", Some(443)));
    assert!(again.username().is_empty() && again.password().is_none());
    match again.host().expect("a host") {
        Host::Domain(name) => {
            assert!(name.parse::<IpAddr>().is_err(), "an address in the place of a name");
            assert!(name.split('.').all(|label| !label.is_empty()), "a name with an empty label: {url}");
        }
        other => assert!(address_of(&other.to_owned()).is_some_and(is_public), "an address that is not public: {url}"),
    }
    again.host_str().expect("a host").to_owned()
}

fn address_of(host: &Host<String>) -> Option<IpAddr> {
    match host {
        Host::Domain(_) => None,
        Host::Ipv4(v4) => Some(IpAddr::V4(*v4)),
        Host::Ipv6(v6) => Some(IpAddr::V6(*v6).to_canonical()),
    }
}

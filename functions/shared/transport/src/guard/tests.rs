//! The guard against a table of addresses, and against generated ones.

use proptest::prelude::*;

use super::*;

/// A public address that one test connection lists.
const LISTED: &str = "20.50.2.1";
const LISTED_V6: &str = "[2603:1020::7]";

fn guard() -> Guard {
    Guard::new(&["sharepoint.com", "Crm4.Dynamics.com", LISTED, LISTED_V6]).unwrap()
}

fn verdict(guard: &Guard, url: &str) -> Result<(), GuardError> {
    guard.check(&Url::parse(url).unwrap_or_else(|e| panic!("{url}: {e}")))
}

/// A5: hosts on the list, and spellings that WHATWG turns into them, are allowed.
#[test]
fn addresses_on_the_list_are_allowed() {
    for url in [
        "https://sharepoint.com/",
        "https://tenant.sharepoint.com/sites/x?y=1#z",
        "https://a.b.c.sharepoint.com",
        "https://tenant.sharepoint.com:443/",
        "HTTPS://TENANT.SHAREPOINT.COM/",
        "https:tenant.sharepoint.com/",
        "https:\\\\tenant.sharepoint.com\\x",
        "https://org.crm4.dynamics.com/MSCRMServices/2007/CrmService.asmx",
        "https://tenant%2esharepoint.com/",
        "https://tenant。sharepoint.com/",
        "https://ｔenant.sharepoint.com/",
        "https://@tenant.sharepoint.com/",
        "https://bücher.sharepoint.com/",
        "https://20.50.2.1/",
        "https://0x14.0x32.2.1/",
        "https://[2603:1020::7]/",
        "https://[::ffff:20.50.2.1]/",
    ] {
        assert_eq!(verdict(&guard(), url), Ok(()), "{url}");
    }
}

/// A5: everything else is refused, with the rule that was broken.
#[test]
fn addresses_off_the_list_are_refused_by_the_rule_they_break() {
    use GuardError::{Host, NotPublic, Port, Scheme, UserInfo};
    for (url, rule) in [
        ("http://tenant.sharepoint.com/", Scheme),
        ("http://tenant.sharepoint.com:443/", Scheme),
        ("ftp://tenant.sharepoint.com/", Scheme),
        ("ws://tenant.sharepoint.com/", Scheme),
        ("wss://tenant.sharepoint.com/", Scheme),
        ("file://tenant.sharepoint.com/etc/passwd", Scheme),
        ("gopher://tenant.sharepoint.com:443/", Scheme),
        ("file:///etc/passwd", Host),
        ("data:text/plain,x", Host),
        ("javascript:alert(1)", Host),
        ("https://user@tenant.sharepoint.com/", UserInfo),
        ("https://user:secret@tenant.sharepoint.com/", UserInfo),
        ("https://:secret@tenant.sharepoint.com/", UserInfo),
        ("https://tenant.sharepoint.com@evil.test/", UserInfo),
        ("https://tenant.sharepoint.com:443@evil.test/", UserInfo),
        ("https://tenant.sharepoint.com:80/", Port),
        ("https://tenant.sharepoint.com:8443/", Port),
        ("https://tenant.sharepoint.com:22/", Port),
        ("https://tenant.sharepoint.com:0/", Port),
        ("https://evil.test/", Host),
        ("https://evil.test/tenant.sharepoint.com", Host),
        ("https://evil.test?tenant.sharepoint.com", Host),
        ("https://evil.test#tenant.sharepoint.com", Host),
        ("https://evil.test\\@tenant.sharepoint.com/", Host),
        ("https://evil.test\\.sharepoint.com/", Host),
        ("https://tenant.sharepoint.com.evil.test/", Host),
        ("https://evilsharepoint.com/", Host),
        ("https://-sharepoint.com/", Host),
        ("https://sharepoint.com./", Host),
        ("https://tenant.sharepoint.com./", Host),
        ("https://.sharepoint.com/", Host),
        ("https://..sharepoint.com/", Host),
        ("https://tenant..sharepoint.com/", Host),
        ("https://.tenant.sharepoint.com/", Host),
        ("https://sharepoint.co/", Host),
        ("https://com/", Host),
        ("https://dynamics.com/", Host),
        ("https://org.crm.dynamics.com/", Host),
        ("https://tenant-sharepoint.com/", Host),
        ("https://shаrepoint.com/", Host), // a Cyrillic letter
        ("https://localhost/", Host),
        ("https://metadata.google.internal/", Host),
        ("https://20.50.2.2/", Host),
        ("https://8.8.8.8/", Host),
        ("https://[2603:1020::8]/", Host),
        ("https://169.254.169.254/latest/meta-data/", NotPublic),
        ("https://169.254.169.254./", NotPublic),
        ("https://2852039166/", NotPublic),
        ("https://0xa9fea9fe/", NotPublic),
        ("https://0251.0376.0251.0376/", NotPublic),
        ("https://169.254.43518/", NotPublic),
        ("https://①⑥⑨.254.169.254/", NotPublic),
        ("https://169。254。169。254/", NotPublic),
        ("https://%31%36%39.254.169.254/", NotPublic),
        ("https://127.0.0.1/", NotPublic),
        ("https://127.1/", NotPublic),
        ("https://0x7f.1/", NotPublic),
        ("https://2130706433/", NotPublic),
        ("https://017700000001/", NotPublic),
        ("https://0/", NotPublic),
        ("https://10.0.0.1/", NotPublic),
        ("https://172.16.0.1/", NotPublic),
        ("https://192.168.1.1/", NotPublic),
        ("https://100.64.0.1/", NotPublic),
        ("https://198.18.0.1/", NotPublic),
        ("https://224.0.0.1/", NotPublic),
        ("https://255.255.255.255/", NotPublic),
        ("https://[::1]/", NotPublic),
        ("https://[::]/", NotPublic),
        ("https://[::ffff:169.254.169.254]/", NotPublic),
        ("https://[::ffff:a9fe:a9fe]/", NotPublic),
        ("https://[::169.254.169.254]/", NotPublic),
        ("https://[64:ff9b::a9fe:a9fe]/", NotPublic),
        ("https://[2002:a9fe:a9fe::]/", NotPublic),
        ("https://[2001::a9fe:a9fe]/", NotPublic),
        ("https://[fd00:ec2::254]/", NotPublic),
        ("https://[fe80::1]/", NotPublic),
        ("https://[ff02::1]/", NotPublic),
        ("https://[2001:db8::1]/", NotPublic),
    ] {
        assert_eq!(verdict(&guard(), url), Err(rule), "{url}");
    }
}

/// A5: the sandbox opens this machine and nothing else.
#[test]
fn the_sandbox_allows_this_machine_only() {
    let guard = Guard::sandbox(&["sharepoint.com"]).unwrap();
    for url in [
        "http://127.0.0.1:8080/x",
        "http://127.9.9.9/",
        "https://127.0.0.1:8443/",
        "http://[::1]:5/",
        "http://[::ffff:127.0.0.1]:5/",
        "http://localhost:1234/",
        "https://localhost/",
        "https://tenant.sharepoint.com/",
    ] {
        assert_eq!(verdict(&guard, url), Ok(()), "{url}");
    }
    for (url, rule) in [
        ("http://tenant.sharepoint.com/", GuardError::Scheme),
        ("https://tenant.sharepoint.com:8443/", GuardError::Port),
        ("http://user@localhost/", GuardError::UserInfo),
        ("http://localhost.evil.test/", GuardError::Scheme),
        ("https://localhost.evil.test/", GuardError::Host),
        ("https://evil.localhost/", GuardError::Host),
        ("http://169.254.169.254/", GuardError::Scheme),
        ("https://169.254.169.254/", GuardError::NotPublic),
        ("https://0.0.0.0/", GuardError::NotPublic),
        ("ftp://localhost/", GuardError::Scheme),
    ] {
        assert_eq!(verdict(&guard, url), Err(rule), "{url}");
    }
    assert_eq!(verdict(&Guard::loopback(), "http://localhost:1/"), Ok(()));
    assert_eq!(verdict(&Guard::loopback(), "https://tenant.sharepoint.com/"), Err(GuardError::Host));
}

/// A5: a list that would allow more than one owner's hosts, or this network, cannot be written.
#[test]
fn a_list_takes_only_host_names_of_two_labels_and_public_addresses() {
    for entry in ["", "com", "localhost", "*.sharepoint.com", ".sharepoint.com", "sharepoint.com.", "a..b", "a b.com"] {
        assert_eq!(Guard::new(&[entry]).unwrap_err(), GuardError::NotAHost, "{entry}");
    }
    for entry in ["https://sharepoint.com", "sharepoint.com/", "sharepoint.com:443", "user@sharepoint.com"] {
        assert_eq!(Guard::new(&[entry]).unwrap_err(), GuardError::NotAHost, "{entry}");
    }
    for entry in ["127.0.0.1", "10.0.0.1", "[::1]", "2130706433", "[::ffff:10.0.0.1]"] {
        assert_eq!(Guard::new(&[entry]).unwrap_err(), GuardError::NotPublic, "{entry}");
    }
    let nothing = Guard::new::<&str>(&[]).unwrap();
    assert_eq!(verdict(&nothing, "https://sharepoint.com/"), Err(GuardError::Host));
}

/// Pieces that a URL parser could trip over, around allowed and forbidden hosts.
fn tricky_url() -> impl Strategy<Value = String> {
    let scheme = prop::sample::select(vec!["https://", "http://", "https:", "https:\\\\", "HTTPS:///", "wss://"]);
    let piece = prop::sample::select(vec![
        "sharepoint.com",
        "crm4.dynamics.com",
        "evil.test",
        "tenant.",
        ".",
        "@",
        ":",
        ":443",
        ":8443",
        "\\",
        "/",
        "?",
        "#",
        "%2e",
        "%2f",
        "%40",
        "%00",
        "。",
        "①",
        "127.0.0.1",
        "169.254.169.254",
        "0x7f",
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "20.50.2.1",
        "[",
        "]",
        "-",
        "a",
        "\t",
        " ",
        "xn--",
        "ß",
        "localhost",
        "user:pw@",
    ]);
    (scheme, prop::collection::vec(piece, 1..7)).prop_map(|(scheme, pieces)| scheme.to_owned() + &pieces.concat())
}

/// A15: a guard in a log shows how many hosts it allows, and none of them.
#[test]
fn a_guard_does_not_show_whose_hosts_it_allows() {
    let guard = Guard::new(&["sharepoint.com", "crm4.dynamics.com"]).unwrap();
    assert_eq!(format!("{guard:?}"), "Guard { allowed: 2, sandbox: false }");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    /// A5: whatever is accepted goes to an allowed host at a label boundary, or to the listed public address.
    #[test]
    fn an_accepted_address_leads_to_an_allowed_host(text in tricky_url()) {
        let Ok(url) = Url::parse(&text) else { return Ok(()) };
        if guard().check(&url).is_err() {
            return Ok(());
        }
        prop_assert_eq!(url.scheme(), "https");
        prop_assert_eq!(url.port(), None);
        let host = url.host_str().unwrap();
        let below = |name: &str| host == name || host.ends_with(&format!(".{name}"));
        let listed = host == LISTED || host == LISTED_V6;
        prop_assert!(below("sharepoint.com") || below("crm4.dynamics.com") || listed, "{} leads to {}", text, host);
        // What is sent is the serialised address, and reading that again leads to the same place.
        let again = Url::parse(url.as_str()).unwrap();
        prop_assert_eq!(again.host_str(), Some(host));
        prop_assert!(guard().check(&again).is_ok());
    }

    /// A5: no address of a network that is not public is ever accepted, however it is written.
    #[test]
    fn an_address_that_is_not_public_is_refused_in_every_spelling(bits: u32, spelling in 0..4_u8) {
        let address = std::net::Ipv4Addr::from(bits);
        let text = match spelling {
            0 => format!("https://{address}/"),
            1 => format!("https://{bits}/"),
            2 => format!("https://{bits:#x}/"),
            _ => format!("https://[{}]/", address.to_ipv6_mapped()),
        };
        let expected = if is_public(address.into()) { GuardError::Host } else { GuardError::NotPublic };
        prop_assume!(address.to_string() != LISTED);
        prop_assert_eq!(verdict(&guard(), &text), Err(expected));
    }
}

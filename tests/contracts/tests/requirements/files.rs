//! `Lists.CheckOutFile` and `Lists.CheckInFile`.

use contracts::{BASE, SOAP, Site, WEB, operation};
use soap::Element;

use crate::with_lists;

const NAME: &str = "Contracts/a.docx";

fn site() -> Site {
    let mut site = with_lists();
    site.store(NAME);
    site
}

fn whole(path: &str) -> String {
    format!("{BASE}{WEB}/{path}")
}

fn out(page: Option<&str>, local: &str) -> Element {
    let body =
        page.into_iter().fold(operation(SOAP, "CheckOutFile", &[]), |body, page| body.with_value("pageUrl", page));
    body.with_value("checkoutToLocal", local).with_value("lastmodified", "")
}

fn back(page: Option<&str>, kind: &str) -> Element {
    let body =
        page.into_iter().fold(operation(SOAP, "CheckInFile", &[]), |body, page| body.with_value("pageUrl", page));
    body.with_value("comment", "done").with_value("CheckinType", kind)
}

fn said(site: &mut Site, body: &Element) -> String {
    site.ask("Lists", body).child_text(format!("{}Result", body.local()).as_str())
}

fn holder(site: &Site) -> Option<u32> {
    site.list("Contracts").item_at("a.docx").and_then(|item| item.file.as_ref()?.checked_out_by)
}

/// MS-LISTSWS R406, R407, R1663, R409, R1665, R390, R391, R1640, R393, R1642
#[test]
fn a_file_must_be_named_and_be_there() {
    let mut site = site();
    for body in [out(None, "false"), out(Some(""), "false"), back(None, "1"), back(Some(""), "1")] {
        assert_eq!(site.refused("Lists", &body), "0x82000001");
    }
    for path in ["Contracts/none.docx", "Contracts", "Lists/Tasks"] {
        for body in [out(Some(&whole(path)), "false"), back(Some(&whole(path)), "1")] {
            assert_eq!(site.refused("Lists", &body), "none", "{path}");
        }
    }
}

/// MS-LISTSWS R3922, R4082
#[test]
fn what_is_no_address_is_no_fault_in_2007() {
    let mut site = site();
    for address in ["a.docx", "::"] {
        assert_eq!(said(&mut site, &out(Some(address), "false")), "false");
        assert_eq!(said(&mut site, &back(Some(address), "1")), "false");
    }
}

/// MS-LISTSWS R410, R1666
#[test]
fn whether_a_copy_is_local_is_yes_or_no_in_any_case() {
    for (local, good) in [(" True ", true), ("FALSE", true), ("yes", false), ("1", false), ("", false)] {
        let mut site = site();
        match site.call("Lists", &out(Some(&whole(NAME)), local)) {
            Ok(_) => assert!(good, "{local:?}"),
            Err(fault) => assert!(!good && fault.detail_text("errorcode").is_none(), "{local:?}"),
        }
        assert_eq!(holder(&site).is_some(), good, "{local:?}");
    }
}

/// MS-LISTSWS R412, R1678, R1679, R2305, R398, R1659, R1660, R2304
#[test]
fn a_file_is_checked_out_once_and_back_in() {
    let mut site = site();
    assert_eq!(said(&mut site, &out(Some(&whole(NAME)), "false")), "true");
    assert!(holder(&site).is_some());
    let join = operation(
        contracts::DIRECTORY,
        "AddUserToRole",
        &[("roleName", "Contribute"), ("userLoginName", "HARBOUR\\anna.berg")],
    );
    site.ask("UserGroup", &join);
    site.be("HARBOUR\\anna.berg");
    assert_eq!(said(&mut site, &out(Some(&whole(NAME)), "false")), "false");
    assert_eq!(said(&mut site, &back(Some(&whole(NAME)), "1")), "false");
    site.be_the_service();
    let before = site.list("Contracts").item_at("a.docx").and_then(|item| item.file.as_ref()).map(|file| file.versions);
    assert_eq!(said(&mut site, &back(Some(&whole(NAME)), "1")), "true");
    assert_eq!(holder(&site), None);
    let after = site.list("Contracts").item_at("a.docx").and_then(|item| item.file.as_ref()).map(|file| file.versions);
    assert_eq!(after, before.map(|version| version + 1));
}

/// MS-LISTSWS R395, R1643, R397
#[test]
fn a_check_in_says_how_and_overwrites_only_what_is_out() {
    let mut site = site();
    assert_eq!(site.refused("Lists", &back(Some(&whole(NAME)), "")), "none");
    assert_eq!(site.refused("Lists", &back(Some(&whole(NAME)), "2")), "none");
    said(&mut site, &out(Some(&whole(NAME)), "false"));
    assert_eq!(said(&mut site, &back(Some(&whole(NAME)), "2")), "true");
}

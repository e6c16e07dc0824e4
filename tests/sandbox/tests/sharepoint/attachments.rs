//! Attachments of rows (MS-LISTSWS 3.1.4.1, 3.1.4.10, 3.1.4.14).

use http::StatusCode;
use soap::{Element, Fault};

use crate::host::{As, BASE, HARBOUR, Host, SOAP, code, operation, xml};

const ADDRESS: &str = "http://sharepoint.example/sites/harbour/Lists/Contracts/Attachments/1/minutes.txt";

fn with_a_row(mut host: Host) -> Host {
    host.add_list(HARBOUR, "Contracts", 100).expect("a list");
    let row = "<Batch><Method ID='1' Cmd='New'><Field Name='Title'>x</Field></Method></Batch>";
    let ask = operation(SOAP, "UpdateListItems", &[("listName", "Contracts")]);
    host.call(HARBOUR, "Lists", &ask.with(Element::new(SOAP, "updates").with(xml(row)))).expect("a row");
    host
}

fn ask(host: &mut Host, name: &str, item: Option<&str>, more: &[(&str, &str)]) -> Result<Element, Fault> {
    let item = item.map(|item| ("listItemID", item));
    let parameters: Vec<_> = [("listName", "Contracts")].into_iter().chain(item).chain(more.iter().copied()).collect();
    host.call(HARBOUR, "Lists", &operation(SOAP, name, &parameters))
}

fn add(host: &mut Host, item: Option<&str>, name: &str, content: &str) -> Result<Element, Fault> {
    ask(host, "AddAttachment", item, &[("fileName", name), ("attachment", content)])
}

fn attached(host: &mut Host) -> Vec<String> {
    let answer = ask(host, "GetAttachmentCollection", Some("1"), &[]).expect("attachments");
    let all = answer.child("GetAttachmentCollectionResult").and_then(|result| result.child("Attachments"));
    all.expect("attachments").children().map(Element::text).collect()
}

/// R301, R302, R542, R543, R548, R473, R478.
#[test]
fn what_is_attached_is_listed_read_and_taken_away() {
    for mut host in Host::both().map(with_a_row) {
        assert_eq!(attached(&mut host), Vec::<String>::new());
        let answer = add(&mut host, Some("1"), "minutes.txt", "aGVsbG8=").expect("attached");
        assert_eq!(answer.child_text("AddAttachmentResult"), ADDRESS);
        assert_eq!(attached(&mut host), [ADDRESS]);
        let file = host.get(ADDRESS.trim_start_matches(BASE), &As::Service("harbour"));
        assert_eq!((file.status(), &file.body()[..]), (StatusCode::OK, &b"hello"[..]));
        let other = host.get(ADDRESS.trim_start_matches(BASE), &As::Service("northwind"));
        assert_eq!(other.status(), StatusCode::FORBIDDEN);
        ask(&mut host, "DeleteAttachment", Some("1"), &[("url", ADDRESS)]).expect("deleted");
        assert_eq!(attached(&mut host), Vec::<String>::new());
        let file = host.get(ADDRESS.trim_start_matches(BASE), &As::Service("harbour"));
        assert_eq!(file.status(), StatusCode::NOT_FOUND);
    }
}

/// R297 to R300, R3011, R296, R471.
#[test]
fn what_cannot_be_attached_is_refused_with_its_reason() {
    for mut host in Host::both().map(with_a_row) {
        add(&mut host, Some("1"), "minutes.txt", "aGVsbG8=").expect("attached");
        for (item, name, content, wanted) in [
            (Some("1"), "MINUTES.txt", "aGVsbG8=", "0x81020067"),
            (Some("1"), "other.txt", "", "0x8007000d"),
            (Some("1"), "", "aGVsbG8=", "0x81020073"),
            (Some("1"), "a*b.txt", "aGVsbG8=", "0x81020073"),
            (None, "other.txt", "aGVsbG8=", "0x82000001"),
            (Some("1"), "other.txt", "not base64", "Invalid length for a Base-64 char array or string."),
            (Some("7"), "other.txt", "aGVsbG8=", "Value does not fall within the expected range."),
        ] {
            assert_eq!(code(&add(&mut host, item, name, content).expect_err("a fault")), wanted, "{name} {content}");
        }
        let gone = [("url", "http://sharepoint.example/sites/harbour/Lists/Contracts/Attachments/1/none.txt")];
        let fault = ask(&mut host, "DeleteAttachment", Some("1"), &gone).expect_err("a fault");
        assert_eq!(code(&fault), "0x82000001");
        assert_eq!(attached(&mut host), [ADDRESS]);
    }
}

/// R538, R540, R30371, R30372.
#[test]
fn a_negative_number_of_a_row_has_a_code_since_2010() {
    let [mut old, mut new] = Host::both().map(with_a_row);
    let mut codes = |item| {
        [&mut old, &mut new].map(|host| code(&ask(host, "GetAttachmentCollection", item, &[]).expect_err("a fault")))
    };
    let range = "Value does not fall within the expected range.";
    assert_eq!(codes(Some("-1")), [range, "0x81020014"]);
    assert_eq!(codes(Some("7")), [range, range]);
    assert_eq!(codes(None), ["0x82000001", "0x82000001"]);
}

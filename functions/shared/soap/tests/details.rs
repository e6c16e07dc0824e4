//! Promises about details that messages and logs rest on.

use soap::{Addressing, Element, Envelope, Fault, Limits, Name, Node, Problem, Rows, SoapVersion, ns, parse};

fn read(document: &str) -> Element {
    parse(document.as_bytes(), Limits::default()).expect("a document")
}

/// Headers that say nothing are not sent; an answer is asked for where a message has a name.
#[test]
fn empty_addressing_headers_are_left_out() {
    let names = |addressing: Addressing| -> Vec<String> {
        addressing.to_headers().iter().map(|header| header.local().to_owned()).collect()
    };
    let text = || "x".to_owned();
    let none = Addressing::default;
    assert!(names(none()).is_empty());
    assert_eq!(names(Addressing { action: text(), ..none() }), ["Action"]);
    assert_eq!(names(Addressing { message_id: text(), ..none() }), ["MessageID", "ReplyTo"]);
    assert_eq!(names(Addressing { relates_to: text(), to: text(), ..none() }), ["RelatesTo", "To"]);
}

/// A later value of an attribute replaces the earlier one, and no other.
#[test]
fn an_attribute_replaces_its_own_earlier_value_alone() {
    let element = Element::new("", "a").with_attribute("b", "1").with_attribute("c", "2").with_attribute("b", "3");
    assert_eq!((element.attribute(("", "b")), element.attribute(("", "c"))), (Some("3"), Some("2")));
}

/// A failed comparison can be read.
#[test]
fn elements_and_names_are_shown_as_what_they_are() {
    let element = Element::new("", "a").with(Element::new("", "b").with_text("c"));
    assert_eq!(format!("{element:?}"), element.to_xml().expect("XML"));
    assert!(format!("{:?}", element.nodes()[0]).contains("<b>c</b>"));
    assert!(format!("{:?}", Node::Text("c".to_owned())).contains('c'));
    assert_eq!(format!("{:?}", Name::new("urn:x", "a")), "{urn:x}a");
}

/// A fault's reason and detail may quote what was sent: neither form of it says more than the code.
#[test]
fn a_fault_shows_its_code_and_nothing_else() {
    let fault = Fault::server("nora@harbour.example").with_detail([Element::new("", "x").with_text("open sesame")]);
    assert_eq!((fault.to_string(), format!("{fault:?}")), ("fault Server".to_owned(), "fault Server".to_owned()));
}

/// SOAP 1.1 has the action in a header of its own; 1.2 in the content type.
#[test]
fn each_version_has_its_content_type() {
    assert_eq!(SoapVersion::V11.content_type("urn:act"), "text/xml; charset=utf-8");
    assert_eq!(SoapVersion::V12.content_type("urn:act"), "application/soap+xml; charset=utf-8; action=\"urn:act\"");
}

/// `xmlns` at the beginning of a name declares nothing.
#[test]
fn an_attribute_whose_name_begins_with_xmlns_is_an_attribute() {
    let element = read("<a xmlnsb='c' xmlnsé='d' xmlns:e='urn:e'/>");
    assert_eq!((element.attribute(("", "xmlnsb")), element.attribute(("", "xmlnsé"))), (Some("c"), Some("d")));
    let refused = parse(b"<a xmlnsb='urn:b'><b:c/></a>", Limits::default()).expect_err("no prefix b");
    assert_eq!(*refused.problem(), Problem::UnboundPrefix);
}

/// Space between elements is layout; beside text alone it is text.
#[test]
fn layout_is_not_kept_and_text_is() {
    assert_eq!(read("<a>\n  <b/>\r\n\t</a>").nodes().len(), 1);
    assert_eq!(read("<a> \n </a>").text(), " \n ");
    assert_eq!(read("<a> <b/>x </a>").nodes().len(), 2, "only what is all space is layout");
}

/// 256 elements outside of rows are kept, in order; what comes after them is not.
#[test]
fn so_much_outside_of_rows_is_kept_and_no_more() {
    let others: Vec<String> = (0..300).map(|n| format!("<e{n}>{n}</e{n}>")).collect();
    let page = format!("<page>{}</page>", others.concat());
    let mut rows = Rows::over(page.as_bytes(), "row", Limits::default()).expect("a page");
    assert!(rows.next_row().expect("whole").is_none());
    assert_eq!((rows.outside("e0"), rows.outside("e255"), rows.outside("e256")), (Some("0"), Some("255"), None));
}

/// An attribute with a prefix is found by its local name, unless it declares a namespace; no other is taken for it.
#[test]
fn a_rows_attribute_is_found_by_its_own_name() {
    let page = b"<p xmlns:z='urn:z' xmlns:type='urn:t'><row z:ID='7' xmlns:kind='urn:k'/></p>";
    let mut rows = Rows::over(page, "row", Limits::default()).expect("a page");
    assert_eq!((rows.root_attribute("type"), rows.root_attribute("z")), (None, None));
    let row = rows.next_row().expect("whole").expect("a row");
    assert_eq!((row.attribute("ID"), row.attribute("kind"), row.attribute("name")), (Some("7"), None, None));
}

/// A limit is what may be, not what may not.
#[test]
fn a_document_may_be_as_large_as_the_limit_says() {
    let document = b"<a>12345</a>";
    let of = |bytes| Limits { bytes, ..Limits::default() };
    assert!(parse(document, of(document.len())).is_ok());
    let refused = parse(document, of(document.len() - 1)).expect_err("too large");
    assert_eq!(*refused.problem(), Problem::TooLarge(document.len() - 1));
    let envelope = Envelope::new(SoapVersion::V11, Element::new("", "a")).to_bytes().expect("a message");
    assert!(Envelope::parse(&envelope, of(envelope.len())).is_ok());
    assert_eq!(ns::SOAP11, SoapVersion::V11.namespace());
}

/// What an element says: its type, its attributes, its children's values, each there or not.
#[test]
fn what_is_absent_nil_or_empty_is_told_apart_from_what_is_there() {
    let element = read(
        "<a xmlns:i='http://www.w3.org/2001/XMLSchema-instance' xmlns:q='urn:q' i:type='q:t' b='1' c='2'>\
         <full>7</full><empty> </empty><nil i:nil='true'>8</nil><word>x</word></a>",
    );
    assert_eq!(element.kind(), Some(&Name::new("urn:q", "t")));
    assert_eq!(element.required_kind(), Ok("t"));
    assert_eq!(element.required_attribute("b"), Ok("1"));
    let attributes: Vec<_> = element.attributes().map(|(name, value)| (&*name.local, value)).collect();
    assert_eq!(attributes, [("b", "1"), ("c", "2")]);
    let value = |name: &'static str| element.optional_value::<u32>(name);
    assert_eq!(
        (value("full"), value("empty"), value("nil"), value("none")),
        (Ok(Some(7)), Ok(None), Ok(None), Ok(None))
    );
    assert!(value("word").is_err_and(|error| error.path() == "word"));
    let bare = read("<a/>");
    assert_eq!(bare.kind(), None);
    let missing = |error: soap::Error| (error.path().to_owned(), error.problem().clone());
    assert_eq!(bare.required_kind().map_err(missing), Err(("@xsi:type".to_owned(), Problem::Missing)));
    assert_eq!(bare.required_attribute("b").map_err(missing), Err(("@b".to_owned(), Problem::Missing)));
}

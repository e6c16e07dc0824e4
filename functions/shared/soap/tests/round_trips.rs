//! Write, then read: nothing changes. The documents are invented by proptest.

use proptest::{collection::vec, option, prelude::*};
use soap::{Addressing, Element, Envelope, Fault, Limits, Node, Rows, SoapVersion, parse, server};

/// Any text that XML can carry, with the traps over-represented: tabs, line ends, quotes, markup.
fn legal_text() -> impl Strategy<Value = String> {
    let trap = prop_oneof![
        Just('\t'),
        Just('\n'),
        Just('\r'),
        Just('&'),
        Just('<'),
        Just('>'),
        Just('"'),
        Just('\''),
        Just(']'),
        Just('\u{85}'),
        Just('\u{2028}'),
        Just('\u{FFFD}'),
        Just('🌊'),
    ];
    let any = any::<char>().prop_filter(
        "a character of XML 1.0",
        |c| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..),
    );
    vec(prop_oneof![trap, any], 0..12).prop_map(|characters| characters.into_iter().collect())
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z_åπ][a-zA-Z0-9_.-]{0,6}".prop_filter("xmlns is not a name of data", |name| !name.starts_with("xml"))
}

fn namespace() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(""), Just("urn:one"), Just("urn:two&\"<"), Just(soap::ns::SOAP11), Just(soap::ns::XSD)]
}

fn element() -> impl Strategy<Value = Element> {
    let leaf = (namespace(), name(), attributes(), legal_text(), kind(), any::<bool>()).prop_map(
        |(ns, local, attributes, text, kind, nil)| {
            decorate(Element::new(ns, &local), attributes, kind, nil).with_text(text)
        },
    );
    leaf.prop_recursive(4, 40, 4, |inner| {
        (namespace(), name(), attributes(), kind(), vec(inner, 1..4)).prop_map(
            |(ns, local, attributes, kind, children)| {
                decorate(Element::new(ns, &local), attributes, kind, false).with_all(children)
            },
        )
    })
}

type Attributes = Vec<(&'static str, String, String)>;

fn attributes() -> impl Strategy<Value = Attributes> {
    let ns = prop_oneof![Just(""), Just("urn:one"), Just(soap::ns::XML)];
    vec((ns, name(), legal_text()), 0..4)
}

fn kind() -> impl Strategy<Value = Option<(&'static str, String)>> {
    option::of((prop_oneof![Just("urn:one"), Just(soap::ns::XSD)], name()))
}

fn decorate(mut element: Element, attributes: Attributes, kind: Option<(&'static str, String)>, nil: bool) -> Element {
    for (ns, local, value) in attributes {
        element = element.with_attribute_in(ns, &local, value);
    }
    if let Some((ns, local)) = kind {
        element = element.with_kind(ns, &local);
    }
    if nil { element.with_nil() } else { element }
}

/// All text of an element as it is held, to the letter: `==` forgives white space, this does not.
fn texts(element: &Element) -> Vec<String> {
    let own = element.nodes().iter().map(|node| match node {
        Node::Text(text) => vec![text.clone()],
        Node::Element(child) => texts(child),
    });
    own.flatten().collect()
}

proptest! {
    #[test]
    fn writing_then_reading_is_identity(element in element()) {
        let document = element.to_document().expect("legal by construction");
        let read = parse(&document, Limits::default()).expect("what we write, we read");
        prop_assert_eq!(&read, &element);
        prop_assert_eq!(texts(&read), texts(&element));
    }

    #[test]
    fn any_text_survives_in_an_attribute_and_in_an_element(text in legal_text()) {
        let element = Element::new("urn:one", "a").with_attribute("b", text.clone()).with_text(text.clone());
        let read = parse(&element.to_document().expect("legal"), Limits::default()).expect("well formed");
        prop_assert_eq!(read.attribute("b"), Some(&*text));
        prop_assert_eq!(read.text(), text);
    }

    #[test]
    fn the_row_reader_sees_the_same_rows_as_the_tree(values in vec(vec(("[a-z]{1,4}", legal_text()), 0..5), 0..8)) {
        let mut root = Element::new("", "resultset").with_attribute("morerecords", "1");
        for row in &values {
            let fields = row.iter().map(|(name, text)| {
                Element::new("", name).with_attribute("name", text.clone()).with_text(text.clone())
            });
            root = root.with(Element::new("", "result").with_all(fields));
        }
        let document = root.to_document().expect("legal");
        let mut rows = Rows::over(&document, "result", Limits::default()).expect("well formed");
        prop_assert_eq!(rows.root_attribute("morerecords"), Some("1"));
        for expected in &values {
            let row = rows.next_row().expect("legal").expect("as many rows as were written");
            let read: Vec<_> = row.fields().map(|f| (f.name().to_owned(), f.text().to_owned())).collect();
            prop_assert_eq!(&read, expected);
            for field in row.fields() {
                prop_assert_eq!(field.attribute("name"), Some(field.text()));
            }
        }
        prop_assert!(rows.next_row().expect("legal").is_none());
        prop_assert_eq!(rows.count(), values.len());
    }

    #[test]
    fn a_fault_survives_both_versions(code in "(Server|Client)", reason in "[a-zA-Z][ -~]{0,40}", detail in legal_text()) {
        let fault = Fault { code: code.clone(), reason, detail: None }
            .with_detail([Element::new("", "error").with_value("code", "0x80040217").with_value("description", detail.clone())]);
        for version in [SoapVersion::V11, SoapVersion::V12] {
            let reply = server::Reply::fault(version, &fault).expect("legal");
            prop_assert_eq!(reply.status, 500);
            let read = Envelope::parse(&reply.body, Limits::default()).expect("an envelope").into_body().expect_err("a fault");
            prop_assert_eq!(&read.reason, &fault.reason);
            prop_assert_eq!(read.detail_text("code"), Some("0x80040217".to_owned()));
            prop_assert_eq!(read.detail_text("description"), Some(detail.clone()));
            let expected = match (version, code.as_str()) {
                (SoapVersion::V11, other) => other,
                (SoapVersion::V12, "Server") => "Receiver",
                (SoapVersion::V12, _) => "Sender",
            };
            prop_assert_eq!(&*read.code, expected);
        }
    }

    #[test]
    fn an_envelope_survives_with_its_headers(body in element(), headers in vec(element(), 0..3), v12: bool) {
        prop_assume!(!body.is("Fault"));
        let version = if v12 { SoapVersion::V12 } else { SoapVersion::V11 };
        let mut envelope = Envelope::new(version, body);
        envelope.headers = headers;
        let read = Envelope::parse(&envelope.to_bytes().expect("legal"), Limits::default()).expect("an envelope");
        prop_assert_eq!(read, envelope);
    }
}

/// Text that entities, comments and CDATA split is one text (quick-xml splits it at every entity).
#[test]
fn split_text_is_joined() {
    let document = b"<r><row><a>one &amp; two<!-- -->&#33;<![CDATA[<3]]></a><b x='&lt;&#9;'/></row></r>";
    let tree = parse(document, Limits::default()).expect("well formed");
    let row = tree.required("row").expect("a row");
    assert_eq!(row.child_text("a"), "one & two!<3");
    let mut rows = Rows::over(document, "row", Limits::default()).expect("well formed");
    let row = rows.next_row().expect("legal").expect("a row");
    assert_eq!(row.get("a"), Some("one & two!<3"));
    assert_eq!(row.field("b").and_then(|field| field.attribute("x")), Some("<\t"));
}

#[test]
fn nested_fields_are_found_by_their_path_and_what_is_outside_by_its_name() {
    let document = b"<M xmlns='urn:m'><Status>OK</Status><Results><Owner><ID>7</ID></Owner><ID>9</ID></Results><More>true</More></M>";
    let mut rows = Rows::over(document, "Results", Limits::default()).expect("well formed");
    let row = rows.next_row().expect("legal").expect("a row");
    assert_eq!((row.get("Owner/ID"), row.get("ID"), row.get("Owner/Name")), (Some("7"), Some("9"), None));
    assert!(rows.next_row().expect("legal").is_none());
    assert_eq!((rows.outside("Status"), rows.outside("More"), rows.outside("None")), (Some("OK"), Some("true"), None));
}

/// The shape of SharePoint's list rows: the place of the next page is an attribute beside the rows. Documented.
#[test]
fn an_attribute_beside_the_rows_is_known_with_the_first_row() {
    let document = b"<listitems xmlns:rs='urn:rs' xmlns:z='#RowsetSchema'><rs:data ItemCount='1' \
                     ListItemCollectionPositionNext='Paged=TRUE&amp;p_ID=2'><z:row ows_ID='2'/></rs:data></listitems>";
    let mut rows = Rows::over(document, "row", Limits::default()).expect("well formed");
    let row = rows.next_row().expect("legal").expect("a row");
    assert_eq!(row.attribute("ows_ID"), Some("2"));
    assert_eq!(rows.outside_attribute("data", "ListItemCollectionPositionNext"), Some("Paged=TRUE&p_ID=2"));
    assert_eq!(rows.outside_attribute("data", "None"), None);
}

#[test]
fn prefixes_order_of_attributes_and_indentation_do_not_matter() {
    let one = parse(b"<a xmlns='urn:x' b='1' c='2'><d/></a>", Limits::default()).expect("well formed");
    let two =
        parse(b"<q:a c='2' b='1' xmlns:q='urn:x'>\n  <q:d></q:d>\n</q:a>", Limits::default()).expect("well formed");
    assert_eq!(one, two);
    let other = parse(b"<a b='1' c='2'><d/></a>", Limits::default()).expect("well formed");
    assert_ne!(one, other);
}

#[test]
fn a_body_of_no_or_two_elements_is_refused() {
    for body in ["", "<a/><b/>"] {
        let document = format!("<s:Envelope xmlns:s='{}'><s:Body>{body}</s:Body></s:Envelope>", soap::ns::SOAP11);
        assert!(Envelope::parse(document.as_bytes(), Limits::default()).is_err(), "{document}");
    }
    assert!(Envelope::parse(b"<html/>", Limits::default()).is_err());
}

/// SOAP 1.2, section 5.1, and WS-I Basic Profile R1011 for 1.1: a header at most, a body, and nothing after it.
#[test]
fn an_envelope_with_a_second_part_or_a_strange_one_is_refused() {
    let (header, body) = ("<s:Header><h/></s:Header>", "<s:Body><a/></s:Body>");
    for version in [soap::ns::SOAP11, soap::ns::SOAP12] {
        let read = |parts: &str| {
            let document = format!("<s:Envelope xmlns:s='{version}'>{parts}</s:Envelope>");
            Envelope::parse(document.as_bytes(), Limits::default())
        };
        assert!(read(&format!("{header}{body}")).is_ok());
        for parts in [
            format!("{body}{body}"),
            format!("{header}{header}{body}"),
            format!("{body}{header}"),
            format!("{body}<x/>"),
            format!("<x/>{body}"),
        ] {
            let error = read(&parts).expect_err("a part too many");
            assert!(matches!(error.problem(), soap::Problem::Unexpected { .. }), "{parts}: {error}");
            assert_eq!(error.path(), "Envelope");
        }
    }
}

/// XML knows four characters of white space. A no-break space beside child elements is content.
#[test]
fn only_xmls_own_white_space_is_indentation() {
    let read = |text: &str| parse(format!("<a>{text}<b/></a>").as_bytes(), Limits::default()).expect("well formed");
    assert_eq!(read(" \t\r\n"), read(""));
    for content in ["\u{A0}", "\u{2003}", "\u{85}"] {
        assert_eq!(read(content).text(), content);
        assert_ne!(read(content), read(""), "{content:?}");
        let built = Element::new("", "a").with_text(content).with(Element::new("", "b"));
        assert_ne!(built, read(""), "{content:?}");
    }
}

/// One real client sends no action at all; others send it quoted or as a parameter (contracts, sharepoint §1).
#[test]
fn a_server_learns_the_operation_from_whatever_the_client_sent() {
    let body = Envelope::new(SoapVersion::V11, Element::new("urn:x", "GetList")).to_bytes().expect("legal");
    let read = |content_type, action| {
        let request = server::Request::read(content_type, action, &body, Limits::default()).expect("a request");
        request.operation().to_owned()
    };
    assert_eq!(read("text/xml", Some("\"urn:x/AddList\"")), "AddList");
    assert_eq!(read("text/xml", Some("urn:x/AddList")), "AddList");
    assert_eq!(read("text/xml", None), "GetList");
    assert_eq!(read("text/xml", Some("\"\"")), "GetList");
    assert_eq!(read("application/soap+xml; charset=utf-8; action=\"urn:x/Fetch\"", None), "Fetch");
}

#[test]
fn addressing_headers_survive() {
    let addressing = Addressing {
        action: "urn:x/Execute".to_owned(),
        message_id: "urn:uuid:1".to_owned(),
        relates_to: String::new(),
        to: "https://crm.example.test/".to_owned(),
    };
    let mut envelope = Envelope::new(SoapVersion::V12, Element::new("urn:x", "Execute"));
    envelope.headers = addressing.to_headers();
    let read = Envelope::parse(&envelope.to_bytes().expect("legal"), Limits::default()).expect("an envelope");
    assert_eq!(read.addressing(), addressing);
}

/// Found by holding the two readers against each other.
#[test]
fn a_row_tells_its_attributes_from_declarations_and_types() {
    let xsi = soap::ns::XSI;
    let document = format!(
        "<resultset xmlns:i='{xsi}' xmlns:morerecords='urn:x' morerecords='1'><result xmlns:a='urn:y' a='2'>\
         <owner xmlns:name='urn:z' i:type='xsd' name='Anna' type='8'/><z xmlns:b='urn:b' b:c='3'/></result></resultset>"
    );
    let mut rows = Rows::over(document.as_bytes(), "result", Limits::default()).expect("well formed");
    assert_eq!(rows.root_attribute("morerecords"), Some("1"));
    let row = rows.next_row().expect("well formed").expect("a row");
    assert_eq!((row.attribute("a"), row.attribute("i")), (Some("2"), None));
    let owner = row.field("owner").expect("an owner");
    assert_eq!((owner.attribute("name"), owner.attribute("type")), (Some("Anna"), Some("8")));
    assert_eq!(row.field("z").expect("a field").attribute("c"), Some("3"));
}

//! What a message looks like on the wire, to the letter: other people's servers were only ever tried with this.

use soap::{Element, Envelope, Fault, Limits, Problem, Rows, SoapVersion, ns, parse};

const WSDL: &str = "urn:wsdl";

/// The envelope has prefixes that people know, the message the default namespace, types no prefix where they need none.
#[test]
fn a_message_is_written_as_servers_know_it() {
    let body = Element::new(WSDL, "Create")
        .with(Element::new(WSDL, "entity").with_kind(WSDL, "Contact").with_attribute("Name", "a\"b"))
        .with(Element::new(WSDL, "value").with_kind(ns::XSD, "int").with_text("7"))
        .with(Element::new(WSDL, "nothing").with_nil())
        .with(Element::new("urn:other", "foreign").with(Element::new("", "plain")));
    let header = Element::new(ns::SECURITY, "Security").with_attribute_in(ns::SOAP11, "mustUnderstand", "1");
    let message = Envelope::new(SoapVersion::V11, body).with_header(header).to_bytes().expect("a message");
    let expected = [
        r#"<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/""#,
        r#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Header>"#,
        r#"<Security xmlns="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd""#,
        r#" soap:mustUnderstand="1"/></soap:Header><soap:Body><Create xmlns="urn:wsdl">"#,
        r#"<entity xsi:type="Contact" Name="a&quot;b"/>"#,
        r#"<value xmlns:xsd="http://www.w3.org/2001/XMLSchema" xsi:type="xsd:int">7</value>"#,
        r#"<nothing xsi:nil="true"/>"#,
        r#"<foreign xmlns="urn:other"><plain xmlns=""/></foreign></Create></soap:Body></soap:Envelope>"#,
    ];
    assert_eq!(String::from_utf8(message).expect("text"), expected.concat());
}

/// Two SOAPs in one message have two prefixes; a second namespace of no known name is counted.
#[test]
fn prefixes_are_unique() {
    let element = Element::new(ns::SOAP12, "a")
        .with_attribute_in(ns::SOAP11, "b", "1")
        .with_attribute_in("urn:x", "c", "2")
        .with_attribute_in("urn:y", "d", "3")
        .with_attribute_in(ns::XML, "lang", "en");
    let expected = [
        r#"<soap:a xmlns:soap="http://www.w3.org/2003/05/soap-envelope""#,
        r#" xmlns:p2="http://schemas.xmlsoap.org/soap/envelope/" p2:b="1" xmlns:p3="urn:x" p3:c="2""#,
        r#" xmlns:p4="urn:y" p4:d="3" xml:lang="en"/>"#,
    ];
    assert_eq!(element.to_xml().expect("XML"), expected.concat());
}

/// A type in no namespace stands where no namespace is the default one.
#[test]
fn a_type_in_no_namespace_is_written_as_such() {
    let bare = Element::new(WSDL, "a").with_kind("", "t");
    let expected = r#"<p1:a xmlns:p1="urn:wsdl" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="t"/>"#;
    assert_eq!(bare.to_xml().expect("XML"), expected);
    let plain = Element::new("", "a").with_kind("", "t");
    let expected = r#"<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="t"/>"#;
    assert_eq!(plain.to_xml().expect("XML"), expected);
}

/// `]]>` may not stand in text; quotation marks, tabs and line ends may, and stay as they are there.
#[test]
fn text_and_attributes_are_escaped_each_in_its_way() {
    let odd = "<&>\"'\t\n\r]]>";
    let written = Element::new("", "a").with_attribute("b", odd).with_text(odd).to_xml().expect("XML");
    let expected = "<a b=\"&lt;&amp;&gt;&quot;'&#9;&#10;&#13;]]&gt;\">&lt;&amp;&gt;\"'\t\n&#13;]]&gt;</a>";
    assert_eq!(written, expected);
    let read = parse(written.as_bytes(), Limits::default()).expect("XML");
    assert_eq!((read.text().as_str(), read.attribute("b")), (odd, Some(odd)));
}

/// The five names that XML itself has, in text and in attributes.
#[test]
fn the_five_entities_are_read_everywhere() {
    let read = parse(b"<a b='&lt;&gt;&amp;&apos;&quot;'>&lt;&gt;&amp;&apos;&quot;</a>", Limits::default());
    let read = read.expect("XML");
    assert_eq!((read.text().as_str(), read.attribute("b")), ("<>&'\"", Some("<>&'\"")));
}

/// Two wrongs do not make a right: characters that XML cannot carry are counted, not cancelled.
#[test]
fn two_illegal_characters_are_as_illegal_as_one() {
    for count in [1, 2, 3, 4, 256, 512] {
        for place in ["", "x"] {
            let document = format!("<a>{place}{}</a>", "\u{1}".repeat(count));
            let refused = parse(document.as_bytes(), Limits::default()).expect_err("it cannot be carried");
            assert_eq!(*refused.problem(), Problem::IllegalCharacter, "{count}");
        }
    }
}

/// However many attributes an element has, one that is there twice is refused, by the reader of rows as well.
#[test]
fn a_second_attribute_of_a_name_is_refused_wherever_it_is() {
    for count in 1..40 {
        let names: Vec<String> = (0..count).map(|n| format!("a{n}=''")).collect();
        let page = format!("<p><row {} a0=''/></p>", names.join(" "));
        let refused = parse(page.as_bytes(), Limits::default()).expect_err("twice");
        assert_eq!(*refused.problem(), Problem::DuplicateAttribute, "{count}");
        let mut rows = Rows::over(page.as_bytes(), "row", Limits::default()).expect("a page");
        assert_eq!(rows.next_row().err().map(|error| error.problem().clone()), Some(Problem::DuplicateAttribute));
    }
}

/// What the parser underneath says is told, in a line.
#[test]
fn a_refusal_says_what_was_not_well_formed() {
    let refused = parse(b"<a b=c/>", Limits::default()).expect_err("no quotation marks");
    let Problem::Malformed(said) = refused.problem() else { panic!("{refused:?}") };
    assert!(said.contains("attribute") && said.len() <= 80, "{said}");
}

/// A fault is written with the prefix of its envelope, in either version.
#[test]
fn a_faults_code_has_the_prefix_of_the_envelope() {
    for (version, code) in [(SoapVersion::V11, "soap:Server"), (SoapVersion::V12, "soap:Receiver")] {
        let fault = Fault::server("no").to_body(version);
        let message = Envelope::new(version, fault).to_bytes().expect("a message");
        let message = String::from_utf8(message).expect("text");
        assert!(message.contains(&format!(">{code}<")) && message.contains("<soap:Fault>"), "{message}");
        assert!(message.contains(&format!("xmlns:soap=\"{}\"", version.namespace())), "{message}");
    }
}

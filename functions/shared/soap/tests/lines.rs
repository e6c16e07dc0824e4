//! Promises about lines: an error about a file that people write can say where to look.

use soap::{Element, Limits, parse};

fn line_of(document: &str, local: &str) -> Option<u32> {
    let root = parse(document.as_bytes(), Limits::default()).expect("the fixture is well formed");
    root.children().find(|child| child.local() == local).and_then(Element::line)
}

#[test]
fn an_element_knows_the_line_its_tag_begins_on() {
    // Invented: line ends in comments, attributes and CDATA count, and `\r\n` is one.
    let document = "\u{feff}<a>\n<b x='1\n2'/><!-- \n --><c>\r\n<![CDATA[\n]]></c>\n\n<d/></a>";
    assert_eq!(line_of(document, "b"), Some(2));
    assert_eq!(line_of(document, "c"), Some(4));
    assert_eq!(line_of(document, "d"), Some(8));
}

#[test]
fn an_element_that_was_built_has_no_line_and_equals_the_one_that_was_read() {
    let read = parse(b"\n\n<a/>", Limits::default()).expect("the fixture is well formed");
    let built = Element::new("", "a");
    assert_eq!((read.line(), built.line()), (Some(3), None));
    assert_eq!(read, built);
    assert_eq!(built.with_line_of(&read).line(), Some(3));
}

//! Documents that we did not write: read, or refused, never misread. All are invented by proptest.

use proptest::{collection::vec, prelude::*};
use soap::{Element, Limits, Node, Rows, parse};

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        check_what_is_read(&bytes)?;
        if let Ok(mut rows) = Rows::over(&bytes, "row", Limits::default()) {
            while let Ok(Some(_)) = rows.next_row() {}
        }
    }

    #[test]
    fn any_markup_like_text_is_read_or_refused(text in "[<>/a=' \"&;#x0-9!\\[\\]?:-]{0,60}") {
        check_what_is_read(text.as_bytes())?;
        let tree = parse(text.as_bytes(), Limits::default());
        let rows = Rows::over(text.as_bytes(), "zz", Limits::default()).and_then(|mut rows| {
            while rows.next_row()?.is_some() {}
            Ok(())
        });
        // The tree also resolves prefixes; beside that the two readers agree on what a document is.
        prop_assert!(rows.is_ok() || tree.is_err(), "the rows refuse what the tree takes");
    }

    /// Documents that nobody here would write, but that are nearly all well formed.
    #[test]
    fn what_is_read_of_a_foreign_document_can_be_written_and_read_again(text in foreign_document()) {
        check_what_is_read(text.as_bytes())?;
    }

    /// Whole documents with a few bytes changed.
    #[test]
    fn a_damaged_document_is_read_or_refused(
        document in foreign_document(),
        damage in vec((any::<prop::sample::Index>(), prop::sample::select(b"<>/ax:='\" &;!-]\n".to_vec())), 0..4),
    ) {
        let mut document = document.into_bytes();
        for (place, byte) in damage {
            *place.get_mut(&mut document) = byte;
        }
        check_what_is_read(&document)?;
    }
}

/// What is read can be written, and is the same when it is read again; only prefixes may differ.
fn check_what_is_read(document: &[u8]) -> Result<(), TestCaseError> {
    let Ok(read) = parse(document, Limits::default()) else { return Ok(()) };
    let written = read.to_document().map_err(|error| TestCaseError::fail(format!("read, but not written: {error}")))?;
    let again = parse(&written, Limits::default())
        .map_err(|error| TestCaseError::fail(format!("{error}: {}", String::from_utf8_lossy(&written))))?;
    prop_assert_eq!(texts(&again), texts(&read));
    prop_assert_eq!(again, read);
    Ok(())
}

/// Prefixes of every kind, declared or not, types without a namespace, CDATA, comments and space of all sorts.
fn foreign_document() -> impl Strategy<Value = String> {
    let name = || prop::sample::select(vec!["a", "b", "p:a", "q:b", "xml:a", "s:a", "t:a", "xmlnsa"]);
    let declarations = prop::sample::subsequence(
        vec![
            "xmlns='urn:one'".to_owned(),
            "xmlns=''".to_owned(),
            "xmlns:p='urn:one'".to_owned(),
            "xmlns:q='urn:two'".to_owned(),
            format!("xmlns:s='{}'", soap::ns::SOAP11),
            format!("xmlns:t='{}'", soap::ns::SOAP12),
            format!("xmlns:i='{}'", soap::ns::XSI),
            "i:type='a'".to_owned(),
            "i:type='xml:b'".to_owned(),
            "i:type='q:b'".to_owned(),
            "i:nil='1'".to_owned(),
            "i:other='1'".to_owned(),
            "q:xmlns='1'".to_owned(),
            "t:b='&#13;'".to_owned(),
        ],
        0..8,
    );
    let attributes = move || declarations.clone().prop_map(|attributes| attributes.join(" "));
    let pieces = ["", " ", "\u{A0}", "x", "&#9;", "&#13;", "<![CDATA[]]>", "<![CDATA[ ]]>", "<!-- -->", "<?pi?>"];
    let leaf = prop::sample::select(pieces.to_vec()).prop_map(str::to_owned);
    let wrap = attributes.clone();
    let inner = leaf.prop_recursive(3, 12, 4, move |inner| {
        (name(), wrap(), vec(inner, 0..4))
            .prop_map(|(name, attributes, inside)| format!("<{name} {attributes}>{}</{name}>", inside.concat()))
    });
    vec(inner, 0..4).prop_map(|inside| {
        let bound = format!(
            "xmlns:p='urn:p' xmlns:q='urn:q' xmlns:s='{}' xmlns:t='{}' xmlns:i='{}'",
            soap::ns::SOAP12,
            soap::ns::SOAP11,
            soap::ns::XSI
        );
        format!("<root {bound}>{}</root>", inside.concat())
    })
}

/// All text of an element as it is held, to the letter: `==` forgives white space, this does not.
fn texts(element: &Element) -> Vec<String> {
    let own = element.nodes().iter().map(|node| match node {
        Node::Text(text) => vec![text.clone()],
        Node::Element(child) => texts(child),
    });
    own.flatten().collect()
}

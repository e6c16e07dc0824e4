//! `soap::Rows`: reads every document that the tree reads, and sees the same in it.
#![no_main]

use fuzz::{all, canary};
use libfuzzer_sys::fuzz_target;
use soap::{Element, Error, Field, Limits, Rows, parse};

const ROW: &str = "result";

fuzz_target!(|document: &[u8]| {
    let tree = parse(document, Limits::default());
    let compared = compare(document, tree.as_ref().ok());
    // The rows do not look at namespaces and types; beside that the two agree on what a document is.
    assert!(compared.is_ok() || tree.is_err(), "the rows refuse what the tree reads");
});

fn compare(document: &[u8], tree: Option<&Element>) -> Result<(), Error> {
    let mut rows = Rows::over(document, ROW, Limits::default())?;
    let expected = tree.map(rows_of);
    if let Some(tree) = tree {
        let morerecords = plain(tree).find(|(name, _)| *name == "morerecords");
        assert_eq!(
            rows.root_attribute("morerecords"),
            morerecords.map(|(_, value)| value).or(rows.root_attribute("morerecords"))
        );
    }
    let mut index = 0;
    while let Some(row) = rows.next_row()? {
        let fields: Vec<Field<'_, '_>> = row.fields().collect();
        canary!(row.get("ownerid/name").is_some_and(|name| name != "a"));
        if let Some(expected) = &expected {
            let expected = expected.get(index).expect("no more rows than the tree has");
            for (name, value) in plain(expected) {
                assert_eq!(row.attribute(name), Some(value), "the attribute {name} of row {index}");
            }
            let expected: Vec<&Element> = expected.children().flat_map(all).collect();
            assert_eq!(fields.len(), expected.len(), "the fields of row {index}");
            for (field, expected) in fields.iter().zip(expected) {
                agree(field, expected);
            }
        }
        index += 1;
    }
    assert_eq!(rows.count(), index);
    assert!(expected.is_none_or(|expected| expected.len() == index), "as many rows as the tree has");
    Ok(())
}

/// The outermost elements of the rows' name below the root.
fn rows_of(element: &Element) -> Vec<&Element> {
    element.children().flat_map(|child| if child.is(ROW) { vec![child] } else { rows_of(child) }).collect()
}

/// The attributes in no namespace.
fn plain(element: &Element) -> impl Iterator<Item = (&str, &str)> {
    element.attributes().filter(|(name, _)| name.ns.is_empty()).map(|(name, value)| (&*name.local, value))
}

fn agree(field: &Field<'_, '_>, expected: &Element) {
    assert_eq!(field.name(), expected.local());
    if expected.children().next().is_some() {
        // Around child elements the tree drops layout.
        let bare = |text: &str| text.split_ascii_whitespace().collect::<String>();
        assert_eq!(bare(field.text()), bare(&expected.text()));
    } else {
        assert_eq!(field.text(), expected.text());
    }
    for (name, value) in plain(expected) {
        assert_eq!(field.attribute(name), Some(value), "the attribute {name} of {}", field.name());
    }
}

//! Whose it is, written at the end of a web's or a group's description.
//!
//! A 2007 host has no property bag that its services could write, and no service that changes a web's description.
//! The description is given when the web is made and is read by `Webs.GetWeb` (MS-WEBSS R694), so the mark is put
//! there: ` [tieline …]`. People who may change the description may change the mark. Groups, whose names all webs of a
//! collection share, carry the path of their web in the same way.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

const OPENING: &str = "[tieline ";

/// What would end the mark early or be touched on the way through a form and XML.
const ESCAPED: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'[').add(b']').add(b'<').add(b'>').add(b'&').add(b'"');

/// The description with the mark at its end.
pub(super) fn write(description: &str, mark: &str) -> String {
    let description = description.trim_end();
    let space = if description.is_empty() { "" } else { " " };
    format!("{description}{space}{OPENING}{}]", utf8_percent_encode(mark, ESCAPED))
}

/// The mark at the end of a description, if there is one.
pub(super) fn read(description: &str) -> Option<String> {
    let (_, mark) = description.trim_end().strip_suffix(']')?.rsplit_once(OPENING)?;
    let whole = mark.is_ascii() && !mark.contains([' ', '[', ']']);
    if whole { percent_decode_str(mark).decode_utf8().ok().map(Into::into) } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_description_without_a_mark_has_none() {
        for text in
            ["", "Harbour", "[tieline a", "[tieline a] and more", "[tieline a b]", "tieline a]", "[tieline %ff]"]
        {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_mark_stands_at_the_end_of_the_description() {
        assert_eq!(write("Site of Harbour", "account 1"), "Site of Harbour [tieline account%201]");
        assert_eq!(write("", "x"), "[tieline x]");
    }

    proptest! {
        /// ST-01: ownership is read back whatever the description says, another mark included.
        #[test]
        fn any_mark_is_read_back_from_any_description(description in "(\\[tieline [a-z%]{0,3}\\]?|\\PC){0,20}", mark in any::<String>()) {
            prop_assert_eq!(read(&write(&description, &mark)), Some(mark));
        }
    }
}

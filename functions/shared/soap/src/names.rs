//! Which names XML allows.

/// The local part of a name of an element, an attribute or a type; `None` if it is no such name. It has one prefix at
/// most (Namespaces in XML 1.0, production 7).
///
/// It runs over every tag and attribute of a document. Nearly all names are of ASCII: their bytes are looked up in a table
/// without a branch for each.
pub(crate) fn local_part(name: &str) -> Option<&str> {
    if name.len() > MOST_BYTES {
        return None;
    }
    let classes = name.bytes().fold(0, |classes, byte| classes | CLASSES[usize::from(byte)]);
    match classes & (COLON | OTHER) {
        0 if begins(name) => Some(name),
        COLON => {
            let (prefix, local) = name.split_once(':')?;
            (begins(prefix) && begins(local) && !local.contains(':')).then_some(local)
        }
        _ => local_part_by_character(name),
    }
}

/// Whether a text of ASCII begins as a name does.
fn begins(text: &str) -> bool {
    text.bytes().next().is_some_and(|first| CLASSES[usize::from(first)] == FIRST)
}

/// Whether this is a name without a prefix (production 4).
pub(crate) fn is_local(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(is_first) && characters.all(is_later)
}

/// Longer than any name in use, in bytes. An error repeats the names on the way to it.
const MOST_BYTES: usize = 1_024;

fn local_part_by_character(name: &str) -> Option<&str> {
    let local = match name.split_once(':') {
        Some((prefix, _)) if !is_local(prefix) => return None,
        Some((_, local)) => local,
        None => name,
    };
    is_local(local).then_some(local)
}

const FIRST: u8 = 1;
const LATER: u8 = 2;
const COLON: u8 = 4;
/// What does not belong into a name of ASCII.
const OTHER: u8 = 8;

/// What each byte may be in a name of ASCII.
const CLASSES: [u8; 256] = {
    let mut classes = [OTHER; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => FIRST,
            b'0'..=b'9' | b'-' | b'.' => LATER,
            b':' => COLON,
            _ => OTHER,
        };
        byte += 1;
    }
    classes
};

/// XML 1.0, production 4, without the colon.
fn is_first(c: char) -> bool {
    matches!(c,
        'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

/// XML 1.0, production 4a, without the colon.
fn is_later(c: char) -> bool {
    is_first(c) || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The table is a faster way to say the same.
        #[test]
        fn the_table_agrees_with_the_productions(name in "[a-zA-Z0-9_.:@ å·×-]{0,6}") {
            prop_assert_eq!(local_part(&name), local_part_by_character(&name));
        }
    }
}

//! The rules of names in 2007 (contract §5: KB 905231 and its copies).

use std::fmt::Write as _;

/// Why a name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing at all.
    #[error("a name must not be empty")]
    Empty,
    /// One of the characters that no name may have.
    #[error("a name must not contain illegal characters")]
    IllegalCharacter,
    /// A period at either end.
    #[error("a name must not begin or end with a period")]
    PeriodAtAnEnd,
    /// Two periods side by side.
    #[error("a name must not contain consecutive periods")]
    ConsecutivePeriods,
    /// A web's name that begins with an underscore.
    #[error("the name of a web must not begin with an underscore")]
    Underscore,
    /// More than 128 characters.
    #[error("a name must have at most 128 characters")]
    TooLong,
    /// The address from the root of the host has more than 260 characters.
    #[error("an address must have at most 260 characters")]
    AddressTooLong,
}

impl BadName {
    /// What the error page says about a web's name. Typical wording, not recorded.
    pub(crate) fn page_text(self, name: &str) -> String {
        match self {
            Self::Empty => "You must specify a value for this required field.".to_owned(),
            Self::TooLong | Self::AddressTooLong => {
                "The specified URL is too long. The name of a site must have 128 characters or fewer, and its URL \
                 260 characters or fewer."
                    .to_owned()
            }
            _ => format!(
                "The URL \"{name}\" is invalid. It may contain illegal characters, begin with an underscore, or begin \
                 or end with a period."
            ),
        }
    }
}

const LONGEST_NAME: usize = 128;
const LONGEST_ADDRESS: usize = 260;
const ILLEGAL: &[char] = &['~', '"', '#', '%', '&', '*', ':', '<', '>', '?', '/', '\\', '{', '|', '}'];

/// Checks the last segment of a new web's address; `parent` is the parent's path from the host's root.
pub fn check_web_name(parent: &str, name: &str) -> Result<(), BadName> {
    check(parent, name)?;
    if name.contains('+') {
        return Err(BadName::IllegalCharacter);
    }
    if name.starts_with('_') {
        return Err(BadName::Underscore);
    }
    Ok(())
}

/// Checks the name of a file or folder; `parent` is its folder's path from the host's root.
pub fn check_file_name(parent: &str, name: &str) -> Result<(), BadName> {
    check(parent, name)
}

fn check(parent: &str, name: &str) -> Result<(), BadName> {
    if name.trim().is_empty() {
        return Err(BadName::Empty);
    }
    if name.chars().any(|c| ILLEGAL.contains(&c) || c.is_control()) {
        return Err(BadName::IllegalCharacter);
    }
    if name.starts_with('.') || name.ends_with('.') {
        return Err(BadName::PeriodAtAnEnd);
    }
    if name.contains("..") {
        return Err(BadName::ConsecutivePeriods);
    }
    let length = name.chars().count();
    if length > LONGEST_NAME {
        return Err(BadName::TooLong);
    }
    if parent.chars().count() + 1 + length > LONGEST_ADDRESS {
        return Err(BadName::AddressTooLong);
    }
    Ok(())
}

/// The last segment of a new list's or view's address: the title without what an address cannot carry.
/// 2007 derives it and never asks.
pub(crate) fn address_of_title(title: &str) -> String {
    let kept: String = title.chars().filter(|c| !ILLEGAL.contains(c) && !c.is_control()).take(LONGEST_NAME).collect();
    kept.trim().trim_matches('.').to_owned()
}

/// The internal name of a column: its first display name, everything but letters and digits as `_xHHHH_`,
/// at most 32 characters. The `Name` attribute of a new field is not asked: a well-known trap of 2007
/// (`AddFieldAsXml` takes the display name).
pub(crate) fn internal_name(display_name: &str) -> String {
    let mut name = String::new();
    for (index, unit) in display_name.encode_utf16().enumerate() {
        let plain = u8::try_from(unit).ok().map(char::from).filter(char::is_ascii);
        match plain {
            Some(c) if c.is_ascii_alphabetic() || c == '_' || (c.is_ascii_digit() && index > 0) => name.push(c),
            // Writing to a string cannot fail.
            _ => drop(write!(name, "_x{unit:04x}_")),
        }
    }
    name.chars().take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ST-13: what the page refuses, the engine must never post. The table is contract §5.
    #[test]
    fn names_follow_the_rules_of_2007() {
        let long = "a".repeat(129);
        let table: &[(&str, Result<(), BadName>)] = &[
            ("harbour-lights", Ok(())),
            ("Søren & Co", Err(BadName::IllegalCharacter)),
            ("Søren og Co", Ok(())),
            ("v1.2", Ok(())),
            ("", Err(BadName::Empty)),
            ("  ", Err(BadName::Empty)),
            (".hidden", Err(BadName::PeriodAtAnEnd)),
            ("end.", Err(BadName::PeriodAtAnEnd)),
            ("a..b", Err(BadName::ConsecutivePeriods)),
            ("_layouts", Err(BadName::Underscore)),
            ("a+b", Err(BadName::IllegalCharacter)),
            ("a\tb", Err(BadName::IllegalCharacter)),
            (&long, Err(BadName::TooLong)),
            (&long[1..], Ok(())),
        ];
        for (name, expected) in table {
            assert_eq!(check_web_name("/sites/harbour", name), *expected, "{name:?}");
        }
        for c in ILLEGAL {
            assert_eq!(check_web_name("/sites/harbour", &format!("a{c}b")), Err(BadName::IllegalCharacter), "{c}");
        }
    }

    #[test]
    fn an_address_has_at_most_260_characters() {
        let parent = "/".to_owned() + &"p".repeat(200);
        assert_eq!(check_web_name(&parent, &"a".repeat(58)), Ok(()));
        assert_eq!(check_web_name(&parent, &"a".repeat(59)), Err(BadName::AddressTooLong));
    }

    #[test]
    fn files_may_have_what_only_webs_may_not() {
        assert_eq!(check_file_name("/sites/harbour/Contracts", "_draft+1.docx"), Ok(()));
    }

    #[test]
    fn an_internal_name_comes_from_the_display_name() {
        for (display, internal) in [
            ("ContractStatus", "ContractStatus"),
            ("Due Date", "Due_x0020_Date"),
            ("2nd", "_x0032_nd"),
            ("Größe", "Gr_x00f6__x00df_e"),
        ] {
            assert_eq!(internal_name(display), internal);
        }
        assert_eq!(internal_name(&"long ".repeat(20)).chars().count(), 32);
    }
}

//! What CRM's error codes mean to a caller (contract §8).

use std::fmt;

use soap::{Element, Fault};

/// A CRM error code, printed as `0x8004A101`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Code(u32);

/// What a code asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Meaning {
    /// The ticket is expired or not believed: sign in anew, once.
    SignedOut,
    /// Back off and try later.
    Busy,
    /// The record does not exist.
    NotFound,
    /// A repeat will not help.
    Refused,
}

impl Code {
    /// "Cannot insert duplicate key": a record with this id is already there.
    pub(crate) const DUPLICATE_KEY: Self = Self(0x8004_0237);

    /// The code of a fault: from the detail's `code` element (the contract says to read by name, not by position), or
    /// else the first one that the reason or the detail quotes, which is how some expired tickets show.
    pub(crate) fn of(fault: &Fault) -> Option<Self> {
        let stated = fault.detail_text("code").and_then(|text| Self::quoted_in(&text));
        stated
            .or_else(|| Self::quoted_in(&fault.reason))
            .or_else(|| fault.detail.as_ref().and_then(|detail| Self::quoted_below(detail)))
    }

    pub(crate) fn meaning(self) -> Meaning {
        match self.0 {
            0x8004_A100..=0x8004_A103 | 0x8004_A105 => Meaning::SignedOut,
            // SQL timeout, generic SQL, SQL governor, lock timeout, throttling; sandbox unavailable and timed out;
            // and "an unexpected error", for which the contract asks for a few attempts: the caller's budget limits them.
            0x8004_4150
            | 0x8004_4151
            | 0x8004_A001
            | 0x8004_ED47
            | 0x8005_F103
            | 0x8004_418D
            | 0x8004_418E
            | 0x8004_4171..=0x8004_4173
            | 0x8004_0216 => Meaning::Busy,
            0x8004_0217 => Meaning::NotFound,
            _ => Meaning::Refused,
        }
    }

    fn quoted_below(element: &Element) -> Option<Self> {
        Self::quoted_in(&element.text()).or_else(|| element.children().find_map(Self::quoted_below))
    }

    /// The first run of eight hexadecimal digits that begins like every CRM code.
    fn quoted_in(text: &str) -> Option<Self> {
        let digits = |window: &[u8]| window.iter().all(u8::is_ascii_hexdigit);
        let found = text.as_bytes().windows(8).find(|window| window.starts_with(b"800") && digits(window))?;
        u32::from_str_radix(std::str::from_utf8(found).ok()?, 16).ok().map(Self)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:08X}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(reason: &str, code: Option<&str>) -> Fault {
        let fault = Fault::server(reason);
        match code {
            // Documented shape (contract §8, msdn bb928443).
            Some(code) => {
                let error = Element::new("", "error").with_value("description", "x").with_value("code", code);
                fault.with_detail([error])
            }
            None => fault,
        }
    }

    #[test]
    fn a_code_is_read_from_the_detail_by_name_and_else_from_the_text() {
        let code = |fault: &Fault| Code::of(fault).map(|code| code.to_string());
        assert_eq!(code(&fault("0x80040216", Some("0x8004A101"))), Some("0x8004A101".to_owned()));
        assert_eq!(code(&fault("failed: 8004a101 the ticket", None)), Some("0x8004A101".to_owned()));
        assert_eq!(code(&fault("x", Some(" 80040217 "))), Some("0x80040217".to_owned()));
        assert_eq!(code(&fault("Server was unable to process request.", None)), None);
        let elsewhere = Fault::server("x").with_detail([Element::new("", "odd").with_text("(0x80044151)")]);
        assert_eq!(code(&elsewhere), Some("0x80044151".to_owned()));
    }

    /// Contract §8, line by line.
    #[test]
    fn codes_are_sorted_by_what_they_ask_for() {
        let meaning = |code: u32| Code(code).meaning();
        for code in [0x8004_A100, 0x8004_A101, 0x8004_A102, 0x8004_A103, 0x8004_A105] {
            assert_eq!(meaning(code), Meaning::SignedOut, "{}", Code(code));
        }
        let busy = [
            0x8004_4151,
            0x8004_4150,
            0x8004_A001,
            0x8004_ED47,
            0x8005_F103,
            0x8004_418D,
            0x8004_418E,
            0x8004_4171,
            0x8004_4172,
            0x8004_4173,
            0x8004_0216,
        ];
        for code in busy {
            assert_eq!(meaning(code), Meaning::Busy, "{}", Code(code));
        }
        assert_eq!(meaning(0x8004_0217), Meaning::NotFound);
        for code in [0x8004_0220, 0x8004_0203, 0x8004_0237, 0x8004_0333, 0x8004_0233, 0x8004_1103, 0x8004_A104] {
            assert_eq!(meaning(code), Meaning::Refused, "{}", Code(code));
        }
    }
}

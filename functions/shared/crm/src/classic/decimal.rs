//! Exact decimal numbers: money must not pass through floating point.

use std::{fmt, str::FromStr};

/// A decimal number as CRM wrote it, to the digit: `19.9500` stays `19.9500` and differs from `19.95`.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub struct Decimal(String);

/// Text that is not a decimal number of XML Schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a decimal is digits with at most one point and at most one sign in front")]
pub struct NotADecimal;

impl FromStr for Decimal {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<Self, NotADecimal> {
        let signed = text.strip_prefix('+').unwrap_or(text);
        let digits = if signed.len() == text.len() { text.strip_prefix('-').unwrap_or(text) } else { signed };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let legal = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if legal(whole) && legal(fraction) && !(whole.is_empty() && fraction.is_empty()) {
            Ok(Self(signed.to_owned()))
        } else {
            Err(NotADecimal)
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_keeps_its_digits_and_other_text_is_refused() {
        for (text, kept) in [("19.9500", "19.9500"), ("-1", "-1"), ("+2.5", "2.5"), (".5", ".5"), ("5.", "5.")] {
            assert_eq!(text.parse::<Decimal>().map(|d| d.to_string()), Ok(kept.to_owned()));
        }
        for bad in ["", ".", "-", "+-1", "--1", "1e5", "1,5", "1.2.3", "NaN", " 1"] {
            assert_eq!(bad.parse::<Decimal>(), Err(NotADecimal), "{bad:?}");
        }
    }
}

//! The `OverallStatus` of a reply: HTTP 200 says nothing (contract §4 and §6).

use std::{collections::BTreeSet, convert::Infallible, str::FromStr};

/// What a reply says of the whole call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overall {
    /// All of it, and this is all.
    Ok,
    /// A page; the next one is asked for by its `RequestID`.
    MoreDataAvailable,
    /// Some objects were done and others were not: each result speaks for itself.
    Mixed,
    /// Properties that this object does not have. The others can still be asked for.
    PropertiesRefused(BTreeSet<String>),
    /// No such object, or not spelled so.
    UnknownObject,
    /// The user may not.
    NotPermitted,
    /// The platform does not know the page that was asked for, or any other text that begins with `Error`, or one that
    /// nobody has described: what is not known to be good is not taken for it.
    Failed,
}

impl FromStr for Overall {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let text = text.trim();
        Ok(match text {
            "OK" => Self::Ok,
            "MoreDataAvailable" => Self::MoreDataAvailable,
            // "Has Error" by the guide, "Has Errors" by a reconstruction; no recording is known.
            _ if text.starts_with("Has Error") => Self::Mixed,
            _ => match text.strip_prefix("Error").map(|rest| rest.trim_start_matches([':', ' '])) {
                Some(rest) if rest.starts_with("The Request Property(s) ") => {
                    Self::PropertiesRefused(refused_properties(rest))
                }
                Some(rest) if rest.starts_with("Unable to find a handler for object type") => Self::UnknownObject,
                Some(rest) if rest.starts_with("API Permission Failed") => Self::NotPermitted,
                _ => Self::Failed,
            },
        })
    }
}

/// `The Request Property(s) A, B do not match with the fields of BounceEvent retrieve`: `A` and `B`.
fn refused_properties(text: &str) -> BTreeSet<String> {
    let names = text.trim_start_matches("The Request Property(s) ");
    let names = names.split(" do not match").next().unwrap_or_default();
    names.split([',', ' ']).map(str::trim).filter(|name| !name.is_empty()).map(ToOwned::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Overall {
        let Ok(overall) = text.parse();
        overall
    }

    /// The texts of contract §4, as recorded or seen live; the last four are invented.
    #[test]
    fn a_text_that_begins_with_error_is_an_error_whatever_http_says() {
        let refused =
            "Error: The Request Property(s) BounceReason, ListID do not match with the fields of BounceEvent retrieve";
        let names = ["BounceReason", "ListID"].map(ToOwned::to_owned);
        assert_eq!(of(refused), Overall::PropertiesRefused(names.into()));
        let handler = "Error: Unable to find a handler for object type: DeliveryProfile. Object types are case-sensitive, check spelling.";
        assert_eq!(of(handler), Overall::UnknownObject);
        assert_eq!(of("Error: API Permission Failed. Object type: Send"), Overall::NotPermitted);
        assert_eq!(of("Error: Invalid column name 'Nickname'."), Overall::Failed);
        assert_eq!(of("Error"), Overall::Failed);
        for unheard_of in ["", "ok", "Fine", "OK, nearly"] {
            assert_eq!(of(unheard_of), Overall::Failed, "{unheard_of:?}");
        }
    }

    #[test]
    fn what_is_good_is_known_to_the_letter() {
        assert_eq!(of(" OK\n"), Overall::Ok);
        assert_eq!(of("MoreDataAvailable"), Overall::MoreDataAvailable);
        assert_eq!((of("Has Error"), of("Has Errors")), (Overall::Mixed, Overall::Mixed));
    }
}

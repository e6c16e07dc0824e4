//! Ids that a CRM gives to its records.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A CRM record id. Always lower case, without braces, whatever CRM sent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CrmId(Uuid);

/// Text that is not a CRM record id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a record id is 32 hexadecimal digits in five groups, with or without braces")]
pub struct NotACrmId;

impl CrmId {
    /// The id of a UUID that is already at hand.
    pub const fn new(id: Uuid) -> Self {
        Self(id)
    }

    /// The id as a UUID.
    pub const fn uuid(self) -> Uuid {
        self.0
    }

    /// The id as CRM 4.0 writes it in responses: upper case, in braces.
    pub fn braced(self) -> String {
        self.0.braced().to_string().to_uppercase()
    }
}

impl FromStr for CrmId {
    type Err = NotACrmId;

    fn from_str(text: &str) -> Result<Self, NotACrmId> {
        let bare = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
        // The five-group form only: `Uuid` would also take 32 bare digits and `urn:` forms.
        if bare.len() == 36 { bare.parse().map(Self).map_err(|_| NotACrmId) } else { Err(NotACrmId) }
    }
}

impl TryFrom<String> for CrmId {
    type Error = NotACrmId;

    fn try_from(text: String) -> Result<Self, NotACrmId> {
        text.parse()
    }
}

impl From<CrmId> for String {
    fn from(id: CrmId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for CrmId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.hyphenated())
    }
}

impl fmt::Debug for CrmId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn braces_and_case_do_not_matter() {
        let plain: CrmId = "8d0f1b6e-6a3a-df11-9a6d-00155d0a0b01".parse().expect("an id");
        let braced: CrmId = "{8D0F1B6E-6A3A-DF11-9A6D-00155D0A0B01}".parse().expect("an id");
        assert_eq!(plain, braced);
        for written in [braced.to_string(), format!("{braced:?}"), String::from(braced)] {
            assert_eq!(written, "8d0f1b6e-6a3a-df11-9a6d-00155d0a0b01");
        }
        assert_eq!(plain.braced(), "{8D0F1B6E-6A3A-DF11-9A6D-00155D0A0B01}");
    }

    #[test]
    fn other_spellings_are_refused() {
        for bad in [
            "",
            "{}",
            "8d0f1b6e6a3adf119a6d00155d0a0b01",
            "{8d0f1b6e-6a3a-df11-9a6d-00155d0a0b01",
            "zd0f1b6e-6a3a-df11-9a6d-00155d0a0b01",
        ] {
            assert_eq!(bad.parse::<CrmId>(), Err(NotACrmId), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_an_id_or_a_refusal(text in ".{0,60}") {
            if let Ok(id) = text.parse::<CrmId>() {
                prop_assert_eq!(id.to_string().parse::<CrmId>(), Ok(id));
            }
        }

        #[test]
        fn writing_then_reading_is_identity(bits: u128) {
            let id = CrmId::new(Uuid::from_u128(bits));
            prop_assert_eq!(id.braced().parse::<CrmId>(), Ok(id));
            prop_assert_eq!(id.to_string().parse::<CrmId>(), Ok(id));
        }
    }
}

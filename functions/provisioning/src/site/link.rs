//! The unguessable part of a status page's address.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::TenantId;
use platform::Key;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// 256 random bits, 43 characters of URL-safe base64. Whoever has it may see one site's progress, nothing else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Link(String);

/// Text that is not a link.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a link has 43 characters of URL-safe base64")]
pub struct NotALink;

impl Link {
    /// A new one.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bits = [0; 32];
        getrandom::fill(&mut bits)?;
        Ok(Self(BASE64_URL_SAFE_NO_PAD.encode(bits)))
    }

    /// The link as it stands in an address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of the row that leads from the link to its site. Hashed, because keys appear in errors and logs.
    pub fn key(&self, tenant: &TenantId) -> Key {
        Key::new(tenant, format!("LINK#{}", BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&self.0))))
    }
}

impl std::str::FromStr for Link {
    type Err = NotALink;

    fn from_str(text: &str) -> Result<Self, NotALink> {
        match BASE64_URL_SAFE_NO_PAD.decode(text) {
            Ok(bits) if bits.len() == 32 => Ok(Self(text.to_owned())),
            _ => Err(NotALink),
        }
    }
}

impl TryFrom<String> for Link {
    type Error = NotALink;

    fn try_from(text: String) -> Result<Self, NotALink> {
        text.parse()
    }
}

impl From<Link> for String {
    fn from(link: Link) -> Self {
        link.0
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_survives_its_text_and_does_not_print_itself() {
        let link = Link::random().expect("the machine has random numbers");
        assert_eq!(link.as_str().parse(), Ok(link.clone()));
        assert!(!format!("{link:?}").contains(link.as_str()));
        for bad in ["", "short", "../../x", "a".repeat(44).as_str(), &format!("{}=", link.as_str())] {
            assert_eq!(bad.parse::<Link>(), Err(NotALink), "{bad:?}");
        }
    }
}

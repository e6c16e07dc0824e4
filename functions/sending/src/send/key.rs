//! What a send is called at the platform.

use std::fmt;

use domain::{CrmId, TenantId};
use sha2::{Digest, Sha256};

/// A pure function of tenant, send and revision: whoever comes to it makes the same one, however often (S3). 32 characters
/// of base32, which are 160 bits; the platform takes 36 (contract `exacttarget/README.md` §7).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SendKey(String);

impl SendKey {
    /// The key of a send's revision.
    pub fn of(tenant: &TenantId, send: CrmId, revision: u32) -> Self {
        // A tenant's id has no slash, and a send's neither: no two triples have one text.
        Self(base32(&Sha256::digest(format!("{tenant}/{send}/{revision}"))[..20]))
    }

    /// The key of what belongs to it beside the send itself.
    #[must_use]
    pub fn of_its(&self, what: &str) -> Self {
        Self(base32(&Sha256::digest(format!("{}/{what}", self.0))[..20]))
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SendKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// RFC 4648 §6, in lower case; whole groups of five bytes only, which need no padding.
fn base32(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut text = String::with_capacity(bytes.len() * 8 / 5);
    for group in bytes.chunks(5) {
        let number = group.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        for place in (0..8).rev() {
            let digit = (number >> (5 * place)) & 31;
            text.push(char::from(DIGITS[usize::try_from(digit).unwrap_or_default()]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648 §10: `foobar` without its last byte.
    #[test]
    fn base32_is_that_of_the_standard() {
        assert_eq!(base32(b"fooba"), "mzxw6ytb");
    }

    /// S3, S4: the same send has the same key, and nothing else has it.
    #[test]
    fn a_key_is_one_sends_and_stays() {
        let id: CrmId = "8d0f1b6e-6a3a-df11-9a6d-00155d0a0b01".parse().unwrap();
        let other: CrmId = "8d0f1b6e-6a3a-df11-9a6d-00155d0a0b02".parse().unwrap();
        let of = |tenant: &str, id, revision| SendKey::of(&tenant.parse().unwrap(), id, revision);
        let key = of("harbour", id, 1);
        assert_eq!(key, of("harbour", id, 1));
        assert_eq!(key.as_str(), "5ztrujddbtj2vxpi6zycvcwq5qq7zb4d");
        assert_eq!(key.as_str().len(), 32);
        let all = [&key, &of("harbour", id, 2), &of("harbour", other, 1), &of("northwind", id, 1), &key.of_its("not")];
        let different: std::collections::BTreeSet<_> = all.into_iter().collect();
        assert_eq!(different.len(), 5);
    }
}

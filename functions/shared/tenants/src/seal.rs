//! What only who has a connection's secret can read.

use std::num::NonZeroU32;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    pbkdf2,
};
use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use domain::TenantId;

/// How often a guess at the secret has to be hashed. A password that a person chose could be guessed by who reads the
/// table; this makes each guess cost two milliseconds, as much as our own first use of the key in a process.
pub(crate) const ROUNDS: NonZeroU32 = NonZeroU32::new(10_000).expect("not zero");

/// Seals text under a key that is made of the connection's own secret, for one tenant and service (AES-256-GCM).
///
/// So whoever reads the table reads nothing, what is copied to another row opens nothing, and what was sealed under a
/// secret that was rotated since cannot be opened: it is gone by itself.
///
/// The limit: the seal is as strong as the secret. A weak password that a person chose can be found by guessing.
pub(crate) struct Seal {
    key: RandomizedNonceKey,
    belongs_to: String,
}

impl Seal {
    /// The seal of a tenant's connection, for which the secret is hashed so often.
    pub(crate) fn new(tenant: &TenantId, service: &str, secret: &[u8], rounds: NonZeroU32) -> Self {
        // The number is that of the form of what is sealed: another form is as unreadable as another secret's.
        let belongs_to = format!("tieline token 1 {tenant} {service}");
        let mut key = [0; 32];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, belongs_to.as_bytes(), secret, &mut key);
        let key = RandomizedNonceKey::new(&AES_256_GCM, &key).expect("32 bytes are a key of AES-256");
        Self { key, belongs_to }
    }

    /// Nonce and sealed text, in base64. `None` if this machine has no random numbers.
    pub(crate) fn close(&self, text: &str) -> Option<String> {
        let mut sealed = text.as_bytes().to_vec();
        let nonce = self.key.seal_in_place_append_tag(Aad::from(&self.belongs_to), &mut sealed).ok()?;
        let bytes: Vec<u8> = nonce.as_ref().iter().chain(&sealed).copied().collect();
        Some(BASE64_STANDARD_NO_PAD.encode(bytes))
    }

    /// The text. `None` if it was sealed otherwise, for another, or changed since.
    pub(crate) fn open(&self, sealed: &str) -> Option<String> {
        let mut bytes = BASE64_STANDARD_NO_PAD.decode(sealed).ok()?;
        let (nonce, text) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let text = self.key.open_in_place(nonce, Aad::from(&self.belongs_to), text).ok()?;
        String::from_utf8(text.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seal(tenant: &str, service: &str, secret: &str) -> Seal {
        Seal::new(&tenant.parse().expect("a tenant id"), service, secret.as_bytes(), ROUNDS)
    }

    /// Another tenant's, another service's and another secret's seal open nothing; neither does anything else.
    #[test]
    fn only_the_same_secret_opens_what_it_sealed() {
        let sealed = seal("harbour", "crm", "one").close("a ticket").expect("random numbers");
        assert_eq!(seal("harbour", "crm", "one").open(&sealed).as_deref(), Some("a ticket"));
        for other in [("harbour", "crm", "two"), ("harbour", "sharepoint", "one"), ("northwind", "crm", "one")] {
            assert_eq!(seal(other.0, other.1, other.2).open(&sealed), None, "{other:?}");
        }
        for odd in ["", "=", "AAAA", "AAAAAAAAAAAAAAAA", "not base64"] {
            assert_eq!(seal("harbour", "crm", "one").open(odd), None, "{odd:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Any text comes back as it was; with any bit changed, or cut, it does not come back at all. Sealed twice it
        /// looks different, and the text is not to be seen in it.
        #[test]
        fn what_is_sealed_comes_back_whole_or_not_at_all(text in ".{0,80}", bit: prop::sample::Index) {
            let seal = seal("harbour", "crm", "one");
            let sealed = seal.close(&text).expect("random numbers");
            prop_assert_eq!(seal.open(&sealed), Some(text.clone()));
            prop_assert_ne!(seal.close(&text), Some(sealed.clone()));
            let mut bytes = BASE64_STANDARD_NO_PAD.decode(&sealed).expect("base64");
            let at = bit.index(bytes.len() * 8);
            bytes[at / 8] ^= 1 << (at % 8);
            prop_assert_eq!(seal.open(&BASE64_STANDARD_NO_PAD.encode(&bytes)), None);
            prop_assert_eq!(seal.open(&BASE64_STANDARD_NO_PAD.encode(&bytes[..at / 8])), None);
        }
    }
}

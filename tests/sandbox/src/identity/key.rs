//! Keys that tokens are signed with. Made with the library itself and not with the one that the engine reads tokens
//! with, so that the two can disagree.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// An RSA key of 2,048 bits. Clones are the same key.
#[derive(Clone)]
pub struct SigningKey {
    pair: Arc<RsaKeyPair>,
    kid: String,
}

impl SigningKey {
    /// A new key that nobody has seen.
    pub fn make() -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("the machine has random numbers");
        // Entra's are thumbprints, too.
        let kid = BASE64_URL_SAFE_NO_PAD
            .encode(&Sha256::digest(pair.public_key().modulus().big_endian_without_leading_zero())[..20]);
        Self { pair: Arc::new(pair), kid }
    }

    /// One of the keys of this process: the same number gives the same key. Making one takes a tenth of a second, and
    /// tests have many worlds.
    pub(super) fn numbered(number: usize) -> Self {
        static MADE: Mutex<Vec<SigningKey>> = Mutex::new(Vec::new());
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        while made.len() <= number {
            made.push(Self::make());
        }
        made[number].clone()
    }

    /// The key's id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half, as a JSON Web Key (RFC 7517). Entra adds certificates (`x5c`) and names no `alg`.
    pub fn public(&self) -> Value {
        let key = self.pair.public_key();
        let number = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        json!({
            "kty": "RSA",
            "use": "sig",
            "kid": self.kid,
            "x5t": self.kid,
            "n": number(key.modulus().big_endian_without_leading_zero()),
            "e": number(key.exponent().big_endian_without_leading_zero()),
        })
    }

    /// Signs any header and any claims with RS256, whatever the header says.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(header), part(claims));
        format!("{text}.{}", self.signature(&text))
    }

    /// The RS256 signature of a text.
    pub fn signature(&self, text: &str) -> String {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .expect("the signature has room");
        BASE64_URL_SAFE_NO_PAD.encode(signature)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.kid)
    }
}

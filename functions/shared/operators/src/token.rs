//! Access tokens of Entra ID, version 2.0.
//!
//! <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>

use domain::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, errors::ErrorKind};
use serde::Deserialize;
use uuid::Uuid;

use crate::{Authority, Refusal, uuid};

/// How far clocks may be apart, in seconds. Entra's and Lambda's are set by NTP; a skew of minutes is a wrong clock.
const LEEWAY: i64 = 60;
/// API Gateway takes headers of 10,240 bytes in all.
const MOST_BYTES: usize = 10_240;
/// Entra's key ids have 27 to 43.
const MOST_KID_BYTES: usize = 128;

/// What must be in a token. Exact on purpose: an array for `aud`, or a number with a fraction, is not Entra's.
#[derive(Clone, Debug, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    tid: String,
    oid: String,
    /// The application that asked for the token. ID tokens have none, and they are not for APIs.
    azp: String,
    ver: String,
    #[serde(default)]
    roles: Vec<String>,
}

/// A token whose every claim is acceptable, and whose signature nobody has looked at yet.
pub(crate) struct Token<'t> {
    text: &'t str,
    kid: String,
    directory: Uuid,
}

/// Whom a verified token is about.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) id: Uuid,
    pub(crate) roles: Vec<String>,
}

impl<'t> Token<'t> {
    /// Checks everything that can be checked without a key, so that a hopeless token costs no call.
    pub(crate) fn read(text: &'t str, authority: &Authority, now: Timestamp) -> Result<Self, Refusal> {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if text.len() > MOST_BYTES || !text.bytes().all(legal) {
            return Err(Refusal::Invalid("it is not a token"));
        }
        let header = jsonwebtoken::decode_header(text).map_err(|_| Refusal::Invalid("its header is not one"))?;
        let kid = key_id(header)?;
        let claims: Claims = jsonwebtoken::dangerous::insecure_decode(text)
            .map_err(|_| Refusal::Invalid("it lacks a claim, or has one in another form"))?
            .claims;
        let directory = uuid(&claims.tid).ok_or(Refusal::Invalid("its directory is not one"))?;
        claims.check(authority, directory, now)?;
        Ok(Self { text, kid, directory })
    }

    /// The key that it says it was signed with.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The directory that it says it comes from.
    pub(crate) const fn directory(&self) -> Uuid {
        self.directory
    }

    /// Checks the signature, and the claims once more, by the library's own rules.
    pub(crate) fn verify(&self, key: &DecodingKey, authority: &Authority) -> Result<Verified, Refusal> {
        let mut rules = Validation::new(Algorithm::RS256);
        // Without this a token that has no `iss` would pass `set_issuer`.
        rules.set_required_spec_claims(&["exp", "aud", "iss"]);
        rules.set_issuer(&[authority.issuer(self.directory)]);
        rules.set_audience(&[&authority.audience]);
        // By our clock, in `check`: the library knows only the machine's.
        rules.validate_exp = false;
        let claims: Claims = jsonwebtoken::decode(self.text, key, &rules)
            .map_err(|error| match error.kind() {
                ErrorKind::InvalidSignature => Refusal::Invalid("its signature is not the issuer's"),
                _ => Refusal::Invalid("it is not as it should be"),
            })?
            .claims;
        let id = uuid(&claims.oid).ok_or(Refusal::Invalid("it does not say who it is about"))?;
        Ok(Verified { id, roles: claims.roles })
    }
}

/// RS256 and nothing else: the algorithm is ours to choose, not the token's.
fn key_id(header: Header) -> Result<String, Refusal> {
    if header.alg != Algorithm::RS256 {
        return Err(Refusal::Invalid("it is not signed with RS256"));
    }
    if header.typ.is_some_and(|typ| !typ.eq_ignore_ascii_case("jwt")) {
        return Err(Refusal::Invalid("it is a token of another kind"));
    }
    // RFC 7515, 4.1.11: what must be understood and is not makes a token invalid.
    if header.crit.is_some() || header.enc.is_some() || header.zip.is_some() {
        return Err(Refusal::Invalid("it asks for something that is not known here"));
    }
    header.kid.filter(|kid| (1..=MOST_KID_BYTES).contains(&kid.len())).ok_or(Refusal::Invalid("it names no key"))
}

impl Claims {
    fn check(&self, authority: &Authority, directory: Uuid, now: Timestamp) -> Result<(), Refusal> {
        let now = now.as_second();
        let invalid = |problem| Err(Refusal::Invalid(problem));
        if self.ver != "2.0" || self.azp.is_empty() {
            return invalid("it is no access token of version 2.0");
        }
        if self.aud != authority.audience {
            return invalid("it is for somebody else");
        }
        if self.iss != authority.issuer(directory) {
            return invalid("its issuer is not its directory's");
        }
        if uuid(&self.oid).is_none() {
            return invalid("it does not say who it is about");
        }
        if self.exp.saturating_add(LEEWAY) <= now {
            return invalid("it has expired");
        }
        let begins = self.nbf.unwrap_or(self.iat).max(self.iat);
        if begins.saturating_sub(LEEWAY) > now {
            return invalid("it is not valid yet");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;

    fn authority() -> Authority {
        Authority::from_vars(|name| match name {
            "TIELINE_AUDIENCE" => Some("api".to_owned()),
            "TIELINE_PARTNER_DIRECTORY" => Some("5a1f0c3e-7d42-4c5b-9e0a-2f6b8d4c1e70".to_owned()),
            _ => None,
        })
        .expect("nothing is missing")
    }

    fn good(now: i64) -> Value {
        let authority = authority();
        json!({
            "iss": authority.issuer(authority.partner), "aud": "api", "tid": authority.partner, "azp": "console",
            "oid": "0a000000-0000-4000-8000-000000000001", "ver": "2.0", "iat": now, "nbf": now, "exp": now + 3_600,
        })
    }

    /// With a signature that is none: it is not looked at here.
    fn token(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, value.to_string());
        format!("{}.{}.AAAA", part(header), part(claims))
    }

    fn read(text: &str, now: i64) -> Result<(), Refusal> {
        let now = Timestamp::from_second(now).expect("a timestamp");
        Token::read(text, &authority(), now).map(drop)
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,40}".prop_map(Value::from),
        ];
        leaf.prop_recursive(2, 8, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(Value::from))
    }

    /// The first of the names (nothing at all if there is none) half of the time, else another of them or anything.
    fn like(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
        let first = names.first().map_or(Value::Null, |name| Value::from(*name));
        let others = names.iter().map(|name| Value::from(*name)).chain([Value::Null, json!([]), json!(["exp"])]);
        prop_oneof![4 => Just(first), 3 => prop::sample::select(others.collect::<Vec<_>>()), 1 => any_json()]
    }

    const NOW: i64 = 1_780_300_800;

    proptest! {
        #[test]
        fn any_text_is_a_token_or_a_refusal(text in "\\PC{0,300}") {
            prop_assert!(read(&text, NOW).is_err());
        }

        /// A14: any changed claim is refused, whatever it is changed to. Roles are looked at later.
        #[test]
        fn any_changed_claim_is_refused(at in 0_usize..9, value in any_json()) {
            let mut claims: Map<String, Value> = good(NOW).as_object().expect("an object").clone();
            let header = json!({ "alg": "RS256", "kid": "k" });
            prop_assert!(read(&token(&header, &claims.clone().into()), NOW).is_ok());
            let name = claims.keys().nth(at).expect("nine claims").clone();
            // Times may be moved, and anybody may be the client or the person.
            let is_as_good = match &*name {
                "exp" | "iat" | "nbf" => value.is_i64() || (name == "nbf" && value.is_null()),
                "azp" => value.is_string(),
                _ => false,
            };
            claims.insert(name.clone(), value);
            let outcome = read(&token(&header, &claims.into()), NOW);
            prop_assert!(is_as_good || outcome.is_err(), "{}", name);
        }

        /// A14: signed with RS256, by a key that has a name, a JWT if it says what it is, and asking for nothing more.
        #[test]
        fn any_header_is_one_of_ours_or_refused(
            alg in like(&["RS256", "none", "HS256", "RS384", "PS256", "ES256", "EdDSA", "rs256"]),
            kid in prop_oneof!["[!-~]{0,140}".prop_map(Value::from), any_json()],
            typ in like(&["JWT", "jwt", "at+jwt", "JOSE"]),
            crit in like(&[]),
        ) {
            let header = json!({ "alg": alg, "kid": kid, "typ": typ, "crit": crit });
            let is_ours = alg == "RS256"
                && kid.as_str().is_some_and(|kid| (1..=128).contains(&kid.len()))
                && (typ.is_null() || typ.as_str().is_some_and(|typ| typ.eq_ignore_ascii_case("JWT")))
                && crit.is_null();
            prop_assert_eq!(read(&token(&header, &good(NOW)), NOW).is_ok(), is_ours, "{}", header);
        }

        /// Bad input: a skew of more than a minute is refused on either side, and a smaller one is borne.
        #[test]
        fn a_token_is_good_from_a_minute_before_to_a_minute_after(skew in -100_000_i64..100_000) {
            let header = json!({ "alg": "RS256", "kid": "k" });
            let outcome = read(&token(&header, &good(NOW)), NOW + skew);
            prop_assert_eq!(outcome.is_ok(), (-60..3_660).contains(&skew), "{}", skew);
        }
    }
}

//! The keys that directories sign with, found by OpenID Connect discovery and kept for a while.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use domain::{Clock, SignedDuration, Timestamp};
use http::StatusCode;
use jsonwebtoken::DecodingKey;
use serde::{Deserialize, de::DeserializeOwned};
use tokio::sync::Mutex;
use transport::{Call, CallError, Client, Limits};
use url::Url;
use uuid::Uuid;

use crate::{Authority, Refusal};

/// Somebody waits for the answer, and these documents have a few thousand bytes. Two documents, each asked for three
/// times, end before the function does (29 s).
pub(crate) const LIMITS: Limits = Limits {
    connect: Duration::from_secs(2),
    read: Duration::from_secs(4),
    total: Duration::from_secs(4),
    answer_bytes: 256 * 1024,
};

/// How long keys are used before they are asked for anew. Entra asks for once a day at least.
const FRESH_FOR: SignedDuration = SignedDuration::from_hours(1);
/// How long they are used when the issuer does not answer. A key that was withdrawn is believed no longer than that.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How soon an unknown key makes us ask again: anybody can invent key ids.
const ASK_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(1);
/// How soon we ask again an issuer that did not answer, unless it says itself when.
const AFTER_FAILURE: SignedDuration = SignedDuration::from_secs(10);
/// Entra has about ten.
const MOST_KEYS: usize = 100;

/// The keys of all directories that were needed. Only known directories are asked for, so these are few.
pub(crate) struct Keys {
    client: Client,
    authority: Authority,
    clock: Arc<dyn Clock>,
    kept: Mutex<BTreeMap<Uuid, Kept>>,
}

struct Kept {
    keys: BTreeMap<String, DecodingKey>,
    /// None: never.
    fetched_at: Option<Timestamp>,
    ask_again_at: Timestamp,
    failed: bool,
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error("answered with status {0}")]
    Status(StatusCode),
    #[error("{0}")]
    Document(&'static str),
}

/// The part of the discovery document that counts here.
#[derive(Deserialize)]
struct Configuration {
    issuer: String,
    jwks_uri: Url,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Key>,
}

/// RFC 7517. Entra adds `issuer`, and does not name `alg`.
#[derive(Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    n: Option<String>,
    e: Option<String>,
    issuer: Option<String>,
}

impl Keys {
    pub(crate) fn new(client: Client, authority: Authority, clock: Arc<dyn Clock>) -> Self {
        Self { client, authority, clock, kept: Mutex::default() }
    }

    /// The key of a directory by its id. One at a time: those who wait find what the first one fetched.
    pub(crate) async fn find(&self, directory: Uuid, kid: &str) -> Result<DecodingKey, Refusal> {
        let mut kept = self.kept.lock().await;
        let now = self.clock.now();
        let kept = kept.entry(directory).or_insert_with(|| Kept {
            keys: BTreeMap::new(),
            fetched_at: None,
            ask_again_at: now,
            failed: false,
        });
        if kept.age(now).is_none_or(|age| age >= KEPT_FOR) {
            kept.keys.clear();
        }
        if let Some(key) = kept.keys.get(kid)
            && kept.age(now).is_some_and(|age| age < FRESH_FOR)
        {
            return Ok(key.clone());
        }
        if kept.ask_again_at <= now {
            self.refresh(directory, kept, now).await;
        }
        match kept.keys.get(kid) {
            Some(key) => Ok(key.clone()),
            None if kept.failed => Err(Refusal::Later(kept.ask_again_at.duration_since(now))),
            None => Err(Refusal::Invalid("it is signed with a key that its directory does not have")),
        }
    }

    async fn refresh(&self, directory: Uuid, kept: &mut Kept, now: Timestamp) {
        let fetched = self.fetch(directory).await;
        kept.failed = fetched.is_err();
        let pause = match fetched {
            Ok(keys) => {
                (kept.keys, kept.fetched_at) = (keys, Some(now));
                ASK_AGAIN_AFTER
            }
            Err(error) => {
                tracing::warn!(%directory, "the keys of a directory are not to be had: {error}");
                let wanted = if let FetchError::Call(error) = &error { error.retry_after() } else { None };
                wanted.unwrap_or(AFTER_FAILURE).max(AFTER_FAILURE)
            }
        };
        kept.ask_again_at = now.saturating_add(pause).unwrap_or(Timestamp::MAX);
    }

    async fn fetch(&self, directory: Uuid) -> Result<BTreeMap<String, DecodingKey>, FetchError> {
        let issuer = self.authority.issuer(directory);
        let address = Url::parse(&format!("{issuer}/.well-known/openid-configuration"))
            .map_err(|_| FetchError::Document("the authority is not an address"))?;
        let configuration: Configuration = self.get(address.clone(), "OpenIdConfiguration").await?;
        if configuration.issuer != issuer {
            return Err(FetchError::Document("the discovery document is another issuer's"));
        }
        // True of Entra, and it leaves nothing to a document that somebody got hold of.
        if configuration.jwks_uri.origin() != address.origin() {
            return Err(FetchError::Document("the keys are said to be on another host"));
        }
        let set: KeySet = self.get(configuration.jwks_uri, "Keys").await?;
        if set.keys.len() > MOST_KEYS {
            return Err(FetchError::Document("there are too many keys"));
        }
        Ok(set.keys.iter().filter_map(|key| key.read(&issuer)).collect())
    }

    async fn get<T: DeserializeOwned>(&self, address: Url, operation: &'static str) -> Result<T, FetchError> {
        let answer = self.client.send(Call::get(address, operation)).await?;
        if answer.status != StatusCode::OK {
            return Err(FetchError::Status(answer.status));
        }
        if answer.body.len() > LIMITS.answer_bytes {
            return Err(FetchError::Document("a document is too large"));
        }
        serde_json::from_slice(&answer.body).map_err(|_| FetchError::Document("a document is not as it should be"))
    }
}

impl Kept {
    /// Negative when the clock was set back: then they are taken for fresh, and asked for anew in time.
    fn age(&self, now: Timestamp) -> Option<SignedDuration> {
        self.fetched_at.map(|at| now.duration_since(at))
    }
}

impl Key {
    /// A key that RS256 signatures of this issuer are made with; others are passed over.
    fn read(&self, issuer: &str) -> Option<(String, DecodingKey)> {
        let is = |given: &Option<String>, wanted: &str| given.as_deref().is_none_or(|it| it == wanted);
        if self.kty != "RSA" || !is(&self.purpose, "sig") || !is(&self.alg, "RS256") || !is(&self.issuer, issuer) {
            return None;
        }
        let key = DecodingKey::from_rsa_components(self.n.as_deref()?, self.e.as_deref()?).ok()?;
        Some((self.kid.clone()?, key))
    }
}

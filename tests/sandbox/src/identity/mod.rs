//! A simulated Entra ID, version 2.0: OpenID Connect discovery, keys, and tokens for the engine's API; beside it, at the
//! same address, the sign-in service of SharePoint Online ([`Sts`]).
//!
//! Documents, claims and errors have the shape of the real ones:
//! <https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc> and
//! <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>. As there, all directories are
//! signed for with the same keys, so only `iss` and `tid` tell them apart. Start at [`handle`].

mod key;
pub mod seed;
mod sts;
mod token;

use bytes::Bytes;
use domain::Timestamp;
use http::{Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};

pub use key::SigningKey;
use seed::{DIRECTORIES, Directory};
pub use sts::Sts;

use crate::Addresses;

/// The issuer: its keys.
#[derive(Clone, Debug)]
pub struct State {
    /// The sign-in service of SharePoint Online.
    pub sts: Sts,
    address: String,
    /// The newest key signs; it and the one before it are published.
    newest: usize,
    /// How many tokens were issued.
    issued: u64,
}

impl State {
    /// With one key.
    pub fn seeded(addresses: &Addresses) -> Self {
        Self { sts: Sts::seeded(addresses), address: addresses.identity.clone(), newest: 0, issued: 0 }
    }

    /// Signs with a new key from now on. The key before stays published; the one before that does not.
    pub fn rotate_keys(&mut self) {
        self.newest += 1;
    }

    /// The key that signs.
    pub fn key(&self) -> SigningKey {
        SigningKey::numbered(self.newest)
    }

    /// The issuer of a directory: the `iss` of its tokens.
    pub fn issuer(&self, directory: &str) -> String {
        format!("{}/{directory}/v2.0", self.address)
    }

    pub(crate) fn summary(&self) -> Value {
        json!({ "key": self.key().kid(), "tokens": self.issued })
    }

    fn published(&self) -> impl Iterator<Item = SigningKey> + use<> {
        (self.newest.saturating_sub(1)..=self.newest).map(SigningKey::numbered)
    }
}

/// Answers a request.
pub fn handle(state: &mut State, request: &Request<Bytes>, now: Timestamp) -> Response<Bytes> {
    if is_for_sts(request) {
        return if request.method() == Method::POST {
            sts::answer(&mut state.sts, request, now)
        } else {
            reply(StatusCode::NOT_FOUND, &json!({ "error": "not_found" }))
        };
    }
    let segments: Vec<&str> = request.uri().path().trim_start_matches('/').split('/').collect();
    let Some(directory) = segments.first().and_then(|id| DIRECTORIES.into_iter().find(|it| it.id == *id)) else {
        return Problem::UNKNOWN_DIRECTORY.answer(now);
    };
    match (request.method(), &segments[1..]) {
        (&Method::GET, ["v2.0", ".well-known", "openid-configuration"]) => {
            reply(StatusCode::OK, &configuration(state, directory))
        }
        (&Method::GET, ["discovery", "v2.0", "keys"]) => reply(StatusCode::OK, &keys(state, directory)),
        (&Method::POST, ["oauth2", "v2.0", "token"]) => match token::grant(state, directory, request, now) {
            Ok(granted) => reply(StatusCode::OK, &granted),
            Err(problem) => problem.answer(now),
        },
        _ => reply(StatusCode::NOT_FOUND, &json!({ "error": "not_found" })),
    }
}

fn is_for_sts(request: &Request<Bytes>) -> bool {
    request.uri().path().eq_ignore_ascii_case(sts::FILE)
}

/// What a request asks for, as it is counted and as switches name it.
pub fn operation(request: &Request<Bytes>) -> String {
    let path = request.uri().path();
    let name = if is_for_sts(request) {
        "RequestSecurityToken"
    } else if path.ends_with("/openid-configuration") {
        "OpenIdConfiguration"
    } else if path.ends_with("/keys") {
        "Keys"
    } else if path.ends_with("/token") {
        "Token"
    } else {
        "Other"
    };
    name.to_owned()
}

/// The answer with an error of that number, in the shape that fits the request.
pub fn refusal(request: &Request<Bytes>, code: &str, now: Timestamp) -> Response<Bytes> {
    if is_for_sts(request) {
        return sts::refusal(code);
    }
    let code = code.trim_start_matches("AADSTS").parse().unwrap_or(90_033);
    let text = "A transient error has occurred. Please try again.";
    Problem { status: StatusCode::BAD_REQUEST, error: "temporarily_unavailable", code, text }.answer(now)
}

/// <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>
struct Problem {
    status: StatusCode,
    error: &'static str,
    code: u32,
    text: &'static str,
}

impl Problem {
    const UNKNOWN_DIRECTORY: Self = Self {
        status: StatusCode::BAD_REQUEST,
        error: "invalid_tenant",
        code: 90_002,
        text: "Tenant not found. Check to make sure you have the correct tenant ID.",
    };

    fn answer(&self, now: Timestamp) -> Response<Bytes> {
        let Self { status, error, code, text } = self;
        let (at, trace) = (now.strftime("%Y-%m-%d %H:%M:%SZ").to_string(), uuid::Uuid::nil());
        reply(
            *status,
            &json!({
                "error": error,
                "error_description":
                    format!("AADSTS{code}: {text} Trace ID: {trace} Correlation ID: {trace} Timestamp: {at}"),
                "error_codes": [code],
                "timestamp": at,
                "trace_id": trace,
                "correlation_id": trace,
            }),
        )
    }
}

fn configuration(state: &State, directory: Directory) -> Value {
    let Directory { id, .. } = directory;
    let at = |path: &str| format!("{}/{id}/{path}", state.address);
    json!({
        "token_endpoint": at("oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": at("discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": state.issuer(id),
        "request_uri_parameter_supported": false,
        "authorization_endpoint": at("oauth2/v2.0/authorize"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": at("oauth2/v2.0/logout"),
        "claims_supported": ["sub", "iss", "cloud_instance_name", "aud", "exp", "iat", "auth_time", "acr", "nonce",
            "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email"],
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
    })
}

fn keys(state: &State, directory: Directory) -> Value {
    let key = |key: SigningKey| {
        let mut public = key.public();
        public["issuer"] = state.issuer(directory.id).into();
        public["cloud_instance_name"] = "microsoftonline.com".into();
        public
    };
    json!({ "keys": state.published().map(key).collect::<Vec<_>>() })
}

fn reply(status: StatusCode, value: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(value.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store, no-cache"));
    response
}

//! The token endpoint: client credentials for programs, passwords for people.
//!
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow> and
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc>.

use std::collections::BTreeMap;

use bytes::Bytes;
use domain::Timestamp;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use super::{
    Problem, State,
    seed::{ACCOUNTS, AUDIENCE, Account, CONSOLE, Directory, directory_of},
};

/// Entra gives access tokens 60 to 90 minutes.
const LIFETIME: i64 = 3_900;
/// Entra dates tokens back, for clocks that are behind.
const DATED_BACK: i64 = 300;

impl State {
    /// The claims of an access token for the engine's API, as the token endpoint gives them. `None`: nobody of that name.
    pub fn claims(&self, name: &str, now: Timestamp) -> Option<Value> {
        let account = ACCOUNTS.iter().find(|account| account.name == name)?;
        let directory = directory_of(account.owner)?;
        let now = now.as_second();
        let mut claims = json!({
            "aud": AUDIENCE,
            "iss": self.issuer(directory.id),
            "iat": now - DATED_BACK,
            "nbf": now - DATED_BACK,
            "exp": now + LIFETIME,
            "azp": if account.is_program { account.name } else { CONSOLE },
            "azpacr": if account.is_program { "1" } else { "0" },
            "oid": account.oid,
            "sub": account.oid,
            "tid": directory.id,
            "uti": format!("sandbox-{}", self.issued),
            "ver": "2.0",
        });
        if !account.is_program {
            claims["name"] = account.name.split('@').next().unwrap_or_default().into();
            claims["preferred_username"] = account.name.into();
            claims["scp"] = "access".into();
        }
        // Without any role there is no claim.
        if !account.roles.is_empty() {
            claims["roles"] = json!(account.roles);
        }
        Some(claims)
    }

    /// The header of a token.
    pub fn header(&self) -> Value {
        json!({ "typ": "JWT", "alg": "RS256", "kid": self.key().kid() })
    }

    /// An access token for the engine's API, as if somebody had signed in.
    pub fn token_for(&mut self, name: &str, now: Timestamp) -> Option<String> {
        let claims = self.claims(name, now)?;
        self.issued += 1;
        Some(self.key().sign(&self.header(), &claims))
    }
}

pub(super) fn grant(
    state: &mut State,
    directory: Directory,
    request: &Request<Bytes>,
    now: Timestamp,
) -> Result<Value, Problem> {
    let form: BTreeMap<String, String> = form_urlencoded::parse(request.body()).into_owned().collect();
    let given = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let account = match given("grant_type") {
        "client_credentials" => program(directory, given("client_id"), given("client_secret"))?,
        "password" => person(directory, given("client_id"), given("username"), given("password"))?,
        "" => return Err(bad("invalid_request", 900_144, "The request body must contain the parameter 'grant_type'.")),
        _ => return Err(bad("unsupported_grant_type", 70_003, "The app requested an unsupported grant type.")),
    };
    // A program asks for all that it was given, a person for what is named. `openid` and its like may stand beside it.
    let scope = |name: &str| {
        given("scope")
            .split(' ')
            .any(|it| it == format!("{AUDIENCE}/{name}") || it == format!("api://{AUDIENCE}/{name}"))
    };
    if !(scope(".default") || (!account.is_program && scope("access"))) {
        return Err(bad("invalid_scope", 70_011, "The provided value for the input parameter 'scope' is not valid."));
    }
    let unknown = || bad("invalid_grant", 50_034, "The user account does not exist in the directory.");
    let token = state.token_for(account.name, now).ok_or_else(unknown)?;
    Ok(
        json!({ "token_type": "Bearer", "expires_in": LIFETIME - 1, "ext_expires_in": LIFETIME - 1, "access_token": token }),
    )
}

fn program(directory: Directory, id: &str, secret: &str) -> Result<&'static Account, Problem> {
    let unknown = || bad("unauthorized_client", 700_016, "Application was not found in the directory.");
    let account = of(directory).find(|it| it.is_program && it.name == id).ok_or_else(unknown)?;
    if account.secret == secret {
        return Ok(account);
    }
    let text = "Invalid client secret provided.";
    Err(Problem { status: StatusCode::UNAUTHORIZED, ..bad("invalid_client", 7_000_215, text) })
}

fn person(directory: Directory, client: &str, name: &str, password: &str) -> Result<&'static Account, Problem> {
    if client != CONSOLE {
        return Err(bad("unauthorized_client", 700_016, "Application was not found in the directory."));
    }
    let is_them = |it: &&Account| !it.is_program && it.name.eq_ignore_ascii_case(name) && it.secret == password;
    let refused = || bad("invalid_grant", 50_126, "Error validating credentials due to invalid username or password.");
    of(directory).find(is_them).ok_or_else(refused)
}

fn of(directory: Directory) -> impl Iterator<Item = &'static Account> {
    ACCOUNTS.iter().filter(move |account| account.owner == directory.owner)
}

const fn bad(error: &'static str, code: u32, text: &'static str) -> Problem {
    Problem { status: StatusCode::BAD_REQUEST, error, code, text }
}

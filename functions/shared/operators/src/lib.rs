//! Who may operate: access tokens of Entra ID, two roles, and which of them may use which route.
//!
//! Denies by default: a route that is not in the table is nobody's, and without settings every operator's route is
//! closed. Never asks a directory that is neither the partner's nor a tenant's, whatever a token says. Start at
//! [`Operators::admit`].

mod authority;
mod keys;
mod refusal;
mod roles;
mod token;

use std::sync::Arc;

use domain::Clock;
use http::{HeaderMap, header};
use platform::{Platform, Table};
use tenants::{Reach, ReachError, tenants_of};
use transport::{Back, Client, GuardError};
use uuid::Uuid;

pub use authority::{Authority, AuthorityError};
use keys::Keys;
pub use refusal::Refusal;
pub use roles::{Operator, Role, may, routes};
use token::Token;

/// Admits operators.
///
/// In the function and not in the API's own JWT authorizer: that one knows a single issuer, and every directory of
/// Entra is an issuer of its own.
pub struct Operators {
    trusted: Option<Trusted>,
    ledger: Table,
    clock: Arc<dyn Clock>,
}

struct Trusted {
    authority: Authority,
    keys: Keys,
}

/// Why a function cannot admit operators.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// How far calls may go is not known.
    #[error(transparent)]
    Reach(#[from] ReachError),
    /// The authority's host is not one that may be called.
    #[error("the host of TIELINE_AUTHORITY is not acceptable: {0}")]
    Host(#[from] GuardError),
}

impl Operators {
    /// Admits those whom `authority` vouches for; without one, nobody.
    pub fn new(
        platform: &Platform,
        back: Arc<dyn Back>,
        reach: Reach,
        authority: Option<Authority>,
    ) -> Result<Self, SetUpError> {
        let (ledger, clock) = (platform.ledger.clone(), Arc::clone(&platform.clock));
        let trusted = match authority {
            Some(authority) => {
                let guard = reach.guard(&[authority.host()])?;
                let client = Client::new("identity", back, guard, Arc::clone(&clock));
                Some(Trusted { keys: Keys::new(client, authority.clone(), Arc::clone(&clock)), authority })
            }
            None => None,
        };
        Ok(Self { trusted, ledger, clock })
    }

    /// The same for a deployed function: [`Authority::from_vars`] of the environment, over sockets.
    ///
    /// Settings that are missing or wrong close the operators' routes and nothing else.
    pub fn from_env(platform: &Platform) -> Result<Self, SetUpError> {
        let reach = Reach::from_env()?;
        let sockets = reach.sockets(keys::LIMITS)?;
        let authority = Authority::from_vars(|name| std::env::var(name).ok());
        let authority = authority.inspect_err(|error| tracing::error!("nobody can operate: {error}")).ok();
        Self::new(platform, Arc::new(sockets), reach, authority)
    }

    /// The operator whose token comes with a request of `route`, a route of the template such as `GET /v1/issues`.
    pub async fn admit(&self, route: &str, headers: &HeaderMap) -> Result<Operator, Refusal> {
        let trusted = self.trusted.as_ref().ok_or(Refusal::NotSetUp)?;
        let token = Token::read(bearer(headers)?, &trusted.authority, self.clock.now())?;
        let directory = token.directory();
        let tenants = tenants_of(&self.ledger, directory).await?;
        // Before anything is fetched: no token makes us call a directory that nobody here knows.
        if directory != trusted.authority.partner && tenants.is_empty() {
            return Err(Refusal::Invalid("it comes from a directory that nobody here belongs to"));
        }
        let key = trusted.keys.find(directory, token.kid()).await?;
        let verified = token.verify(&key, &trusted.authority)?;
        let is_partner = directory == trusted.authority.partner;
        let operator = Operator::of(verified.id, &verified.roles, is_partner, tenants).ok_or(Refusal::Forbidden)?;
        if may(operator.role(), route) { Ok(operator) } else { Err(Refusal::Forbidden) }
    }
}

/// The token of `Authorization: Bearer …`: one header, one token.
fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Err(Refusal::NoToken),
        (Some(value), None) => value.to_str().map_err(|_| Refusal::NoToken)?,
        (Some(_), Some(_)) => return Err(Refusal::Invalid("there is more than one of them")),
    };
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token),
        _ => Err(Refusal::NoToken),
    }
}

/// Text that is a UUID as Entra writes it, and nothing that merely reads as one.
fn uuid(text: &str) -> Option<Uuid> {
    text.parse::<Uuid>().ok().filter(|id| id.hyphenated().to_string() == text)
}

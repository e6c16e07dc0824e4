//! The tenants' CRMs, SharePoints and accounts at the e-mail platform, signed in and kept.

use std::{
    any::Any,
    collections::BTreeMap,
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crm::{Crm, classic::ClassicCrm};
use domain::TenantId;
use exacttarget::ExactTarget;
use platform::{Platform, SecretError};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use sharepoint::{SiteHost, classic::ClassicSharePoint};
use transport::{
    AddressRule, Back, Client, Guard, GuardError, Limits, Sockets, SocketsError, Timed, TokenStore, Trust, Unshared,
};

use crate::{Settings, gate::Gate, seal, tokens::LedgerTokens};

/// Which addresses connections may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Public hosts on the tenant's lists, over https.
    Public,
    /// This machine only: the sandbox.
    Loopback,
}

impl Reach {
    /// What `TIELINE_REACH` says: absent or `public` (hosts on a list, over https), or `loopback`, which only the
    /// sandbox sets and which is this machine and nothing else: no mistake makes it wider.
    pub fn from_env() -> Result<Self, ReachError> {
        Self::named(std::env::var("TIELINE_REACH").ok().as_deref())
    }

    /// Sockets that go no further.
    pub fn sockets(self, limits: Limits) -> Result<Sockets, ReachError> {
        let (trust, rule) = match self {
            Self::Public => (Trust::Machine, AddressRule::PublicOnly),
            Self::Loopback => (Trust::Only(Vec::new()), AddressRule::LoopbackToo),
        };
        Sockets::new(limits, trust, rule).map_err(ReachError::Sockets)
    }

    /// The guard of a connection that may speak to these hosts.
    pub fn guard<S: AsRef<str>>(self, hosts: &[S]) -> Result<Guard, GuardError> {
        match self {
            Self::Public => Guard::new(hosts),
            Self::Loopback => Ok(Guard::loopback()),
        }
    }

    fn named(name: Option<&str>) -> Result<Self, ReachError> {
        match name {
            None | Some("" | "public") => Ok(Self::Public),
            Some("loopback") => Ok(Self::Loopback),
            Some(_) => Err(ReachError::Unknown),
        }
    }
}

/// Why a function has no connections at all.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// The variable says something else.
    #[error("TIELINE_REACH is neither public nor loopback")]
    Unknown,
    /// The sockets cannot be made.
    #[error("making sockets")]
    Sockets(#[source] SocketsError),
}

/// Makes connections from the tenants' secrets and settings, and keeps them while those stay the same (ST-40, EX-34).
///
/// A secret is read again at the latest when the cache of [`Secrets`](platform::Secrets) expires; a changed one replaces
/// the connection, so a rotation needs no deployment. Tokens, budgets and breakers are every function's, in the ledger;
/// a tenant that is switched off has no connection (P12).
pub struct Connections {
    platform: Platform,
    back: Arc<dyn Back>,
    reach: Reach,
    shares_tokens: bool,
    seal_rounds: NonZeroU32,
    kept: Mutex<BTreeMap<(TenantId, &'static str), Kept>>,
}

struct Kept {
    /// Of the secret.
    secret: Fingerprint,
    /// Of the terms that it is used on.
    terms: Fingerprint,
    connection: Arc<dyn Any + Send + Sync>,
    gate: Arc<Gate>,
}

/// SHA-256: a secret is told from another, and not kept.
type Fingerprint = [u8; 32];

/// What a tenant has decided of one service.
#[derive(Debug)]
struct Terms<'s> {
    hosts: &'s [String],
    most_a_minute: Option<NonZeroU32>,
    timeout: Option<NonZeroU32>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The tenant is switched off: nobody is called for it.
    #[error("tenant {0} is switched off")]
    SwitchedOff(TenantId),
    /// The secret is missing, malformed or not available.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The tenant's list of hosts is not one.
    #[error("the hosts of tenant {tenant} for {service} are not acceptable: {source}")]
    Hosts {
        /// Whose.
        tenant: TenantId,
        /// For what.
        service: &'static str,
        /// Which rule they break.
        source: GuardError,
    },
}

impl ConnectionError {
    /// Whether a later try may succeed without anybody doing something.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Secret(error) if error.is_transient())
    }
}

impl Connections {
    /// No connection yet.
    pub fn new(platform: &Platform, back: Arc<dyn Back>, reach: Reach) -> Self {
        Self {
            platform: platform.clone(),
            back,
            reach,
            shares_tokens: true,
            seal_rounds: seal::ROUNDS,
            kept: Mutex::default(),
        }
    }

    /// The same, whose secrets are hashed so often for the seal of their tokens, on loopback: fewer rounds make a guess
    /// cheaper, and are for worlds with no secrets in them, of which there are many. All processes of one world hash equally
    /// often. Connections that go further hash as often as it takes, whatever is asked here.
    #[must_use]
    pub fn sealing_with(mut self, rounds: NonZeroU32) -> Self {
        if self.reach == Reach::Loopback {
            self.seal_rounds = rounds;
        }
        self
    }

    /// The same, through the same budgets and breakers, but each connection signs in anew: no token and no refusal that
    /// was kept counts, and nobody hears of this one. For who asks whether a sign-in works, and asks once.
    #[must_use]
    pub fn signing_in_anew(&self) -> Self {
        let back = Arc::clone(&self.back);
        Self { shares_tokens: false, ..Self::new(&self.platform, back, self.reach) }
    }

    /// The connections of a deployed function, over sockets, as far as [`Reach::from_env`] says.
    pub fn from_env(platform: &Platform) -> Result<Self, ReachError> {
        let reach = Reach::from_env()?;
        Ok(Self::new(platform, Arc::new(reach.sockets(Limits::default())?), reach))
    }

    /// Which addresses they may have.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// The tenant's CRM.
    pub async fn crm(&self, tenant: &TenantId, settings: &Settings) -> Result<Arc<dyn Crm>, ConnectionError> {
        let Settings { hosts, budgets, timeouts, .. } = settings;
        let terms = Terms { hosts: &hosts.crm, most_a_minute: budgets.crm, timeout: timeouts.crm };
        let crm = self.connection(tenant, "crm", settings.active, &terms, ClassicCrm::with_tokens).await?;
        Ok(crm)
    }

    /// The tenant's SharePoint.
    pub async fn sites(&self, tenant: &TenantId, settings: &Settings) -> Result<Arc<dyn SiteHost>, ConnectionError> {
        let Settings { hosts, budgets, timeouts, .. } = settings;
        let terms = Terms { hosts: &hosts.sharepoint, most_a_minute: budgets.sharepoint, timeout: timeouts.sharepoint };
        let make = ClassicSharePoint::with_tokens;
        let sites = self.connection(tenant, "sharepoint", settings.active, &terms, make).await?;
        Ok(sites)
    }

    /// The tenant's account at the e-mail platform.
    pub async fn email(&self, tenant: &TenantId, settings: &Settings) -> Result<Arc<ExactTarget>, ConnectionError> {
        let Settings { hosts, budgets, timeouts, .. } = settings;
        let terms =
            Terms { hosts: &hosts.exacttarget, most_a_minute: budgets.exacttarget, timeout: timeouts.exacttarget };
        self.connection(tenant, "exacttarget", settings.active, &terms, ExactTarget::with_tokens).await
    }

    /// Forgets a connection whose sign-in was refused and reads its secret anew. Whether that is another one than the
    /// connection was made with: what was fetched then may have been fetched again since.
    pub async fn forget(&self, tenant: &TenantId, service: &'static str) -> bool {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(&(tenant.clone(), service));
        let now: Option<serde_json::Value> = self.platform.secrets.refresh(tenant, service).await.ok();
        // Without a connection nobody knows what was refused; a password is not tried again on a guess.
        kept.zip(now).is_some_and(|(kept, now)| kept.secret != fingerprint(&now.to_string().into()))
    }

    async fn connection<S, C>(
        &self,
        tenant: &TenantId,
        service: &'static str,
        is_active: bool,
        terms: &Terms<'_>,
        make: impl FnOnce(S, Client, Arc<dyn TokenStore>) -> C,
    ) -> Result<Arc<C>, ConnectionError>
    where
        S: DeserializeOwned,
        C: Any + Send + Sync,
    {
        if !is_active {
            return Err(ConnectionError::SwitchedOff(tenant.clone()));
        }
        let secret: serde_json::Value = self.platform.secrets.get(tenant, service).await?;
        let text = SecretString::from(secret.to_string());
        let of_secret = fingerprint(&text);
        let of_terms: Fingerprint = Sha256::digest(format!("{terms:?}")).into();
        let key = (tenant.clone(), service);
        if let Some(kept) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&key)
            && (kept.secret, kept.terms) == (of_secret, of_terms)
            && let Ok(connection) = Arc::clone(&kept.connection).downcast::<C>()
        {
            kept.gate.look_again();
            return Ok(connection);
        }
        // serde_json's message may quote the secret, so it is not kept.
        let secret: S = serde_json::from_value(secret)
            .map_err(|_| SecretError::Malformed { tenant: tenant.clone(), service: service.to_owned() })?;
        let guard = self.reach.guard(terms.hosts).map_err(|source| ConnectionError::Hosts {
            tenant: tenant.clone(),
            service,
            source,
        })?;
        let back: Arc<dyn Back> = match terms.timeout {
            Some(seconds) => {
                Arc::new(Timed::new(Arc::clone(&self.back), Duration::from_secs(u64::from(seconds.get()))))
            }
            None => Arc::clone(&self.back),
        };
        let gate = Arc::new(Gate::new(&self.platform, tenant, service, terms.most_a_minute, back));
        let client = Client::new(service, gate.clone(), guard, Arc::clone(&self.platform.clock));
        let tokens: Arc<dyn TokenStore> = if self.shares_tokens {
            Arc::new(LedgerTokens::new(&self.platform, tenant, service, text, self.seal_rounds))
        } else {
            Arc::new(Unshared)
        };
        let connection = Arc::new(make(secret, client, tokens));
        let kept = Kept { secret: of_secret, terms: of_terms, connection: connection.clone(), gate };
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(key, kept);
        Ok(connection)
    }
}

fn fingerprint(secret: &SecretString) -> Fingerprint {
    Sha256::digest(secret.expose_secret()).into()
}

#[cfg(test)]
mod tests;

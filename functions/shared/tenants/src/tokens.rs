//! Tokens in the ledger: one sign-in for all functions (P10).

use std::{
    num::NonZeroU32,
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use domain::{Clock, SignedDuration, TenantId, Timestamp};
use platform::{Key, NewRow, Platform, Table, TableError};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use transport::{Attempt, Kept, Refusal, Token, TokenStore, Turn};
use uuid::Uuid;

use crate::{budget::later, seal::Seal};

/// How long a sign-in may take before another one may begin. One that takes longer only costs a second sign-in: the row
/// takes nothing from a turn that is over.
const TURN: SignedDuration = SignedDuration::from_secs(30);
/// How long a sign-in that was refused is not tried again with the same secret: two or three tries in the half hour in
/// which directories count them before they lock an account.
const REFUSED_FOR: SignedDuration = SignedDuration::from_mins(15);
/// The same where the service may have meant something else: work goes on a minute after it is well again (P7).
const DOUBTED_FOR: SignedDuration = SignedDuration::from_mins(1);
/// How long a token without an end stays in the table. CRM's last for hours; one that ended is refused and renewed.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);
/// Between two looks while another function signs in, ten seconds together: what a person waits for the doorbell.
const PAUSES: [u64; 13] = [100, 200, 400, 800, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000];
/// What a caller waits that found no turn.
const AGAIN: SignedDuration = SignedDuration::from_secs(5);

/// The token of one connection, in the row `TOKEN#<service>` of its tenant.
///
/// The row is the lease of a sign-in too: its version is the fence, so that a sign-in costs two writes and a turn that
/// is over can write nothing.
pub(crate) struct LedgerTokens {
    ledger: Table,
    clock: Arc<dyn Clock>,
    key: Key,
    service: &'static str,
    secret: SecretString,
    rounds: NonZeroU32,
    seal: OnceLock<Seal>,
    /// Who has a turn. This store gives one at a time, so a turn of its own that is open was never ended: its caller is
    /// gone.
    holder: Uuid,
}

/// The row. Without either: signed out.
#[derive(Default, Serialize, Deserialize)]
struct Stored {
    /// A [`Content`].
    sealed: Option<String>,
    /// Who is signing in.
    turn: Option<Taken>,
}

#[derive(Serialize, Deserialize)]
struct Taken {
    holder: Uuid,
    until: Timestamp,
}

/// What only who has the connection's secret reads.
#[derive(Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
enum Content {
    Token {
        text: String,
        expires_at: Option<Timestamp>,
    },
    /// Sealed too, so that it counts for the secret that was refused and for no other.
    Refused {
        code: String,
        until: Timestamp,
    },
}

impl LedgerTokens {
    /// The tokens of a tenant's connection that signs in with `secret`, sealed as [`Seal::new`] says.
    pub(crate) fn new(
        platform: &Platform,
        tenant: &TenantId,
        service: &'static str,
        secret: SecretString,
        rounds: NonZeroU32,
    ) -> Self {
        Self {
            ledger: platform.ledger.clone(),
            clock: Arc::clone(&platform.clock),
            key: Key::new(tenant, format!("TOKEN#{service}")),
            service,
            secret,
            rounds,
            seal: OnceLock::new(),
            holder: Uuid::new_v4(),
        }
    }

    /// What there is, or the turn if nobody has it. `None`: somebody has it.
    async fn look(&self, refused: Option<&Token>) -> Result<Option<Kept>, TableError> {
        let row = self.ledger.get::<Stored>(&self.key).await?;
        let (version, stored) = row.map_or((None, Stored::default()), |row| (Some(row.version), row.value));
        let now = self.clock.now();
        match stored.sealed.and_then(|sealed| self.open(&sealed)) {
            Some(Content::Token { text, expires_at }) if expires_at.is_none_or(|at| now < at) => {
                let token = Token { text: text.into(), expires_at };
                if !refused.is_some_and(|refused| refused.is(&token)) {
                    return Ok(Some(Kept::Token(token)));
                }
            }
            Some(Content::Refused { code, until }) if now < until => {
                return Ok(Some(Kept::Refused { code, until }));
            }
            _ => {}
        }
        if stored.turn.is_some_and(|turn| turn.holder != self.holder && now < turn.until) {
            return Ok(None);
        }
        let turn = Stored { sealed: None, turn: Some(Taken { holder: self.holder, until: later(now, TURN) }) };
        let version = self.write(version, &turn, later(now, KEPT_FOR)).await?;
        Ok(Some(Kept::Turn(Turn(version))))
    }

    async fn write(&self, version: Option<u64>, stored: &Stored, expires_at: Timestamp) -> Result<u64, TableError> {
        let row = NewRow::new(self.key.clone(), stored).expires_at(expires_at);
        match version {
            Some(version) => self.ledger.replace(&self.key, version, row).await,
            None => self.ledger.insert(row).await,
        }
    }

    fn seal(&self) -> &Seal {
        let secret = self.secret.expose_secret().as_bytes();
        self.seal.get_or_init(|| Seal::new(&self.key.tenant, self.service, secret, self.rounds))
    }

    fn open(&self, sealed: &str) -> Option<Content> {
        serde_json::from_str(&self.seal().open(sealed)?).ok()
    }

    fn close(&self, content: &Content) -> Option<String> {
        self.seal().close(&serde_json::to_string(content).ok()?)
    }
}

#[async_trait]
impl TokenStore for LedgerTokens {
    async fn take(&self, refused: Option<&Token>) -> Result<Kept, SignedDuration> {
        for pause in PAUSES {
            match self.look(refused).await {
                Ok(Some(kept)) => return Ok(kept),
                Ok(None) => {}
                // Another function was faster.
                Err(error) if error.is_conflict() => {}
                Err(error) => {
                    tracing::warn!(tenant = %self.key.tenant, service = self.service, "looking for a token: {error}");
                    break;
                }
            }
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        Err(AGAIN)
    }

    async fn end(&self, turn: Turn, attempt: Attempt<'_>) {
        let now = self.clock.now();
        let content = match attempt {
            Attempt::Token(Token { text, expires_at }) => {
                Some(Content::Token { text: text.expose_secret().to_owned(), expires_at: *expires_at })
            }
            Attempt::Refused(Refusal { code, is_sure }) => {
                let pause = if is_sure { REFUSED_FOR } else { DOUBTED_FOR };
                Some(Content::Refused { code: code.to_owned(), until: later(now, pause) })
            }
            Attempt::Failed => None,
        };
        let gone_after = match &content {
            Some(Content::Token { expires_at: Some(at), .. } | Content::Refused { until: at, .. }) => *at,
            _ => later(now, KEPT_FOR),
        };
        let stored = Stored { sealed: content.and_then(|content| self.close(&content)), turn: None };
        match self.write(Some(turn.0), &stored, gone_after).await {
            Ok(_) => {}
            Err(error) if error.is_conflict() => tracing::debug!("a sign-in took longer than its turn"),
            Err(error) => {
                tracing::warn!(tenant = %self.key.tenant, service = self.service, "keeping a token: {error}");
            }
        }
    }
}

#[cfg(test)]
mod tests;

//! What proves that a connection is signed in, kept and shared.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use domain::Timestamp;
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

/// Proof of being signed in: CRM's ticket, SharePoint's cookies. Only the adapter that made it reads its text.
#[derive(Clone)]
pub struct Token {
    /// What the adapter wrote.
    pub text: SecretString,
    /// When it ends, if the service says so. One without an end is used until it is refused.
    pub expires_at: Option<Timestamp>,
}

impl Token {
    /// Whether it is the same one.
    pub fn is(&self, other: &Self) -> bool {
        self.text.expose_secret() == other.text.expose_secret()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Keeps the token of one connection for everybody who uses it, other functions included.
///
/// Implemented by the ledger's store (in `tenants`), and by [`Unshared`]. Used through [`Tokens`] only.
#[async_trait]
pub trait TokenStore: Send + Sync {
    /// What is kept, unless it is `refused`; or the turn to sign in, which nobody else has until it is over. The error
    /// is how long to wait: somebody has the turn for longer than a caller waits, or the store does not answer.
    async fn take(&self, refused: Option<&Token>) -> Result<Kept, SignedDuration>;

    /// The turn is over. A store that cannot note it lets the next one sign in for itself.
    async fn end(&self, turn: Turn, attempt: Attempt<'_>);
}

/// What a store has.
pub enum Kept {
    /// A token.
    Token(Token),
    /// The service refused this sign-in a while ago. Trying it again at once would lock the account.
    Refused {
        /// The service's code.
        code: String,
        /// When it may be tried again.
        until: Timestamp,
    },
    /// Nothing: sign in, and [`TokenStore::end`] the turn.
    Turn(Turn),
}

/// The right to sign in. What it says only its store knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn(pub u64);

/// How an attempt to sign in ended.
pub enum Attempt<'a> {
    /// With a token.
    Token(&'a Token),
    /// The service refused.
    Refused(Refusal<'a>),
    /// Otherwise: it says nothing of the next attempt.
    Failed,
}

/// A service's no to a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// The service's code.
    pub code: &'a str,
    /// Whether it can only mean that the secret is not believed. Otherwise the service itself may be in trouble.
    pub is_sure: bool,
}

/// The store of a process that shares nothing.
pub struct Unshared;

#[async_trait]
impl TokenStore for Unshared {
    async fn take(&self, _: Option<&Token>) -> Result<Kept, SignedDuration> {
        Ok(Kept::Turn(Turn(0)))
    }

    async fn end(&self, _: Turn, _: Attempt<'_>) {}
}

/// Why a sign-in fails, as an adapter says it.
pub trait SignInError: Clone {
    /// What the service said, if it does not believe the secret or may not.
    fn refusal(&self) -> Option<Refusal<'_>>;

    /// The service refused this sign-in before, with this code; it was not asked, and is not until then.
    fn refused(code: String, until: Timestamp) -> Self;

    /// It was not tried: somebody else is at it for too long.
    fn later(wait: SignedDuration) -> Self;
}

/// The token of one connection in this process: one sign-in at a time, whoever waits for it (P10).
pub struct Tokens<E> {
    store: Arc<dyn TokenStore>,
    /// How the last attempt ended. Held while one is under way.
    outcome: Mutex<Option<Result<Token, E>>>,
    /// How many attempts have ended.
    attempts: AtomicU64,
}

impl<E: SignInError> Tokens<E> {
    /// None yet.
    pub fn new(store: Arc<dyn TokenStore>) -> Self {
        Self { store, outcome: Mutex::default(), attempts: AtomicU64::new(0) }
    }

    /// The token at hand, or a new one if there is none or it is the `refused` one.
    ///
    /// Callers that wait for the same attempt share how it ends: a wrong password is tried once, not once per caller.
    pub async fn get<F>(&self, refused: Option<&Token>, sign_in: impl FnOnce() -> F + Send) -> Result<Token, E>
    where
        F: Future<Output = Result<Token, E>> + Send,
    {
        let before = self.attempts.load(Ordering::SeqCst);
        let mut outcome = self.outcome.lock().await;
        match &*outcome {
            Some(Ok(token)) if !refused.is_some_and(|refused| refused.is(token)) => return Ok(token.clone()),
            Some(Err(error)) if self.attempts.load(Ordering::SeqCst) != before => return Err(error.clone()),
            _ => {}
        }
        let ended = self.renew(refused, sign_in).await;
        *outcome = Some(ended.clone());
        self.attempts.fetch_add(1, Ordering::SeqCst);
        ended
    }

    async fn renew<F>(&self, refused: Option<&Token>, sign_in: impl FnOnce() -> F + Send) -> Result<Token, E>
    where
        F: Future<Output = Result<Token, E>> + Send,
    {
        let turn = match self.store.take(refused).await.map_err(E::later)? {
            Kept::Token(token) => return Ok(token),
            Kept::Refused { code, until } => return Err(E::refused(code, until)),
            Kept::Turn(turn) => turn,
        };
        let ended = sign_in().await;
        let attempt = match &ended {
            Ok(token) => Attempt::Token(token),
            Err(error) => error.refusal().map_or(Attempt::Failed, Attempt::Refused),
        };
        self.store.end(turn, attempt).await;
        ended
    }
}

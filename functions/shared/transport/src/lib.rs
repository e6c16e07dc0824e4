//! HTTP to other systems: guarded, timed, honest about failure.
//!
//! Never follows a redirect by itself, never trusts an endpoint that the [`Guard`] did not allow, never takes a cut
//! answer for a short one, and never writes an address, a header or a body into a log or an error.
//! Start at [`Client::send`]; [`CallError`] says what can go wrong and whether the same call may succeed later.

mod address;
mod allowance;
mod answer;
mod back;
mod budget;
mod call;
mod client;
mod error;
mod guard;
mod in_process;
pub mod passport;
mod resolver;
mod retry_after;
mod sockets;
mod timed;
mod tokens;

pub use address::is_public;
pub use answer::{Answer, soap_answer};
pub use back::{Back, BackError, Cause};
pub use call::Call;
pub use client::Client;
pub use error::CallError;
pub use guard::{Guard, GuardError};
pub use in_process::InProcess;
pub use sockets::{AddressRule, Limits, Root, Sockets, SocketsError, Trust};
pub use timed::Timed;
pub use tokens::{Attempt, Kept, Refusal, SignInError, Token, TokenStore, Tokens, Turn, Unshared};

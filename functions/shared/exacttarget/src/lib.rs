//! The e-mail platform: ExactTarget, today Salesforce Marketing Cloud Engagement, by its partnerAPI (SOAP).
//!
//! Never decides what is sent to whom, and never repeats what could send twice. Replies are read by local names, in any
//! order, with everything optional, because the platform's own break its schema; requests are valid by it. Every fact is
//! of the contract `exacttarget/README.md`, whose sections the comments name. Start at [`ExactTarget`]; a message is a
//! file of [`operations`], what it is about a file of [`objects`], a page of events is [`EventPage`].

mod channel;
mod client;
mod connection;
mod error;
mod event;
mod fault;
mod filter;
pub mod objects;
pub mod operations;
mod overall;
mod pages;
mod released;
mod session;
mod time;

pub use client::ExactTarget;
pub use connection::{ApiUser, Connection, Package, SignIn};
pub use error::ExactTargetError;
pub use event::{Bounce, BounceKind, Event, EventKind, EventPage};
pub use filter::{Filter, Joined, Operator};
pub use overall::Overall;
pub use pages::{PageOf, Pages};
pub use released::{Released, was_released};
pub use session::TOKEN_REQUEST;
pub use time::{from_server, to_server};

/// The namespace of every message and object (contract §1).
pub const NS: &str = "http://exacttarget.com/wsdl/partnerAPI";

/// The most rows of one page, whatever `BatchSize` says (contract §4).
pub const MOST_ROWS: u32 = 2_500;

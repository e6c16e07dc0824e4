//! The customers of the instance: what each has decided, who there are, and the connections to their systems.
//!
//! Shared by every context, so that a tenant is switched off, signed in and kept within its budgets in one place. Never
//! stores a secret readable: one is fetched by name, and held while its connection lives. Start at [`Settings`] and
//! [`Connections`].

mod breaker;
mod budget;
mod connections;
mod directory;
pub mod fence;
mod gate;
mod mailing;
mod seal;
mod settings;
mod tokens;
pub mod trouble;

pub use connections::{ConnectionError, Connections, Reach, ReachError};
pub use directory::{
    OnboardError, is_known_origin, is_origin, is_reserved, onboard, onboard_over, switch, tenants, tenants_of,
};
pub use gate::SWITCHED_OFF_FOR;
pub use mailing::{Batches, Holds, MailColumn, Mailing};
pub use settings::{Budgets, Hosts, LoginRule, Settings, Timeouts};
pub use trouble::Trouble;

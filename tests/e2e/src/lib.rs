//! The whole system in a test: the real functions, clients and codecs against the simulators, on a virtual clock.
//!
//! Acts through the front door (the HTTP API, CRM's button) and looks at what is there afterwards. The promises are
//! in `tests/`. Start at [`World`].

mod ailing;
mod inspect;
mod operate;
mod world;

pub use ailing::Ailing;
pub use inspect::Answered;
pub use world::{HARBOUR, Heard, LAKESIDE, NORTHWIND, World};

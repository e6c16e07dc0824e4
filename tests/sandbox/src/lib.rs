//! Simulated CRM 4.0, SharePoint 2007 and 2010, ExactTarget, Windows Live ID and Entra ID that enforce what the real ones enforce.
//!
//! Pure functions of state, request and time, so that a fault history is deterministic; the same functions are served
//! over HTTP for people and for other people's clients. Never uses a client crate of ours: a simulator that shares the
//! client's codecs agrees with its mistakes. Start at [`World::handle`]; a service is [`crm::handle`],
//! [`sharepoint::handle`], [`exacttarget::handle`], [`live_id::handle`] or [`identity::handle`].

mod control;
pub mod crm;
pub mod exacttarget;
mod faults;
mod file_server;
mod form;
pub mod identity;
pub mod live_id;
pub mod people;
mod server;
pub mod sharepoint;
mod world;

pub use faults::{Fault, Faults, Switch, Times};
pub use file_server::FileServers;
pub use server::{Sandbox, Serving};
pub use world::{Addresses, Outage, Service, World};

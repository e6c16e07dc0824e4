//! CRM 4.0 over SOAP, signed in as an IFD (SPLA) user, or as a user of CRM Online with Windows Live ID.
//!
//! Never trusts the ticket's printed expiry, never sends a ticket to an endpoint that the transport's guard did not
//! allow, and never repeats a Create. Start at [`ClassicCrm`]; the messages are in [`operations`], what they carry in
//! [`DynamicEntity`], [`Value`] and [`Query`]. The facts are from the Dynamics contract (sections named in the docs)
//! and the WSDLs and schemas beside it.

mod adapter;
mod channel;
mod connection;
mod decimal;
mod entity;
mod fault;
mod fetch_xml;
mod filter;
mod lacks;
pub mod live_id;
pub mod operations;
mod people;
mod query;
mod records;
mod sends;
mod session;
mod value;

pub use adapter::ClassicCrm;
pub use connection::{Connection, Device, LiveId, SignIn};
pub use decimal::{Decimal, NotADecimal};
pub use entity::DynamicEntity;
pub use filter::{Condition, Filter, Joined, Operator};
pub use query::{Columns, Link, Order, PageRequest, Query};
pub use session::WITH_PASSPORT;
pub use value::{Kind, Reference, Value};

/// The namespaces of CRM 4.0 (contract §2, schemas `xsd/crm4`).
pub(crate) mod ns {
    /// CrmService: operations, requests, targets.
    pub(crate) const SERVICES: &str = "http://schemas.microsoft.com/crm/2007/WebServices";
    /// Children of the authentication header.
    pub(crate) const TOKEN: &str = "http://schemas.microsoft.com/crm/2007/CoreTypes";
    /// Principals, access rights, monikers.
    pub(crate) const CORE: &str = "http://schemas.microsoft.com/crm/2006/CoreTypes";
    /// Queries.
    pub(crate) const QUERY: &str = "http://schemas.microsoft.com/crm/2006/Query";
    /// Entities and their properties.
    pub(crate) const ENTITIES: &str = "http://schemas.microsoft.com/crm/2006/WebServices";
    /// The discovery service.
    pub(crate) const DISCOVERY: &str = "http://schemas.microsoft.com/crm/2007/CrmDiscoveryService";
}

//! The messages of CRM 4.0 that we send: one operation, one file.

mod create;
mod execute;
mod fetch;
mod proof;
mod retrieve;
mod retrieve_crm_ticket;
mod retrieve_multiple;
mod retrieve_organizations;
mod retrieve_policy;
mod retrieve_principal_access;
mod retrieve_shared_principals_and_access;
mod retrieve_user_privileges;
mod rights;
mod set_state_dynamic_entity;
mod update;
mod who_am_i;

pub use create::{Create, Created};
pub use fetch::{Fetch, FetchPage};
pub use proof::Proof;
pub use retrieve::{Retrieve, Retrieved};
pub use retrieve_crm_ticket::{CrmTicket, RetrieveCrmTicket};
pub(super) use retrieve_multiple::RetrieveEach;
pub use retrieve_multiple::{Page, RetrieveMultiple};
pub use retrieve_organizations::{Organization, Organizations, RetrieveOrganizations};
pub use retrieve_policy::{Policy, RetrievePolicy};
pub use retrieve_principal_access::{PrincipalRights, RetrievePrincipalAccess};
pub use retrieve_shared_principals_and_access::{RetrieveSharedPrincipalsAndAccess, Share, Shares};
pub use retrieve_user_privileges::{Depth, Privilege, Privileges, RetrieveUserPrivileges};
pub use rights::{Principal, Right, Rights};
pub use set_state_dynamic_entity::{SetStateDynamicEntity, StateSet};
pub use update::{Update, Updated};
pub use who_am_i::{Identity, WhoAmI};

/// An operation of CRM 4.0.
pub trait Message: soap::Operation {
    /// Whether it may be sent again at once when its answer is lost. Reads may. A write may not, even one that sets:
    /// the first sending can land after the second, and after the write that follows, and take that one back.
    const REPEATABLE: bool = true;
}

/// The action of every message that travels inside of `Execute`.
const EXECUTE_ACTION: &str = "http://schemas.microsoft.com/crm/2007/WebServices/Execute";
/// The action of every message to discovery.
const DISCOVERY_ACTION: &str = "http://schemas.microsoft.com/crm/2007/CrmDiscoveryService/Execute";

/// Reads a document in a test.
#[cfg(test)]
fn parsed(xml: &str) -> soap::Element {
    soap::parse(xml.as_bytes(), soap::Limits::default()).unwrap()
}

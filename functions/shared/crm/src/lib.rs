//! A CRM in Tieline's words, and its adapters.
//!
//! Never shows a protocol to its callers: they speak [`Crm`]. The classic adapter (CRM 4.0 SOAP) is
//! [`classic::ClassicCrm`]. Start at [`Crm`].

pub mod classic;
mod port;
pub mod schema;
mod sends;

pub use port::{Access, Account, Crm, CrmError, Lack, Note, Person, Reason, RequestRecord, RequestState, SiteOnRecord};
pub use sends::{
    Among, Campaign, Cursor, Each, MarketingList, Owner, Recipient, RecipientKind, SendRecord, SendReport, SendStatus,
    SendTotals, Target,
};

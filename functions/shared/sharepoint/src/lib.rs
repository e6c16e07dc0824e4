//! A SharePoint in Tieline's words, and its adapters.
//!
//! Never shows a protocol to its callers: they speak [`SiteHost`]. The classic adapter (2007 and 2010: pages and
//! ASMX services) is [`classic::ClassicSharePoint`]. Start at [`SiteHost`].

pub mod classic;
mod plan;
mod port;

pub use plan::{
    FieldPlan, GroupPlan, ListPlan, ListRef, ListSettings, Login, MemberOutcome, ModulePart, NewWeb, NotAWebName,
    PagePlan, Role, RoleGrant, RowPlan, ViewPlan, Web, WebName,
};
pub use port::{Lack, SiteError, SiteHost};

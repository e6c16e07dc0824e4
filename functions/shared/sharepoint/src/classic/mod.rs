//! SharePoint of the 2007 generation (WSS 3.0, MOSS 2007, BPOS): pages and ASMX services.
//!
//! Uses nothing that 2007 lacks (contract `sharepoint/requirements/product-behavior.tsv`, columns wss3 and moss2007), so
//! that it works on 2010 and on the first SharePoint Online as it is: the page that makes webs is there still.
//! Every answer is checked before it is believed; what cannot be repeated is asked for first. Start at
//! [`ClassicSharePoint`].

mod address;
mod claims;
mod complaint;
mod connection;
mod form;
mod groups;
mod html;
mod instead;
mod lacks;
mod lists;
mod mark;
mod members;
mod operation;
mod pages;
mod plan_rules;
mod refusal;
mod rows;
mod service;
mod session;
mod webs;

use std::sync::Arc;

use async_trait::async_trait;
use transport::{Client, TokenStore, Unshared};

pub use claims::{TOKEN, TURN_IN};
pub use connection::{Connection, ONLINE_STS, SignIn};

use self::session::Session;
use crate::{
    GroupPlan, Lack, ListPlan, ListRef, Login, MemberOutcome, NewWeb, PagePlan, RoleGrant, RowPlan, SiteError,
    SiteHost, Web, WebName,
};

/// One tenant's site collection on a host of 2007, or of 2010.
///
/// Upstream calls on a fresh site, each explained at the function that makes them, and 1 that signs in (2 with claims): a web 2; lists 1 and, for each,
/// 1 (made) + 1 (fields and settings) + 1 (where a field's title differs from its name) + 1 per view; rows 2 per list;
/// pages 1 per folder with pages to be made, 1 per page made, 1 per page that was there and gets parts, 1 per part;
/// groups 1 and 2 each; members 2 per group; list roles 1 per list and 1 per grant.
pub struct ClassicSharePoint {
    session: Session,
}

impl ClassicSharePoint {
    /// A host behind a client. Nothing is asked until the first call.
    pub fn new(connection: Connection, client: Client) -> Self {
        Self::with_tokens(connection, client, Arc::new(Unshared))
    }

    /// The same, with what is known of the sign-in where other functions find it: its cookies, or whether it was taken.
    pub fn with_tokens(connection: Connection, client: Client, tokens: Arc<dyn TokenStore>) -> Self {
        Self { session: Session::new(connection, client, tokens) }
    }
}

#[async_trait]
impl SiteHost for ClassicSharePoint {
    /// 5 calls; 1 where the parent is missing.
    async fn lacks(&self, definitions: &[&str]) -> Result<Vec<Lack>, SiteError> {
        lacks::find(&self.session, definitions).await
    }

    /// 1 call.
    async fn find_web(&self, name: &WebName) -> Result<Option<Web>, SiteError> {
        webs::find(&self.session, name).await
    }

    /// 2 calls; 4 when the page's digest had expired.
    async fn create_web(&self, new: &NewWeb) -> Result<Web, SiteError> {
        webs::create(&self.session, new).await
    }

    /// 1 call.
    async fn mark(&self, web: &Web) -> Result<Option<String>, SiteError> {
        webs::mark(&self.session, web).await
    }

    /// The services of 2007 cannot set the quick launch, folders and a version limit (MS-LISTSWS 3.1.4.30.2.1 names
    /// what `UpdateList` takes): those stay as the host's list template has them.
    async fn ensure_lists(&self, web: &Web, plans: &[ListPlan]) -> Result<Vec<ListRef>, SiteError> {
        lists::ensure(&self.session, web, plans).await
    }

    /// The key column must be a line of text, such as `Title`.
    async fn ensure_rows(&self, web: &Web, list: &ListRef, rows: &[RowPlan]) -> Result<(), SiteError> {
        rows::ensure(&self.session, web, list, rows).await
    }

    /// A page that has to be made must lie in a library: 2007 copies files into libraries only.
    async fn ensure_pages(&self, web: &Web, pages: &[PagePlan]) -> Result<(), SiteError> {
        pages::ensure(&self.session, web, pages).await
    }

    async fn ensure_groups(&self, web: &Web, groups: &[GroupPlan]) -> Result<(), SiteError> {
        groups::ensure(&self.session, web, groups).await
    }

    async fn ensure_members(&self, web: &Web, group: &str, people: &[Login]) -> Result<Vec<MemberOutcome>, SiteError> {
        members::ensure(&self.session, web, group, people).await
    }

    async fn ensure_list_roles(&self, web: &Web, list: &ListRef, grants: &[RoleGrant]) -> Result<(), SiteError> {
        groups::ensure_list_roles(&self.session, web, list, grants).await
    }
}

//! What Tieline asks of a SharePoint.

use async_trait::async_trait;
use domain::{SignedDuration, Timestamp};

use crate::{GroupPlan, ListPlan, ListRef, Login, MemberOutcome, NewWeb, PagePlan, RoleGrant, RowPlan, Web, WebName};

/// One tenant's site collection, below whose parent web its sites are made.
///
/// Every `ensure_…` looks first, makes what is missing, and leaves alone what is there: it may be repeated after a
/// crash at any point and ends in the same site. None of them removes anything.
#[async_trait]
pub trait SiteHost: Send + Sync {
    /// What the engine needs of this host to make webs of these site definitions and does not find, each thing once. Only
    /// asks: nothing is made or changed.
    async fn lacks(&self, definitions: &[&str]) -> Result<Vec<Lack>, SiteError>;

    /// The web of that name below the parent; `None` if there is none.
    async fn find_web(&self, name: &WebName) -> Result<Option<Web>, SiteError>;

    /// Makes a web. [`SiteError::NameTaken`] if there is one: the caller decides by its mark whether it is its own.
    async fn create_web(&self, new: &NewWeb) -> Result<Web, SiteError>;

    /// The mark that the web was made with ([`NewWeb::mark`]); `None` for a web that Tieline did not make.
    async fn mark(&self, web: &Web) -> Result<Option<String>, SiteError>;

    /// Lists and libraries with their settings, fields and views; in the order of the plans.
    async fn ensure_lists(&self, web: &Web, plans: &[ListPlan]) -> Result<Vec<ListRef>, SiteError>;

    /// Rows of a list, told apart by the value of one column ([`RowPlan::key`]).
    async fn ensure_rows(&self, web: &Web, list: &ListRef, rows: &[RowPlan]) -> Result<(), SiteError>;

    /// Pages with their module placeholders.
    async fn ensure_pages(&self, web: &Web, pages: &[PagePlan]) -> Result<(), SiteError>;

    /// Groups and the role each has on the web. Group names are collection-wide in 2007: a group that is there but was
    /// not made for this web is refused, because its members would be let in (ST-04).
    async fn ensure_groups(&self, web: &Web, groups: &[GroupPlan]) -> Result<(), SiteError>;

    /// Members of a group; the outcome for each, in the order given. A person who cannot be resolved is not fatal.
    async fn ensure_members(&self, web: &Web, group: &str, people: &[Login]) -> Result<Vec<MemberOutcome>, SiteError>;

    /// Roles on one list that differ from the web's.
    async fn ensure_list_roles(&self, web: &Web, list: &ListRef, grants: &[RoleGrant]) -> Result<(), SiteError>;
}

/// Something that a SharePoint does not have and the engine cannot do without.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// There is no web at the parent's address. Nothing else can be looked at.
    Parent,
    /// The account has not this right on the parent: the name of the right, as site settings show it.
    Right(&'static str),
    /// A service of the parent does not answer the account: its file.
    Service(&'static str),
    /// The page that makes webs is not there, or lacks this part.
    Page(String),
    /// The page that makes webs does not offer this site definition.
    Definition(String),
    /// Not known: the service that tells the account's rights does not answer it.
    RightsUnseen,
    /// Not known: the page that makes webs is closed to the account.
    PageUnseen,
}

/// What can go wrong with a SharePoint.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SiteError {
    /// Could not be reached, was busy, timed out, or answered what is no answer.
    #[error("{operation}: {source}")]
    Call {
        /// What was attempted.
        operation: &'static str,
        /// What happened.
        source: transport::CallError,
    },
    /// The service that signs in has trouble of its own, which says nothing of the sign-in.
    #[error("{operation}: the sign-in service is in trouble (code {code})")]
    Busy {
        /// What was attempted.
        operation: &'static str,
        /// The service's code, `0x…`, or `none`.
        code: String,
    },
    /// Sign-in was refused, or the answer was a sign-in page.
    #[error("{operation}: sign-in to SharePoint was refused (code {code})")]
    SignIn {
        /// What was attempted.
        operation: &'static str,
        /// What it said: the HTTP status, the code of a refused password or token, or that a sign-in page came.
        code: String,
        /// SharePoint was not asked: it refused this sign-in before, and is not asked again until then.
        until: Option<Timestamp>,
    },
    /// The address of the web is in use.
    #[error("{operation}: the web's name is in use")]
    NameTaken {
        /// What was attempted.
        operation: &'static str,
    },
    /// The page is not the one we know: a box or button is missing. Never guessed (contract: "Robust client").
    #[error("{operation}: the page has changed: no {missing}")]
    PageChanged {
        /// What was attempted.
        operation: &'static str,
        /// What was not found.
        missing: String,
    },
    /// SharePoint refused and said why in its own words, for the journal and for people, not for a log.
    #[error("{operation}: SharePoint refused (code {code})")]
    Refused {
        /// What was attempted.
        operation: &'static str,
        /// SharePoint's code, or `none`.
        code: String,
        /// SharePoint's words.
        message: String,
    },
    /// Somebody changed the same thing at the same time; look again and repeat.
    #[error("{operation}: changed by somebody else meanwhile")]
    Conflict {
        /// What was attempted.
        operation: &'static str,
    },
    /// The answer was not what the contract says.
    #[error("{operation}: SharePoint's answer cannot be read: {source}")]
    Unreadable {
        /// What was attempted.
        operation: &'static str,
        /// Where and why.
        source: soap::Error,
    },
}

impl SiteError {
    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Call { source, .. } => source.is_transient(),
            Self::Busy { .. } | Self::Conflict { .. } => true,
            // An answer that ends inside of a tag is not called cut but malformed.
            Self::Unreadable { source, .. } => {
                matches!(source.problem(), soap::Problem::Cut { .. } | soap::Problem::Malformed(_))
            }
            Self::SignIn { .. } | Self::NameTaken { .. } | Self::PageChanged { .. } | Self::Refused { .. } => false,
        }
    }

    /// When to ask again, if SharePoint said so.
    pub fn retry_after(&self) -> Option<SignedDuration> {
        match self {
            Self::Call { source, .. } => source.retry_after(),
            _ => None,
        }
    }
}

//! Messages that need a person: parked ones and dead ones, for operators.
//!
//! Never handles a message itself and never changes one: it goes back into its queue as it was, so it keeps its
//! idempotency key, and every flow takes a message that comes twice for one. Start at [`handle`]; what an issue is
//! says [`platform::issues`].

mod list;
mod reply;
mod request;

use std::sync::Arc;

use bytes::Bytes;
use domain::TenantId;
use http::{Method, Request, Response, StatusCode};
use operators::{Operator, Operators, Refusal};
use platform::{
    Issue, Issues, Platform,
    issues::{IssueBody, IssueError, IssueId},
};
use serde_json::{Value, json};

use reply::{error, reply};
use request::BadRequest;

/// What the function is given.
#[derive(Clone)]
pub struct Deps {
    /// The messages.
    pub issues: Issues,
    /// Who may see them.
    pub operators: Arc<Operators>,
}

impl Deps {
    /// Reads the environment: see [`Platform::from_env`] and [`Operators::from_env`].
    pub async fn from_env() -> anyhow::Result<Self> {
        let platform = Platform::from_env().await?;
        let operators = Arc::new(Operators::from_env(&platform)?);
        Ok(Self { issues: Issues::of(&platform), operators })
    }
}

/// Why a request was not done as asked.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Request(#[from] BadRequest),
    #[error(transparent)]
    Issue(#[from] IssueError),
    #[error("there is nothing at this address")]
    NoSuchRoute,
}

impl From<platform::TableError> for Trouble {
    fn from(error: platform::TableError) -> Self {
        Self::Issue(error.into())
    }
}

/// Answers a request of the HTTP API.
pub async fn handle(deps: &Deps, request: Request<Bytes>) -> Result<Response<Bytes>, anyhow::Error> {
    match answer(deps, &request).await {
        Ok(value) => Ok(reply(StatusCode::OK, &value)),
        Err(trouble) => trouble.into_response(),
    }
}

async fn answer(deps: &Deps, request: &Request<Bytes>) -> Result<Value, Trouble> {
    let admit = |route: &'static str| deps.operators.admit(route, request.headers());
    let segments: Vec<&str> = request.uri().path().trim_start_matches('/').split('/').collect();
    match (request.method(), &segments[..]) {
        (&Method::GET, ["v1", "issues"]) => {
            let operator = admit("GET /v1/issues").await?;
            list::page(&deps.issues, &operator, request.uri().query().unwrap_or_default()).await
        }
        (&Method::GET, ["v1", "issues", tenant, id]) => {
            let operator = admit("GET /v1/issues/{tenant}/{id}").await?;
            let (tenant, id) = named(&operator, tenant, id)?;
            let issue = deps.issues.find(&tenant, &id).await?.ok_or(IssueError::Unknown)?;
            Ok(whole(&tenant, &id, &issue))
        }
        (&Method::POST, ["v1", "issues", tenant, id, "return"]) => {
            let operator = admit("POST /v1/issues/{tenant}/{id}/return").await?;
            let (tenant, id) = named(&operator, tenant, id)?;
            request::without_body(request)?;
            let issue = deps.issues.give_back(&tenant, &id, &operator.id().to_string()).await?;
            tracing::info!(operator = %operator.id(), queue = issue.queue, "message {id} is given back");
            Ok(shown(&tenant, &id, &issue))
        }
        (&Method::POST, ["v1", "issues", tenant, id, "dismiss"]) => {
            let operator = admit("POST /v1/issues/{tenant}/{id}/dismiss").await?;
            let (tenant, id) = named(&operator, tenant, id)?;
            request::without_body(request)?;
            let issue = deps.issues.dismiss(&tenant, &id, &operator.id().to_string()).await?;
            tracing::info!(operator = %operator.id(), queue = issue.queue, "message {id} is dismissed");
            Ok(shown(&tenant, &id, &issue))
        }
        _ => Err(Trouble::NoSuchRoute),
    }
}

/// The issue that a path names, if it is one that the operator may see.
///
/// Every tenant but one's own is refused in the same words, whether it is there or not.
fn named(operator: &Operator, tenant: &str, id: &str) -> Result<(TenantId, IssueId), Trouble> {
    let tenant: TenantId = tenant.parse().map_err(|_| IssueError::Unknown)?;
    if !operator.may_see(&tenant) {
        return Err(Refusal::Forbidden.into());
    }
    platform::telemetry::tenant(&tenant);
    Ok((tenant, id.parse().map_err(|_| IssueError::Unknown)?))
}

/// An issue in a list: without its message, which may be about people.
fn shown(tenant: &TenantId, id: &IssueId, issue: &Issue) -> Value {
    json!({
        "tenant": tenant,
        "id": id,
        "queue": issue.queue,
        "kind": issue.kind,
        "cause": issue.cause,
        "about": issue.about,
        "at": issue.at,
        "receive_count": issue.receive_count,
        "state": issue.state,
    })
}

/// An issue with its message, unless that is too large to be looked at.
fn whole(tenant: &TenantId, id: &IssueId, issue: &Issue) -> Value {
    let mut value = shown(tenant, id, issue);
    value["message"] = match &issue.body {
        IssueBody::Text(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str())),
        IssueBody::Object(_) => Value::Null,
    };
    value
}

impl Trouble {
    fn into_response(self) -> Result<Response<Bytes>, anyhow::Error> {
        let text = self.to_string();
        match self {
            Self::Refused(Refusal::Ledger(failed)) if failed.is_transient() => Ok(reply::later()),
            Self::Refused(Refusal::Ledger(failed)) => Err(failed.into()),
            Self::Refused(refusal) => Ok(reply::refusal(&refusal)),
            Self::Request(_) => Ok(error(StatusCode::BAD_REQUEST, "malformed", &text)),
            Self::NoSuchRoute => Ok(error(StatusCode::NOT_FOUND, "no-such-route", &text)),
            Self::Issue(failed) => match failed {
                IssueError::Unknown | IssueError::Id(_) => Ok(error(StatusCode::NOT_FOUND, "no-such-issue", &text)),
                IssueError::Illegal(_) => Ok(error(StatusCode::CONFLICT, "settled", &text)),
                IssueError::BodyGone => Ok(error(StatusCode::CONFLICT, "message-gone", &text)),
                IssueError::Table(failed) if failed.is_transient() => Ok(reply::later()),
                IssueError::Bucket(failed) if failed.is_transient() => Ok(reply::later()),
                IssueError::Queue(failed) if failed.is_transient() => Ok(reply::later()),
                failed => Err(failed.into()),
            },
        }
    }
}

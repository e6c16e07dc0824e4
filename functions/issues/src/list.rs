//! A page of issues, of one tenant or of all that an operator may see.

use std::ops::Bound;

use domain::TenantId;
use operators::{Operator, Refusal};
use platform::{Issues, TableError};
use serde_json::{Value, json};

use crate::{
    Trouble,
    request::{Place, Wanted},
    shown,
};

/// How often the table is asked for one page, at most. A page may be short, even empty, when more follows.
const MOST_READS: usize = 20;

/// The issues that a query asks for: `{"issues": […], "next": …}`.
pub(crate) async fn page(issues: &Issues, operator: &Operator, query: &str) -> Result<Value, Trouble> {
    let wanted = Wanted::read(query)?;
    let asked = wanted.tenant.iter().chain(wanted.after.iter().map(|place| &place.tenant));
    if asked.into_iter().any(|tenant| !operator.may_see(tenant)) {
        return Err(Refusal::Forbidden.into());
    }
    let mut found: Vec<Value> = Vec::new();
    let mut next = wanted.after.clone();
    for _ in 0..MOST_READS {
        let place = match next.take() {
            Some(place) => place,
            // The beginning, and only that: the loop ends when nothing is left.
            None => match first(issues, operator, &wanted).await? {
                Some(tenant) => Place { tenant, id: None },
                None => break,
            },
        };
        let rows = issues.list(&place.tenant, place.issue().as_ref(), wanted.limit - found.len()).await?;
        let is_wanted = |state: &str| wanted.state.is_none_or(|wanted| wanted == state);
        let of_state = rows.items.iter().filter(|(_, issue)| is_wanted(issue.state.name()));
        found.extend(of_state.map(|(id, issue)| shown(&place.tenant, id, issue)));
        next = match rows.next {
            Some(id) => Some(Place { id: Some(id), ..place }),
            None if wanted.tenant.is_some() => None,
            None => following(issues, operator, Some(&place.tenant)).await?.map(|tenant| Place { tenant, id: None }),
        };
        if next.is_none() || found.len() >= wanted.limit {
            break;
        }
    }
    Ok(json!({ "issues": found, "next": next.map(|place| place.write()) }))
}

async fn first(issues: &Issues, operator: &Operator, wanted: &Wanted) -> Result<Option<TenantId>, TableError> {
    match &wanted.tenant {
        Some(tenant) => Ok(Some(tenant.clone())),
        None => following(issues, operator, None).await,
    }
}

/// The tenant after another, in order, of those that the operator may see.
async fn following(
    issues: &Issues,
    operator: &Operator,
    after: Option<&TenantId>,
) -> Result<Option<TenantId>, TableError> {
    match operator.tenants() {
        Some(own) => {
            let from = after.map_or(Bound::Unbounded, Bound::Excluded);
            Ok(own.range((from, Bound::Unbounded)).next().cloned())
        }
        None => Ok(issues.tenants(after, 1).await?.items.into_iter().next()),
    }
}

//! What callers may say.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use domain::TenantId;
use http::Request;
use platform::issues::IssueId;
use serde::{Deserialize, Serialize};

/// The most issues in one page.
pub(crate) const MOST: usize = 200;
const USUAL: usize = 50;

/// What is wrong with a request. Names the field and its rule, never the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadRequest {
    #[error("the query has a parameter that is not tenant, state, limit or after")]
    UnknownParameter,
    #[error("{0} is given more than once")]
    Twice(&'static str),
    #[error("tenant: a tenant id has 1 to 32 of a-z, 0-9 and -, and begins and ends with a letter or digit")]
    Tenant,
    #[error("state is open, returned, dismissed or all")]
    State,
    #[error("limit is a number from 1 to {MOST}")]
    Limit,
    #[error("after is the \"next\" of the page before, with the same tenant")]
    After,
    #[error("this takes no body")]
    Body,
}

/// Which issues are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) tenant: Option<TenantId>,
    /// None: of any state.
    pub(crate) state: Option<&'static str>,
    pub(crate) limit: usize,
    pub(crate) after: Option<Place>,
}

/// Where a page begins. Opaque to callers, and no secret: what it names is checked again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    pub(crate) tenant: TenantId,
    /// After this issue of the tenant's; None: at its first.
    pub(crate) id: Option<String>,
}

impl Place {
    pub(crate) fn write(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::json!(self).to_string())
    }

    fn read(text: &str) -> Option<Self> {
        let place: Self = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        place.id.as_deref().is_none_or(|id| id.parse::<IssueId>().is_ok()).then_some(place)
    }

    pub(crate) fn issue(&self) -> Option<IssueId> {
        self.id.as_deref()?.parse().ok()
    }
}

impl Wanted {
    pub(crate) fn read(query: &str) -> Result<Self, BadRequest> {
        let (mut tenant, mut state, mut limit, mut after) = (None, None, None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let (name, slot) = match &*name {
                "tenant" => ("tenant", &mut tenant),
                "state" => ("state", &mut state),
                "limit" => ("limit", &mut limit),
                "after" => ("after", &mut after),
                _ => return Err(BadRequest::UnknownParameter),
            };
            if slot.replace(value.into_owned()).is_some() {
                return Err(BadRequest::Twice(name));
            }
        }
        let tenant: Option<TenantId> = tenant.map(|text| text.parse()).transpose().map_err(|_| BadRequest::Tenant)?;
        let state = match state.as_deref() {
            None | Some("open") => Some("open"),
            Some("returned") => Some("returned"),
            Some("dismissed") => Some("dismissed"),
            Some("all") => None,
            Some(_) => return Err(BadRequest::State),
        };
        let limit = match limit {
            None => USUAL,
            Some(text) => text.parse().ok().filter(|it| (1..=MOST).contains(it)).ok_or(BadRequest::Limit)?,
        };
        let after = after.map(|text| Place::read(&text).ok_or(BadRequest::After)).transpose()?;
        if let (Some(tenant), Some(after)) = (&tenant, &after)
            && after.tenant != *tenant
        {
            return Err(BadRequest::After);
        }
        Ok(Self { tenant, state, limit, after })
    }
}

/// A call that says all in its address: a field in a body would be one that is not heeded.
pub(crate) fn without_body(request: &Request<Bytes>) -> Result<(), BadRequest> {
    if matches!(request.body().trim_ascii(), b"" | b"{}") { Ok(()) } else { Err(BadRequest::Body) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A3, A4: what is not known, given twice or out of bounds is refused, and named.
    #[test]
    fn a_query_is_read_or_refused_by_name() {
        let usual = Wanted { tenant: None, state: Some("open"), limit: 50, after: None };
        assert_eq!(Wanted::read(""), Ok(usual.clone()));
        let tenant = Some("harbour".parse().expect("a tenant id"));
        assert_eq!(
            Wanted::read("tenant=harbour&state=all&limit=200"),
            Ok(Wanted { tenant, state: None, limit: 200, ..usual })
        );
        for (query, problem) in [
            ("tenants=harbour", BadRequest::UnknownParameter),
            ("tenant=harbour&tenant=northwind", BadRequest::Twice("tenant")),
            ("tenant=", BadRequest::Tenant),
            ("tenant=T%23a", BadRequest::Tenant),
            ("state=OPEN", BadRequest::State),
            ("limit=0", BadRequest::Limit),
            ("limit=201", BadRequest::Limit),
            ("limit=-1", BadRequest::Limit),
            ("limit=many", BadRequest::Limit),
            ("after=", BadRequest::After),
            ("after=e30", BadRequest::After),
            ("after=!", BadRequest::After),
        ] {
            assert_eq!(Wanted::read(query), Err(problem), "{query}");
        }
        let elsewhere = Place { tenant: "northwind".parse().expect("a tenant id"), id: None }.write();
        assert_eq!(Wanted::read(&format!("tenant=harbour&after={elsewhere}")), Err(BadRequest::After));
    }

    proptest! {
        #[test]
        fn a_place_is_read_as_it_was_written(tenant in "[a-z0-9]{1,32}", id in prop::option::of("[A-Za-z0-9_-]{1,100}")) {
            let place = Place { tenant: tenant.parse().expect("a tenant id"), id };
            prop_assert_eq!(Place::read(&place.write()), Some(place));
        }

        #[test]
        fn any_query_is_read_or_refused(query in ".{0,200}") {
            let _ = Wanted::read(&query);
        }

        /// No cursor makes a sort key of another kind.
        #[test]
        fn any_place_names_an_issue_or_is_refused(text in "\\PC{0,100}") {
            let forged = BASE64_URL_SAFE_NO_PAD.encode(serde_json::json!({ "tenant": "harbour", "id": text }).to_string());
            if let Some(place) = Place::read(&forged) {
                prop_assert!(place.issue().is_some());
            }
        }
    }
}

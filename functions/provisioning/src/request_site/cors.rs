//! Which pages may ring: those of the tenant's CRM and SharePoint, by their exact origin (ST-14, A8).

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};

use tenants::is_known_origin;

use crate::Deps;

/// Answers a browser's preflight. It does not say whose press will follow, so any tenant's origin passes here; the
/// press itself is held against the list of the tenant that it names.
pub(super) async fn preflight(deps: &Deps, request: &Request<Bytes>) -> Result<Response<Bytes>, anyhow::Error> {
    let origin = request.headers().get(header::ORIGIN);
    let known = match origin.and_then(|origin| origin.to_str().ok()) {
        Some(origin) => is_known_origin(&deps.platform.ledger, origin).await?,
        None => false,
    };
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if known {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        return Ok(allow(response, origin));
    }
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Origin"));
    Ok(response)
}

/// Lets the page of this origin read the answer. No credentials: there are none.
pub(super) fn allow(mut response: Response<Bytes>, origin: Option<&HeaderValue>) -> Response<Bytes> {
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Retry-After"));
    }
    response
}

//! The routes of the function `request-site`: the doorbell, the status page, and the script that rings (ST-24).

mod assets;
mod cors;
mod jsonp;

pub use assets::press_script;

use bytes::Bytes;
use domain::{CrmId, SignedDuration, TenantId};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use platform::telemetry::{Unit, metric};
use serde::Deserialize;
use serde_json::{Value, json};
use tenants::Settings;

use crate::{
    Deps,
    press::{self, Accepted, PressError, Refusal},
    site::Link,
    status::{self, Status},
};

/// What is rung: `{"tenant": "harbour", "request": "8d0f1b6e-…"}`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Press {
    tenant: TenantId,
    request: CrmId,
}

/// How long a caller should wait at least who was told that CRM does not answer.
const COME_BACK_AFTER: SignedDuration = SignedDuration::from_secs(30);

/// Answers a request of the HTTP API.
pub async fn handle(deps: &Deps, request: Request<Bytes>) -> Result<Response<Bytes>, anyhow::Error> {
    let path = request.uri().path().trim_matches('/').to_owned();
    let segments: Vec<&str> = path.split('/').collect();
    match (request.method(), &segments[..]) {
        (&Method::POST, ["v1", "presses"]) => ring(deps, &request).await,
        (&Method::OPTIONS, ["v1", "presses"]) => cors::preflight(deps, &request).await,
        (&Method::GET, ["v1", "presses.js"]) => jsonp::ring(deps, &request).await,
        (&Method::GET | &Method::HEAD, ["v1", "sites", tenant, link]) => show(deps, &request, tenant, link).await,
        (&Method::GET | &Method::HEAD, ["v1", "assets", name]) => Ok(assets::serve(name)),
        (_, ["v1", "presses"]) => Ok(error(StatusCode::METHOD_NOT_ALLOWED, "method", "ring with POST")),
        _ => Ok(error(StatusCode::NOT_FOUND, "no-such-route", "there is nothing at this address")),
    }
}

async fn ring(deps: &Deps, request: &Request<Bytes>) -> Result<Response<Bytes>, anyhow::Error> {
    let press: Press = match serde_json::from_slice(request.body()) {
        Ok(press) => press,
        Err(problem) => return Ok(malformed(&problem)),
    };
    platform::telemetry::tenant(&press.tenant);
    let settings = Settings::read(&deps.platform.ledger, &press.tenant).await?;
    let origin = request.headers().get(header::ORIGIN);
    let allowed = origin.is_none_or(|origin| {
        settings.as_ref().is_some_and(|settings| origin.to_str().is_ok_and(|origin| settings.allows_origin(origin)))
    });
    // An unknown tenant is told so only to callers that are no web page: a page's origin belongs to a tenant.
    let answer = match &settings {
        None if origin.is_none() => Err(Refusal::UnknownTenant.into()),
        Some(settings) if allowed => press::answer(deps, &press.tenant, settings, press.request).await,
        _ => Err(Refusal::ForeignOrigin.into()),
    };
    // That is a 503, which is no fault of ours: the alarms on the API's failures take it off.
    let response = tell(deps, &press.tenant, answer, "later")?;
    Ok(if allowed { cors::allow(response, origin) } else { response })
}

/// What a press comes to, in words for the page that rang. It is counted; one that has to come back as `later`.
fn tell(
    deps: &Deps,
    tenant: &TenantId,
    answer: Result<Accepted, PressError>,
    later: &'static str,
) -> Result<Response<Bytes>, anyhow::Error> {
    let outcome = match &answer {
        Ok(_) => "accepted",
        Err(PressError::Refused(_)) => "refused",
        Err(failure) if is_worth_coming_back(failure) => later,
        Err(_) => "failed",
    };
    metric("Presses", 1.0, Unit::Count, &[("Answer", outcome)]);
    match answer {
        Ok(accepted) => Ok(accept(deps, tenant, &accepted)),
        Err(PressError::Refused(refusal)) => Ok(error(refusal.status(), refusal.code(), &refusal.to_string())),
        Err(failure) if is_worth_coming_back(&failure) => {
            let wait = failure.retry_after().map_or(COME_BACK_AFTER, |wait| wait.max(COME_BACK_AFTER));
            let failure = anyhow::Error::from(failure);
            tracing::warn!("a press has to wait: {failure:#}");
            let mut response = error(
                StatusCode::SERVICE_UNAVAILABLE,
                "later",
                "your request is saved in CRM; the site will be made when the other systems answer again",
            );
            response.headers_mut().insert(header::RETRY_AFTER, wait.as_secs().into());
            Ok(response)
        }
        Err(failure) => Err(failure.into()),
    }
}

fn is_worth_coming_back(failure: &PressError) -> bool {
    // Sign-in and refusals of the tenant's CRM are for its administrator; the request stays there either way.
    matches!(failure, PressError::Crm(_) | PressError::Connection(_)) || failure.is_transient()
}

fn accept(deps: &Deps, tenant: &TenantId, accepted: &Accepted) -> Response<Bytes> {
    let path = format!("/v1/sites/{tenant}/{}", accepted.link.as_str());
    let status = match &deps.engine {
        Some(engine) => engine.join(&path).map_or(path, String::from),
        None => path,
    };
    reply(StatusCode::ACCEPTED, &json!({ "status": status, "record": accepted.record }))
}

/// serde_json's messages name the field and the rule. What they quote is the caller's own.
fn malformed(problem: &serde_json::Error) -> Response<Bytes> {
    let text = format!("the body is not {{\"tenant\": …, \"request\": …}}: {problem}");
    error(StatusCode::BAD_REQUEST, "malformed", &text)
}

async fn show(
    deps: &Deps,
    request: &Request<Bytes>,
    tenant: &str,
    link: &str,
) -> Result<Response<Bytes>, anyhow::Error> {
    let found = match (tenant.parse::<TenantId>(), link.parse::<Link>()) {
        (Ok(tenant), Ok(link)) => status::find(deps, &tenant, &link).await?,
        _ => None,
    };
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let as_json = accept.starts_with("application/json");
    let base = "/v1/assets";
    let response = match found {
        Some(site) if as_json => reply(StatusCode::OK, &json!(Status::of(&site))),
        Some(site) => page(StatusCode::OK, status::view(&Status::of(&site), base).into_string()),
        None if as_json => error(StatusCode::NOT_FOUND, "no-such-site", "this link does not lead to a site"),
        None => page(StatusCode::NOT_FOUND, status::unknown(base).into_string()),
    };
    Ok(response)
}

fn page(status: StatusCode, html: String) -> Response<Bytes> {
    let mut response = content(status, "text/html; charset=utf-8", html);
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
                  form-action 'none'; frame-ancestors 'none'";
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn reply(status: StatusCode, value: &Value) -> Response<Bytes> {
    content(status, "application/json", value.to_string())
}

fn error(status: StatusCode, code: &str, text: &str) -> Response<Bytes> {
    reply(status, &json!({ "code": code, "error": text }))
}

fn content(status: StatusCode, content_type: &'static str, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    response
}

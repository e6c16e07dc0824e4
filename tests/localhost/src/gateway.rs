//! What stands between HTTP and a function: API Gateway (HTTP to event, payload version 2.0, and back) and Lambda's Invoke.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use domain::Timestamp;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use platform::FunctionError;
use serde_json::{Value, json};

use crate::Route;

/// The route that a request takes, and the values of its path's segments. An exact path wins over one with names.
pub(crate) fn route<'r>(
    routes: &'r [Route],
    request: &Request<Bytes>,
) -> Option<(&'r Route, BTreeMap<String, String>)> {
    let mut fitting: Vec<_> = routes
        .iter()
        .filter(|route| route.method == request.method().as_str() || route.method == "ANY")
        .filter_map(|route| Some((route, fit(&route.path, request.uri().path())?)))
        .collect();
    fitting.sort_by_key(|(_, names)| names.len());
    fitting.into_iter().next()
}

fn fit(pattern: &str, path: &str) -> Option<BTreeMap<String, String>> {
    let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    if pattern.len() != path.len() {
        return None;
    }
    let mut names = BTreeMap::new();
    for (wanted, segment) in pattern.into_iter().zip(path) {
        match wanted.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) if !segment.is_empty() => drop(names.insert(name.to_owned(), segment.to_owned())),
            _ if wanted == segment => {}
            _ => return None,
        }
    }
    Some(names)
}

/// The event of a request.
pub(crate) fn event(
    route: &Route,
    names: &BTreeMap<String, String>,
    request: &Request<Bytes>,
    request_id: &str,
    now: Timestamp,
) -> Value {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in request.headers() {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        headers.entry(name.to_string()).and_modify(|all| *all = format!("{all},{value}")).or_insert(value);
    }
    let cookies: Vec<String> = headers
        .remove(header::COOKIE.as_str())
        .map(|all| all.split(';').map(|cookie| cookie.trim().to_owned()).collect())
        .unwrap_or_default();
    let (body, is_base64) = match std::str::from_utf8(request.body()) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (BASE64_STANDARD.encode(request.body()), true),
    };
    let route_key = format!("{} {}", route.method, route.path);
    let path = request.uri().path();
    json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": request.uri().query().unwrap_or_default(),
        "cookies": cookies,
        "headers": headers,
        "pathParameters": names,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "localhost",
            "domainName": "localhost",
            "domainPrefix": "localhost",
            "http": {
                "method": request.method().as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": headers.get("user-agent").cloned().unwrap_or_default(),
            },
            "requestId": request_id,
            "routeKey": route_key,
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.as_millisecond(),
        },
        "body": if body.is_empty() { Value::Null } else { Value::String(body) },
        "isBase64Encoded": is_base64,
    })
}

/// The response that a function's reply stands for. A reply that is none is what API Gateway makes of it: 500.
pub(crate) fn response(reply: &Value) -> Response<Bytes> {
    read_response(reply).unwrap_or_else(|| plain(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"))
}

fn read_response(reply: &Value) -> Option<Response<Bytes>> {
    let text = reply["body"].as_str().unwrap_or_default();
    let body =
        if reply["isBase64Encoded"] == true { BASE64_STANDARD.decode(text).ok()? } else { text.as_bytes().to_owned() };
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(u16::try_from(reply["statusCode"].as_u64()?).ok()?).ok()?;
    for (name, value) in reply["headers"].as_object().into_iter().flatten() {
        let value = HeaderValue::from_str(value.as_str()?).ok()?;
        response.headers_mut().insert(HeaderName::try_from(name.as_str()).ok()?, value);
    }
    for cookie in reply["cookies"].as_array().into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, HeaderValue::from_str(cookie.as_str()?).ok()?);
    }
    Some(response)
}

/// The function that a request to Lambda's API invokes, by its name in the code or in a stage.
pub(crate) fn invoked(request: &Request<Bytes>) -> Option<&str> {
    let name = request.uri().path().strip_prefix("/2015-03-31/functions/")?.strip_suffix("/invocations")?;
    let bare = name.strip_prefix("tieline-").and_then(|rest| rest.split_once('-')).map(|(_stage, name)| name);
    (request.method() == http::Method::POST).then(|| bare.unwrap_or(name))
}

/// What Lambda answers to a call by name: what the function said, or that it failed.
pub(crate) fn invocation(reply: Result<Value, FunctionError>) -> Response<Bytes> {
    let (body, failed) = match reply {
        Ok(reply) => (reply, false),
        Err(error) => (json!({ "errorType": "Failed", "errorMessage": error.to_string() }), true),
    };
    let mut response = Response::new(Bytes::from(body.to_string()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if failed {
        let name = HeaderName::from_static("x-amz-function-error");
        response.headers_mut().insert(name, HeaderValue::from_static("Unhandled"));
    }
    response
}

/// How Lambda's API refuses: the kind of error is in a header.
pub(crate) fn no_function() -> Response<Bytes> {
    let mut response = plain(StatusCode::NOT_FOUND, "Function not found");
    let name = HeaderName::from_static("x-amzn-errortype");
    response.headers_mut().insert(name, HeaderValue::from_static("ResourceNotFoundException"));
    response
}

/// An answer of the gateway's own.
pub(crate) fn plain(status: StatusCode, message: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(json!({ "message": message }).to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Vec<Route> {
        let route =
            |method: &str, path: &str| Route { method: method.into(), path: path.into(), function: path.into() };
        vec![route("GET", "/v1/{name}"), route("GET", "/v1/fixed"), route("POST", "/v1/fixed")]
    }

    fn taken(method: &str, path: &str) -> Option<String> {
        let request = Request::builder().method(method).uri(path).body(Bytes::new()).expect("a request");
        route(&routes(), &request).map(|(route, _)| format!("{} {}", route.method, route.path))
    }

    #[test]
    fn a_function_is_called_by_its_name_or_its_name_in_a_stage() {
        let invoked_by = |method: &str, path: &str| {
            let request = Request::builder().method(method).uri(path).body(Bytes::new()).expect("a request");
            invoked(&request).map(ToOwned::to_owned)
        };
        for name in ["manage-tenant", "tieline-test-manage-tenant", "tieline-production-manage-tenant"] {
            let path = format!("/2015-03-31/functions/{name}/invocations");
            assert_eq!(invoked_by("POST", &path).as_deref(), Some("manage-tenant"), "{name}");
            assert_eq!(invoked_by("GET", &path), None, "{name}");
        }
        assert_eq!(invoked_by("POST", "/2015-03-31/functions/"), None);
    }

    #[test]
    fn an_exact_path_wins_and_an_unknown_one_has_no_route() {
        assert_eq!(taken("GET", "/v1/fixed").as_deref(), Some("GET /v1/fixed"));
        assert_eq!(taken("GET", "/v1/other").as_deref(), Some("GET /v1/{name}"));
        assert_eq!(taken("POST", "/v1/other"), None);
        assert_eq!(taken("GET", "/v1/a/b"), None);
        assert_eq!(taken("GET", "/v1/"), None);
    }
}

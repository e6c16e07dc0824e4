//! Requests from API Gateway's HTTP APIs, payload version 2.0.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use serde::Serialize;
use serde_json::{Value, json};
use tracing::{Instrument, field::Empty};

use super::{BoxError, Function, FunctionError, Invocation, caught, story};

/// The most bytes in a request's body: 256 KiB.
const MAX_BODY: usize = 256 * 1024;

/// The function that hands each request to `handler`.
///
/// A body of more than 256 KiB is answered 413 and a request that is not one 400, without asking the handler. A
/// handler's error or panic is logged and answered 500 with
/// `{"code": "internal", "error": "…", "reference": "<request id>"}`, which says nothing of what happened. The
/// answer to a HEAD is sent without its body. The span has `request_id`, `route` (the template's, not the path, which may hold a
/// link's secret), and `tenant` and `business_id` once the handler tells them to
/// [`telemetry`](crate::telemetry).
pub fn http_function<H, F, R>(handler: H) -> impl Function
where
    H: Fn(Request<Bytes>, Invocation) -> F + Send + Sync,
    F: Future<Output = R> + Send,
    R: Reply,
{
    HttpFunction { handler }
}

/// What an HTTP handler may answer with: a response, or a result of one.
pub trait Reply: Send {
    /// The response, or what went wrong, with its causes.
    fn into_response(self) -> Result<Response<Bytes>, FunctionError>;
}

impl Reply for Response<Bytes> {
    fn into_response(self) -> Result<Response<Bytes>, FunctionError> {
        Ok(self)
    }
}

impl<E: Into<BoxError> + Send> Reply for Result<Response<Bytes>, E> {
    fn into_response(self) -> Result<Response<Bytes>, FunctionError> {
        self.map_err(|error| FunctionError::Failed(story(&*error.into())))
    }
}

struct HttpFunction<H> {
    handler: H,
}

#[async_trait]
impl<H, F, R> Function for HttpFunction<H>
where
    H: Fn(Request<Bytes>, Invocation) -> F + Send + Sync,
    F: Future<Output = R> + Send,
    R: Reply,
{
    async fn invoke(&self, event: Value, invocation: Invocation) -> Result<Value, FunctionError> {
        let event: ApiGatewayV2httpRequest =
            serde_json::from_value(event).map_err(|_| FunctionError::BadEvent { expected: "an HTTP request" })?;
        let span = tracing::info_span!(
            "request",
            request_id = invocation.request_id,
            route = event.route_key.as_deref().unwrap_or("$default"),
            tenant = Empty,
            business_id = Empty
        );
        let response = self.respond(event, invocation).instrument(span).await;
        serde_json::to_value(response).map_err(|_| FunctionError::Failed("encoding the reply".to_owned()))
    }
}

impl<H, F, R> HttpFunction<H>
where
    H: Fn(Request<Bytes>, Invocation) -> F + Send + Sync,
    F: Future<Output = R> + Send,
    R: Reply,
{
    async fn respond(&self, event: ApiGatewayV2httpRequest, invocation: Invocation) -> WireResponse {
        let reference = invocation.request_id.clone();
        let is_head = event.request_context.http.method == Method::HEAD;
        let request = match request(event) {
            Ok(request) => request,
            Err((status, error)) => {
                tracing::info!(status = status.as_u16(), "refused the request: {error}");
                let code = if status == StatusCode::PAYLOAD_TOO_LARGE { "too-large" } else { "malformed" };
                return WireResponse::error(status, &json!({ "code": code, "error": error, "reference": reference }));
            }
        };
        // Called inside the guarded future: a handler may panic before it returns one.
        let replied = caught(async { (self.handler)(request, invocation).await.into_response() }).await;
        match replied.unwrap_or(Err(FunctionError::Panicked)) {
            Ok(response) => {
                tracing::info!(status = response.status().as_u16(), "answered the request");
                // RFC 9110, 9.3.2: the answer to a HEAD is the one to a GET, without its body.
                WireResponse::from(if is_head { response.map(|_| Bytes::new()) } else { response })
            }
            Err(error) => {
                tracing::error!(status = 500, "the request failed: {error}");
                let error =
                    json!({ "code": "internal", "error": "something went wrong on our side", "reference": reference });
                WireResponse::error(StatusCode::INTERNAL_SERVER_ERROR, &error)
            }
        }
    }
}

fn request(event: ApiGatewayV2httpRequest) -> Result<Request<Bytes>, (StatusCode, &'static str)> {
    let bad = |error| (StatusCode::BAD_REQUEST, error);
    let too_large = (StatusCode::PAYLOAD_TOO_LARGE, "the request's body is larger than 256 KiB");
    let body = event.body.unwrap_or_default();
    // Four characters of base64 are three bytes: refused before they are decoded.
    if body.len() > MAX_BODY / 3 * 4 + 4 {
        return Err(too_large);
    }
    let body = if event.is_base64_encoded {
        BASE64_STANDARD.decode(body).map_err(|_| bad("the request's body is not base64"))?
    } else {
        body.into_bytes()
    };
    if body.len() > MAX_BODY {
        return Err(too_large);
    }
    let mut target = plain(event.raw_path.as_deref().filter(|path| !path.is_empty()).unwrap_or("/"));
    if let Some(query) = event.raw_query_string.as_deref().filter(|query| !query.is_empty()) {
        target.push('?');
        target.push_str(&plain(query));
    }
    let mut request = Request::new(Bytes::from(body));
    *request.uri_mut() = target.parse::<Uri>().map_err(|_| bad("the request's path is not one"))?;
    *request.method_mut() = Method::clone(&event.request_context.http.method);
    *request.headers_mut() = event.headers;
    if let Some(cookies) = event.cookies {
        let cookies =
            HeaderValue::from_str(&cookies.join("; ")).map_err(|_| bad("the request's cookies are not text"))?;
        request.headers_mut().insert(header::COOKIE, cookies);
    }
    Ok(request)
}

/// A path or query as a request line has it. API Gateway decodes some escapes of the raw path.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic()
            && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'#')
        {
            plain.push(char::from(byte));
        } else {
            let (high, low) = (byte >> 4, byte & 15);
            plain.push('%');
            plain.extend([high, low].map(|digit| char::from(b"0123456789ABCDEF"[usize::from(digit)])));
        }
    }
    plain
}

/// A response as API Gateway reads it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireResponse {
    status_code: u16,
    headers: BTreeMap<String, String>,
    cookies: Vec<String>,
    body: String,
    is_base64_encoded: bool,
}

impl WireResponse {
    fn error(status: StatusCode, error: &Value) -> Self {
        let headers = BTreeMap::from([
            (header::CONTENT_TYPE.to_string(), "application/json".to_owned()),
            (header::CACHE_CONTROL.to_string(), "no-store".to_owned()),
        ]);
        let status_code = status.as_u16();
        Self { status_code, headers, cookies: Vec::new(), body: error.to_string(), is_base64_encoded: false }
    }
}

impl From<Response<Bytes>> for WireResponse {
    fn from(response: Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        let mut cookies = Vec::new();
        for (name, value) in &parts.headers {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            if name == header::SET_COOKIE {
                cookies.push(value);
                continue;
            }
            // One value per name is all that the payload has room for; a comma joins them by RFC 9110, 5.3.
            headers.entry(name.to_string()).and_modify(|all| *all = format!("{all}, {value}")).or_insert(value);
        }
        let (body, is_base64_encoded) = match String::from_utf8(body.into()) {
            Ok(text) => (text, false),
            Err(error) => (BASE64_STANDARD.encode(error.as_bytes()), true),
        };
        Self { status_code: parts.status.as_u16(), headers, cookies, body, is_base64_encoded }
    }
}

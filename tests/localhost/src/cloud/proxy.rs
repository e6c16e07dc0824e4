//! Requests passed on to the emulator, and answers back.

use std::{convert::Infallible, sync::Arc};

use axum::{Router, body::Body, extract::Request};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header, request::Parts};
use tokio::net::TcpListener;
use transport::{Answer, Back, Call, Sockets};
use url::Url;

use super::{Recorder, sockets};
use crate::{Running, gateway};

/// The largest body that is passed on: what an S3 object of the tests or a request of the API may have.
const LARGEST_BODY: usize = 64 << 20;

/// What concerns one connection only (RFC 9110, 7.6.1) or is said anew for the next one.
const OF_THE_CONNECTION: [HeaderName; 6] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Passes the functions' calls on to the emulator, and records them.
pub(super) fn record(listener: TcpListener, to: String, recorder: Recorder) -> anyhow::Result<Running> {
    let passage = Arc::new(Passage { sockets: sockets()?, to, host: None, recorder: Some(recorder) });
    Ok(serve(listener, passage))
}

/// Passes requests on to what the emulator has under a host name.
pub(super) fn pass(listener: TcpListener, to: String, host: &str) -> anyhow::Result<Running> {
    let host = Some(HeaderValue::from_str(host)?);
    Ok(serve(listener, Arc::new(Passage { sockets: sockets()?, to, host, recorder: None })))
}

struct Passage {
    sockets: Arc<Sockets>,
    to: String,
    host: Option<HeaderValue>,
    recorder: Option<Recorder>,
}

fn serve(listener: TcpListener, passage: Arc<Passage>) -> Running {
    let answer = move |request: Request| {
        let passage = Arc::clone(&passage);
        async move {
            let (parts, body) = request.into_parts();
            let Ok(body) = axum::body::to_bytes(body, LARGEST_BODY).await else {
                return Ok(gateway::plain(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large").map(Body::from));
            };
            Ok::<_, Infallible>(passage.pass(parts, body).await.map(Body::from))
        }
    };
    let router = Router::new().fallback(answer);
    Running::of(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!("a proxy's address is closed: {error}");
        }
    })
}

impl Passage {
    async fn pass(&self, parts: Parts, body: Bytes) -> Response<Bytes> {
        let path = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let Ok(url) = Url::parse(&format!("{}{path}", self.to)) else {
            return gateway::plain(StatusCode::BAD_REQUEST, "Bad Request");
        };
        if let Some(recorder) = &self.recorder {
            recorder.record(&parts, &body);
        }
        let mut headers = parts.headers;
        strip(&mut headers);
        if let Some(host) = &self.host {
            headers.insert(header::HOST, host.clone());
        }
        let call = Call { method: parts.method, url, headers, body, repeatable: false, operation: "passed on" };
        match self.sockets.send(&call).await {
            Ok(Answer { status, mut headers, body }) => {
                strip(&mut headers);
                let mut response = Response::new(body);
                (*response.status_mut(), *response.headers_mut()) = (status, headers);
                response
            }
            Err(error) => {
                tracing::warn!("a request was not passed on: {error}");
                gateway::plain(StatusCode::BAD_GATEWAY, "Bad Gateway")
            }
        }
    }
}

fn strip(headers: &mut HeaderMap) {
    for name in OF_THE_CONNECTION {
        headers.remove(name);
    }
}

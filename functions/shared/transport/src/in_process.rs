//! The back that calls a function in this process.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, header};
use url::Position;

use crate::{Answer, Back, BackError, Call, GuardError};

type Serve = dyn Fn(Request<Bytes>) -> Result<Response<Bytes>, BackError> + Send + Sync;

/// Carries calls to a function in this process: fault histories and unit tests run the real client against a
/// simulator without sockets, so that a history is deterministic. A call yields once before and once after its effect,
/// so a test that drops a future at each of its polls meets "not sent" as well as "landed, but never answered".
pub struct InProcess {
    serve: Box<Serve>,
}

impl InProcess {
    /// A back that asks `serve`, which answers or says how the connection failed.
    pub fn new(serve: impl Fn(Request<Bytes>) -> Result<Response<Bytes>, BackError> + Send + Sync + 'static) -> Self {
        Self { serve: Box::new(serve) }
    }
}

#[async_trait]
impl Back for InProcess {
    async fn send(&self, call: &Call) -> Result<Answer, BackError> {
        // As on the wire: the fragment stays here, the host goes into its header.
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(&call.url[..Position::AfterQuery])
            .body(call.body.clone())
            .map_err(|_| GuardError::Unsendable)?;
        *request.headers_mut() = call.headers.clone();
        let host = &call.url[Position::BeforeHost..Position::AfterPort];
        request.headers_mut().insert(header::HOST, host.parse().map_err(|_| GuardError::Unsendable)?);
        tokio::task::yield_now().await;
        let served = (self.serve)(request);
        tokio::task::yield_now().await;
        let (parts, body) = served?.into_parts();
        let answer = Answer { status: parts.status, headers: parts.headers, body };
        // A simulator cuts an answer by announcing more than it gives, as a broken connection does.
        let announced = answer.header(header::CONTENT_LENGTH).map(str::parse::<usize>);
        match announced {
            Some(Ok(length)) if length != answer.body.len() => Err(BackError::cut()),
            Some(Err(_)) => Err(BackError::lost()),
            _ => Ok(answer),
        }
    }
}

//! The other side of the clients: it gives one answer, to everything, and counts.

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use bytes::Bytes;
use domain::{SignedDuration, VirtualClock};
use http::{Request, Response, header};
use sharepoint::classic::ClassicSharePoint;
use transport::{Attempt, Client, Guard, InProcess, Kept, Token, TokenStore, Turn};

use super::Reading;

pub(super) const XML: &str = "text/xml; charset=utf-8";
pub(super) const PARENT: &str = "https://sites.test.example/sites/harbour";

pub(super) const HTML: &str = "text/html; charset=utf-8";

/// Answers everything with one document; a form that is posted, with a redirect or with another document.
#[derive(Clone)]
pub(super) struct Answering {
    content_type: &'static str,
    document: Bytes,
    to_a_form: Option<Bytes>,
    requests: Arc<Mutex<Vec<Request<Bytes>>>>,
}

impl Answering {
    pub(super) fn with(content_type: &'static str, document: &[u8]) -> Self {
        let document = Bytes::copy_from_slice(document);
        Self { content_type, document, to_a_form: None, requests: Arc::default() }
    }

    pub(super) fn and_to_a_form(self, document: &[u8]) -> Self {
        Self { to_a_form: Some(Bytes::copy_from_slice(document)), ..self }
    }

    /// What was asked, in order.
    pub(super) fn requests(&self) -> MutexGuard<'_, Vec<Request<Bytes>>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn reading(&self, outcome: Result<String, String>) -> Reading {
        Reading { outcome, problem: None, further_calls: self.requests().len().saturating_sub(1) }
    }

    fn serve(&self, request: Request<Bytes>) -> Response<Bytes> {
        let is_form =
            request.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().ends_with(b"-urlencoded"));
        self.requests().push(request);
        let page = |document: &Bytes| {
            Response::builder().header(header::CONTENT_TYPE, self.content_type).body(document.clone())
        };
        let answer = match &self.to_a_form {
            Some(document) if is_form => page(document),
            None if is_form => Response::builder().status(302).header(header::LOCATION, PARENT).body(Bytes::new()),
            _ => page(&self.document),
        };
        answer.expect("constant headers")
    }
}

/// A client that may speak to every host of the test, and whose time stands still.
pub(super) fn client(service: &'static str, back: &Answering) -> Client {
    let back = back.clone();
    let back = InProcess::new(move |request| Ok(back.serve(request)));
    let clock = VirtualClock::at(domain::Timestamp::UNIX_EPOCH);
    Client::new(service, Arc::new(back), Guard::new(&["test.example"]).expect("a domain"), Arc::new(clock))
}

/// The SharePoint behind a back, signed in to.
pub(super) fn host(back: &Answering) -> ClassicSharePoint {
    let connection = serde_json::from_value(serde_json::json!({
        "parent": PARENT, "sign_in": { "basic": { "user": "HARBOUR\\svc", "password": "open sesame" } },
    }));
    ClassicSharePoint::with_tokens(connection.expect("a connection"), client("sharepoint", back), signed_in("taken"))
}

/// A store that has a token, so that the first call is the one that fetches the document.
pub(super) fn signed_in(text: &'static str) -> Arc<dyn TokenStore> {
    Arc::new(SignedIn(text))
}

struct SignedIn(&'static str);

#[async_trait]
impl TokenStore for SignedIn {
    async fn take(&self, refused: Option<&Token>) -> Result<Kept, SignedDuration> {
        let token = Token { text: self.0.to_owned().into(), expires_at: None };
        Ok(if refused.is_some() { Kept::Turn(Turn(0)) } else { Kept::Token(token) })
    }

    async fn end(&self, _: Turn, _: Attempt<'_>) {}
}

/// Runs a call to its end. Pauses take no time.
pub(super) fn wait<F: Future>(call: F) -> F::Output {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime of one thread");
    }
    RUNTIME.with(|runtime| runtime.block_on(call))
}

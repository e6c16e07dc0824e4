//! The back over real sockets.

use std::{error::Error, io, net::IpAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::BytesMut;
use reqwest::{Certificate, redirect, retry};
use tracing::{Dispatch, instrument::WithSubscriber};
use url::Host;

use crate::{
    Answer, Back, BackError, Call, Cause, GuardError,
    resolver::{Machine, Resolver},
};

/// Carries calls over TCP and TLS 1.2 or 1.3 (rustls), HTTP/1.1.
///
/// Does nothing by itself: no redirects, no repeats, no proxy from the environment, no cookies, no compression.
/// It is silent, because the libraries it stands on would log hosts. Connections are kept open between calls. An answer must be whole: a body shorter than announced, a cut chunk and,
/// over TLS, an end without the closing alert are errors.
#[derive(Clone)]
pub struct Sockets {
    client: reqwest::Client,
    most_bytes: usize,
    rule: AddressRule,
}

/// How long, and how much. The defaults suit a service that builds a web before it answers, within a Lambda's minutes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// To look the name up, connect and agree on TLS. 5 seconds.
    pub connect: Duration,
    /// Between two reads, and until the first. 60 seconds: SharePoint is silent while it makes a web.
    pub read: Duration,
    /// For the whole call with its answer. 90 seconds.
    pub total: Duration,
    /// For the body of an answer, in bytes. 64 MiB (A4).
    pub answer_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            read: Duration::from_mins(1),
            total: Duration::from_secs(90),
            answer_bytes: 64 * 1024 * 1024,
        }
    }
}

/// Whose certificates are believed.
#[derive(Clone, Debug, Default)]
pub enum Trust {
    /// The machine's own list of certificate authorities. A machine without one is an error.
    #[default]
    Machine,
    /// The machine's list and these, for a customer with an authority of its own.
    MachineAnd(Vec<Root>),
    /// These alone; with none, no certificate at all is believed, which suits a sandbox that speaks plain HTTP.
    Only(Vec<Root>),
}

/// A certificate authority.
#[derive(Clone, Debug)]
pub enum Root {
    /// One or more certificates in PEM.
    Pem(Vec<u8>),
    /// One certificate in DER.
    Der(Vec<u8>),
}

/// To which addresses connections may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressRule {
    /// The public internet only.
    PublicOnly,
    /// Also this machine, by `localhost` or a loopback literal: the sandbox.
    LoopbackToo,
}

/// Why no back could be made.
#[derive(Debug, thiserror::Error)]
pub enum SocketsError {
    /// A certificate authority could not be read.
    #[error("reading a certificate authority")]
    Root,
    /// TLS could not be set up, for example because this machine lists no certificate authorities.
    #[error("setting up tls with the machine's certificate authorities")]
    Tls(#[source] reqwest::Error),
}

impl Sockets {
    /// A back with its own pool of connections; keep it as long as the process lives.
    pub fn new(limits: Limits, trust: Trust, addresses: AddressRule) -> Result<Self, SocketsError> {
        let builder = reqwest::Client::builder()
            .tls_backend_rustls()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            // Repeats are decided by the client above, which knows what may be repeated.
            .retry(retry::never())
            .connect_timeout(limits.connect)
            .read_timeout(limits.read)
            .timeout(limits.total)
            // A Lambda may sleep between calls; IIS closes idle connections after two minutes.
            .pool_idle_timeout(Duration::from_secs(20))
            .dns_resolver(Resolver { lookup: Arc::new(Machine), rule: addresses });
        let builder = match trust {
            Trust::Machine => builder,
            Trust::MachineAnd(roots) => builder.tls_certs_merge(certificates(&roots)?),
            Trust::Only(roots) => builder.tls_certs_only(certificates(&roots)?),
        };
        let client = builder.build().map_err(SocketsError::Tls)?;
        Ok(Self { client, most_bytes: limits.answer_bytes, rule: addresses })
    }

    /// The resolver is not asked about IP literals, so they are checked here, behind the guard.
    fn check_literal(&self, call: &Call) -> Result<(), GuardError> {
        let address = match call.url.host().ok_or(GuardError::Host)? {
            Host::Domain(_) => return Ok(()),
            Host::Ipv4(v4) => IpAddr::V4(v4),
            Host::Ipv6(v6) => IpAddr::V6(v6),
        };
        if self.rule.allows(address, true) { Ok(()) } else { Err(GuardError::NotPublic) }
    }

    async fn exchange(&self, call: &Call) -> Result<Answer, BackError> {
        let mut reply = self
            .client
            .request(call.method.clone(), call.url.clone())
            .headers(call.headers.clone())
            .body(call.body.clone())
            .send()
            .await
            .map_err(|e| before_the_answer(&e))?;
        let too_large = BackError::TooLarge { limit: self.most_bytes };
        let announced = reply.content_length().unwrap_or(0);
        if usize::try_from(announced).map_or(true, |length| length > self.most_bytes) {
            return Err(too_large);
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = reply.chunk().await.map_err(|e| inside_the_answer(&e))? {
            if body.len() + chunk.len() > self.most_bytes {
                return Err(too_large);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status: reply.status(), headers: std::mem::take(reply.headers_mut()), body: body.freeze() })
    }
}

#[async_trait]
impl Back for Sockets {
    async fn send(&self, call: &Call) -> Result<Answer, BackError> {
        self.check_literal(call)?;
        // The libraries below log hosts and addresses at their debug levels; nothing of theirs reaches a log.
        self.exchange(call).with_subscriber(Dispatch::none()).await
    }
}

/// Nothing of reqwest's error is kept: its text carries the address.
fn before_the_answer(error: &reqwest::Error) -> BackError {
    if let Some(refused) = source::<GuardError>(error) {
        return BackError::Refused(*refused);
    }
    if error.is_builder() {
        return BackError::Refused(GuardError::Unsendable);
    }
    if error.is_timeout() {
        return BackError::TimedOut { sent: !error.is_connect() };
    }
    if !error.is_connect() {
        return BackError::lost();
    }
    BackError::NotConnected(if error.is_dns() {
        Cause::Name
    } else if is_tls(error) {
        Cause::Tls
    } else {
        Cause::Connect
    })
}

fn inside_the_answer(error: &reqwest::Error) -> BackError {
    if error.is_timeout() { BackError::TimedOut { sent: true } } else { BackError::cut() }
}

/// rustls reports through I/O errors, and the error inside an I/O error is not among its sources.
fn is_tls(error: &reqwest::Error) -> bool {
    let mut next = source::<io::Error>(error).and_then(io::Error::get_ref).map(|inner| inner as &(dyn Error + 'static));
    while let Some(inner) = next {
        if inner.is::<rustls::Error>() {
            return true;
        }
        next = match inner.downcast_ref::<io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => inner.source(),
        };
    }
    false
}

/// The first error of a kind among the sources of an error.
fn source<E: Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    let mut next = error.source();
    while let Some(found) = next {
        if let Some(wanted) = found.downcast_ref() {
            return Some(wanted);
        }
        next = found.source();
    }
    None
}

fn certificates(roots: &[Root]) -> Result<Vec<Certificate>, SocketsError> {
    let mut found = Vec::new();
    for root in roots {
        match root {
            Root::Pem(pem) => found.extend(Certificate::from_pem_bundle(pem).map_err(|_| SocketsError::Root)?),
            Root::Der(der) => found.push(Certificate::from_der(der).map_err(|_| SocketsError::Root)?),
        }
    }
    Ok(found)
}

//! A server on 127.0.0.1 that says exactly what a test wants, byte for byte.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;
use url::Url;

/// What a server does after its bytes.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Then {
    /// Closes the connection.
    Closes,
    /// Keeps it open and says nothing more.
    Stalls,
}

/// A server that reads one request per connection and writes `said`.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) async fn that_says(said: impl Into<Vec<u8>>, then: Then) -> Self {
        Self::start(said.into(), then, None).await
    }

    pub(crate) async fn start(said: Vec<u8>, then: Then, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (said, tls, counted) = (said.clone(), tls.clone(), Arc::clone(&counted));
                tokio::spawn(async move {
                    match tls {
                        None => speak(stream, &said, then, &counted).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => speak(stream, &said, then, &counted).await,
                            Err(_refused_by_client) => {}
                        },
                    }
                });
            }
        });
        Self { address, requests }
    }

    pub(crate) fn url(&self) -> Url {
        format!("http://{}/x", self.address).parse().unwrap()
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

async fn speak(mut stream: impl AsyncRead + AsyncWrite + Unpin, said: &[u8], then: Then, requests: &AtomicUsize) {
    let mut seen = Vec::new();
    while !seen.windows(4).any(|w| w == b"\r\n\r\n") {
        match stream.read_buf(&mut seen).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
    requests.fetch_add(1, Ordering::SeqCst);
    // The client may be gone already, which is what some tests are about.
    let _ = stream.write_all(said).await;
    let _ = stream.flush().await;
    if then == Then::Stalls {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
    }
}

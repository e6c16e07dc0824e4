//! What is logged while calls go over real sockets.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use http::{HeaderValue, header};
use transport::Call;

use crate::{
    client, limits,
    server::{Server, Then},
};

/// Where the log goes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A15: at the most talkative level nothing of a call or an answer is logged, by us or by the libraries below.
#[tokio::test]
async fn logs_carry_service_operation_and_status_and_nothing_of_the_call() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    let _guard = tracing::subscriber::set_default(subscriber.with_writer(move || writer.clone()).finish());

    let said = "HTTP/1.1 200 OK\r\nSet-Cookie: canary7f3a\r\nContent-Length: 10\r\n\r\ncanary7f3a";
    let server = Server::that_says(said, Then::Closes).await;
    let cut = Server::that_says(&said[..said.len() - 1], Then::Closes).await;
    for server in [&server, &cut] {
        let url = server.url().join("/canary7f3a?canary7f3a").unwrap();
        let secret = HeaderValue::from_static("Bearer canary7f3a");
        let call = Call::post(url, "AddList", "canary7f3a").header(header::AUTHORIZATION, secret);
        let whole = client(limits()).send(call).await.is_ok();
        assert_eq!(whole, server.address != cut.address);
    }

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("called sharepoint AddList: status 200"), "{log}");
    assert!(log.contains("calling sharepoint AddList: answer cut short"), "{log}");
    for secret in ["canary7f3a", "127.0.0.1", &server.address.port().to_string(), &cut.address.port().to_string()] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

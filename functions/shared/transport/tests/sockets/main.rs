//! The client over real sockets: small servers on 127.0.0.1 that say exactly what a test wants, byte for byte.

#![allow(clippy::unwrap_used, reason = "the functions that tests share are tests too")]

mod logs;
mod server;
mod tls;

use std::{sync::Arc, time::Duration};

use domain::{SignedDuration, SystemClock};
use http::{HeaderValue, header};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use transport::{
    AddressRule, Back, BackError, Call, CallError, Cause, Client, Guard, GuardError, Limits, Sockets, Trust,
};
use url::Url;

use crate::server::{Server, Then};

fn limits() -> Limits {
    Limits { answer_bytes: 1_000, ..Limits::default() }
}

fn client(limits: Limits) -> Client {
    let back = Sockets::new(limits, Trust::Only(vec![]), AddressRule::LoopbackToo).unwrap();
    Client::new("sharepoint", Arc::new(back), Guard::loopback(), Arc::new(SystemClock))
}

fn post(url: Url) -> Call {
    Call::post(url, "AddList", "<a/>")
}

async fn failure(said: &str, then: Then, limits: Limits) -> CallError {
    let server = Server::that_says(said, then).await;
    client(limits).send(post(server.url())).await.unwrap_err()
}

#[tokio::test]
async fn a_whole_answer_arrives_with_its_status_headers_and_body() {
    for said in [
        "HTTP/1.1 201 Created\r\nX-Seen: yes\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 201 Created\r\nX-Seen: yes\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
    ] {
        let server = Server::that_says(said, Then::Closes).await;
        let answer = client(limits()).send(post(server.url())).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.header("x-seen")), (201, Some("yes")));
        assert_eq!(answer.body, "hello");
    }
}

/// What goes over the wire is what the call says, and nothing that the environment or a library adds behind its back.
#[tokio::test]
async fn a_request_has_no_accept_encoding_and_no_cookie() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}/a?b=c#d", listener.local_addr().unwrap()).parse().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(b"<a/>") {
            stream.read_buf(&mut seen).await.unwrap();
        }
        stream.write_all(b"HTTP/1.1 204 No Content\r\nSet-Cookie: a=b\r\n\r\n").await.unwrap();
        String::from_utf8(seen).unwrap().to_lowercase()
    });
    let call = post(url).header(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    client(limits()).send(call).await.unwrap();
    let seen = server.await.unwrap();
    assert!(seen.starts_with("post /a?b=c http/1.1\r\n"), "{seen}");
    assert!(seen.contains("content-type: text/xml\r\n") && seen.contains("content-length: 4\r\n"), "{seen}");
    assert!(!seen.contains("accept-encoding") && !seen.contains("cookie"), "{seen}");
}

/// P6: the wait reaches the caller, and the call is not repeated.
#[tokio::test]
async fn a_wait_that_the_service_asks_for_reaches_the_caller() {
    for status in ["429 Too Many Requests", "503 Service Unavailable"] {
        let said = format!("HTTP/1.1 {status}\r\nRetry-After: 17\r\nContent-Length: 0\r\n\r\n");
        let server = Server::that_says(said, Then::Closes).await;
        let error = client(limits()).send(Call::get(server.url(), "Read")).await.unwrap_err();
        assert_eq!(error.retry_after(), Some(SignedDuration::from_secs(17)));
        assert_eq!(server.requests(), 1);
    }
}

/// A cut answer never looks like a short one.
#[tokio::test]
async fn a_cut_answer_is_an_error() {
    for said in [
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<rows>",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n<rows>\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n<rows>",
    ] {
        let error = failure(said, Then::Closes, limits()).await;
        assert!(matches!(error, CallError::Broken { cause: Cause::Cut, .. }), "{error}");
        assert!(error.is_transient() && error.may_have_landed());
    }
}

#[tokio::test]
async fn a_connection_lost_before_the_answer_is_an_error_that_may_have_landed() {
    for said in ["", "HTTP/1.1 200 OK\r\nContent-Le", "SSH-2.0-OpenSSH_9.2\r\n"] {
        let error = failure(said, Then::Closes, limits()).await;
        assert!(matches!(error, CallError::Broken { cause: Cause::Lost, .. }), "{said:?}: {error}");
        assert!(error.may_have_landed());
    }
}

#[tokio::test]
async fn a_stalled_answer_times_out() {
    let soon = Limits { read: Duration::from_millis(50), ..limits() };
    let at_last = Limits { total: Duration::from_millis(50), ..limits() };
    for limits in [soon, at_last] {
        for said in ["", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<rows>"] {
            let error = failure(said, Then::Stalls, limits).await;
            assert!(matches!(error, CallError::TimedOut { sent: true, .. }), "{error}");
            assert!(error.is_transient() && error.may_have_landed());
        }
    }
}

/// A4: no answer can fill the memory, whether it announces its length or not.
#[tokio::test]
async fn an_answer_larger_than_the_limit_is_an_error() {
    let announced = "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n".to_owned();
    let body = "x".repeat(1_001);
    let chunked = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n{body}\r\n0\r\n\r\n");
    let until_closed = format!("HTTP/1.1 200 OK\r\n\r\n{body}");
    for said in [announced, chunked, until_closed] {
        let error = failure(&said, Then::Stalls, limits()).await;
        assert!(matches!(error, CallError::TooLarge { limit: 1_000, .. }), "{error}");
        assert!(!error.is_transient());
    }
}

/// A5: a redirect goes to the caller; another host is not even connected to.
#[tokio::test]
async fn a_redirect_to_another_host_is_not_followed() {
    let other = Server::that_says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Then::Closes).await;
    let said = format!("HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", other.url());
    let server = Server::that_says(said, Then::Closes).await;
    for answer in [
        client(limits()).send(Call::get(server.url(), "Read")).await.unwrap(),
        client(limits()).send_following(Call::get(server.url(), "Read")).await.unwrap(),
    ] {
        assert_eq!(answer.location(), Some(other.url().as_str()));
    }
    assert_eq!((server.requests(), other.requests()), (2, 0));
}

#[tokio::test]
async fn nobody_listening_is_an_outage_in_which_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let error = client(limits()).send(post(url)).await.unwrap_err();
    assert!(matches!(error, CallError::Unavailable { status: None, cause: Some(Cause::Connect), .. }), "{error}");
    assert!(error.is_transient() && !error.may_have_landed());
}

/// A5: the back checks addresses itself, behind whatever guard: literals, and what names resolve to.
#[tokio::test]
async fn without_the_sandbox_rule_this_machine_is_not_connected_to() {
    let server = Server::that_says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Then::Closes).await;
    let port = server.address.port();
    let back = Sockets::new(limits(), Trust::Only(vec![]), AddressRule::PublicOnly).unwrap();
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "10.0.0.1", "169.254.169.254"] {
        let url = format!("http://{host}:{port}/").parse().unwrap();
        let refused = back.send(&Call::get(url, "Read")).await.unwrap_err();
        assert_eq!(refused, BackError::Refused(GuardError::NotPublic), "{host}");
    }
    assert_eq!(server.requests(), 0);
}

//! TLS with a certificate authority of our own.

use std::sync::Arc;

use domain::SystemClock;
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, rustls::pki_types::PrivateKeyDer};
use transport::{AddressRule, Call, CallError, Cause, Client, Guard, Root, Sockets, Trust};

use crate::{
    limits,
    server::{Server, Then},
};

struct Authority {
    root: Root,
    server: TlsAcceptor,
}

/// A certificate authority of our own and a server certificate for `localhost` from it.
fn authority() -> Authority {
    let mut ca = rcgen::CertificateParams::new(vec![]).unwrap();
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let ca_key = rcgen::KeyPair::generate().unwrap();
    let root = ca.self_signed(&ca_key).unwrap().pem().into_bytes();
    let key = rcgen::KeyPair::generate().unwrap();
    let issuer = rcgen::Issuer::new(ca, ca_key);
    let leaf = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![leaf.der().clone()], key).unwrap();
    Authority { root: Root::Pem(root), server: TlsAcceptor::from(Arc::new(config)) }
}

async fn call_over_tls(server: &Server, host: &str, trust: Trust) -> Result<String, CallError> {
    let back = Sockets::new(limits(), trust, AddressRule::LoopbackToo).unwrap();
    let client = Client::new("crm", Arc::new(back), Guard::loopback(), Arc::new(SystemClock));
    let url = format!("https://{host}:{}/x", server.address.port()).parse().unwrap();
    let answer = client.send(Call::get(url, "Read")).await?;
    Ok(String::from_utf8(answer.body.to_vec()).unwrap())
}

/// The issue asks for one test over TLS with an authority of its own.
#[tokio::test]
async fn a_server_is_believed_only_with_a_certificate_for_its_name_from_a_trusted_authority() {
    let ours = authority();
    let said = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
    let server = Server::start(said.into(), Then::Closes, Some(ours.server.clone())).await;
    let body = call_over_tls(&server, "localhost", Trust::Only(vec![ours.root.clone()])).await;
    assert_eq!(body.as_deref(), Ok("hello"));
    let body = call_over_tls(&server, "localhost", Trust::MachineAnd(vec![ours.root.clone()])).await;
    assert_eq!(body.as_deref(), Ok("hello"));

    let refused = |outcome: Result<String, CallError>| match outcome {
        Err(CallError::Unavailable { cause, sent: false, tries: 1, .. }) => cause,
        other => panic!("{other:?}"),
    };
    let stranger = Trust::Only(vec![authority().root]);
    assert_eq!(refused(call_over_tls(&server, "localhost", stranger).await), Some(Cause::Tls));
    let nobody = Trust::Only(vec![]);
    assert_eq!(refused(call_over_tls(&server, "localhost", nobody).await), Some(Cause::Tls));
    let other_name = Trust::Only(vec![ours.root]);
    assert_eq!(refused(call_over_tls(&server, "127.0.0.1", other_name).await), Some(Cause::Tls));
    assert_eq!(server.requests(), 2);
}

/// An answer that ends with its connection is whole only if TLS says so.
#[tokio::test]
async fn an_answer_without_a_length_is_cut_unless_tls_ends_in_order() {
    let ours = authority();
    let said = "HTTP/1.1 200 OK\r\n\r\n<rows>";
    let server = Server::start(said.into(), Then::Closes, Some(ours.server)).await;
    let error = call_over_tls(&server, "localhost", Trust::Only(vec![ours.root])).await.unwrap_err();
    assert!(matches!(error, CallError::Broken { cause: Cause::Cut, .. }), "{error}");
}

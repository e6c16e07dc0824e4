//! vsftpd (EX-07: the brief's FTP), which asks for TLS, and for the same session on the data connection.

use bytes::Bytes;
use file_drop::{DropError, File, FileDrop, FtpDrop, Login};

use crate::{
    content::{content, cut_at_every_block, nothing_is_overwritten},
    server::{PASSWORD, Server, reach},
};

/// A crash at any block leaves no half file, and is gone on with.
#[tokio::test]
async fn an_upload_that_is_cut_is_gone_on_with() {
    let Some(server) = Server::vsftpd("") else { return };
    cut_at_every_block(&server, &FtpDrop::new(server.ftp(), reach()).unwrap()).await;
}

/// What is there stays.
#[tokio::test]
async fn a_file_that_is_there_is_not_overwritten() {
    let Some(server) = Server::vsftpd("") else { return };
    nothing_is_overwritten(&server, &FtpDrop::new(server.ftp(), reach()).unwrap()).await;
}

/// A server without TLS, or with a certificate of somebody else's, gets neither the password nor the file.
#[tokio::test]
async fn without_tls_nothing_is_sent() {
    let Some(plain) = Server::vsftpd("ssl_enable=NO\n") else { return };
    let one = Bytes::from_static(b"one");
    let file = File::of("a.csv", &one).unwrap();
    let error = FtpDrop::new(plain.ftp(), reach()).unwrap().put(&file, &one).await.unwrap_err();
    assert!(matches!(error, DropError::Tls) && !error.is_transient(), "{error:?}");
    let Some(other) = Server::vsftpd("") else { return };
    let mut connection = other.ftp();
    connection.authority = plain.ftp().authority;
    let error = FtpDrop::new(connection, reach()).unwrap().put(&file, &one).await.unwrap_err();
    assert!(matches!(error, DropError::Tls), "{error:?}");
    assert!(plain.names().is_empty() && other.names().is_empty());
}

/// A wrong password and a folder that is not there are told apart.
#[tokio::test]
async fn refusals_are_told_apart() {
    let Some(server) = Server::vsftpd("") else { return };
    let one = Bytes::from_static(b"one");
    let file = File::of("a.csv", &one).unwrap();
    let mut connection = server.ftp();
    connection.login = Login { user: "harbour".to_owned(), password: "guess".into() };
    let error = FtpDrop::new(connection, reach()).unwrap().put(&file, &one).await.unwrap_err();
    assert!(matches!(error, DropError::SignIn) && !error.is_transient(), "{error:?}");
    let mut connection = server.ftp();
    connection.folder = "Nowhere".to_owned();
    let error = FtpDrop::new(connection, reach()).unwrap().put(&file, &one).await.unwrap_err();
    assert!(matches!(error, DropError::Refused { code: 550, .. }), "{error:?}");
    let said = format!("{error} {error:?}");
    assert!(!said.contains(PASSWORD) && !said.contains("a.csv"));
}

/// A disk that is full is so for a while; nothing half is there by its name. vsftpd breaks the data connection then, and that
/// is what the client library tells.
#[tokio::test]
async fn a_full_disk_is_told() {
    let Some(server) = Server::vsftpd("").map(Server::small) else { return };
    let content = content();
    let file = File::of("a.csv", &content).unwrap();
    let error = FtpDrop::new(server.ftp(), reach()).unwrap().put(&file, &content).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert!(!server.names().contains(&"a.csv".to_owned()));
}

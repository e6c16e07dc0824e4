//! OpenSSH: SFTP as the platform has it today.

use bytes::Bytes;
use file_drop::{DropError, File, FileDrop, Login, SftpDrop};

use crate::{
    content::{content, cut_at_every_block, nothing_is_overwritten},
    server::{Server, reach},
};

/// A crash at any block leaves no half file, and is gone on with.
#[tokio::test]
async fn an_upload_that_is_cut_is_gone_on_with() {
    let Some(server) = Server::openssh() else { return };
    cut_at_every_block(&server, &SftpDrop::new(server.sftp(), reach()).unwrap()).await;
}

/// What is there stays.
#[tokio::test]
async fn a_file_that_is_there_is_not_overwritten() {
    let Some(server) = Server::openssh() else { return };
    nothing_is_overwritten(&server, &SftpDrop::new(server.sftp(), reach()).unwrap()).await;
}

/// A server with another key than the one that was agreed is refused before anybody signs in, and its key is told.
#[tokio::test]
async fn a_stranger_is_never_believed() {
    let (Some(server), Some(other)) = (Server::openssh(), Server::openssh()) else { return };
    let one = Bytes::from_static(b"one");
    let mut connection = server.sftp();
    let real = std::mem::replace(&mut connection.host_key, other.sftp().host_key);
    let file = File::of("a.csv", &one).unwrap();
    let error = SftpDrop::new(connection, reach()).unwrap().put(&file, &one).await.unwrap_err();
    assert!(matches!(&error, DropError::HostKey { found } if *found == real) && !error.is_transient(), "{error:?}");
    assert!(server.names().is_empty());
    let mut connection = server.sftp();
    connection.host_key = "any".to_owned();
    assert!(matches!(SftpDrop::new(connection, reach()), Err(DropError::Setting("the host key"))));
}

/// A wrong password and a folder that is not there are told apart.
#[tokio::test]
async fn refusals_are_told_apart() {
    let Some(server) = Server::openssh() else { return };
    let one = Bytes::from_static(b"one");
    let file = File::of("a.csv", &one).unwrap();
    let mut connection = server.sftp();
    connection.login = Login { user: "harbour".to_owned(), password: "guess".into() };
    let error = SftpDrop::new(connection, reach()).unwrap().put(&file, &one).await.unwrap_err();
    assert!(matches!(error, DropError::SignIn) && !error.is_transient(), "{error:?}");
    let mut connection = server.sftp();
    connection.folder = "Nowhere".to_owned();
    let error = SftpDrop::new(connection, reach()).unwrap().put(&file, &one).await.unwrap_err();
    assert!(matches!(error, DropError::Refused { code: 2, .. }), "{error:?}");
}

/// A disk that is full is so for a while; nothing is left of a file that may have holes.
#[tokio::test]
async fn a_full_disk_is_told() {
    let Some(server) = Server::openssh().map(Server::small) else { return };
    let content = content();
    let file = File::of("a.csv", &content).unwrap();
    let error = SftpDrop::new(server.sftp(), reach()).unwrap().put(&file, &content).await.unwrap_err();
    assert!(matches!(error, DropError::Full) && error.is_transient(), "{error:?}");
    assert!(server.names().is_empty());
}

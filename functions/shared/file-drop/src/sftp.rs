//! SFTP, version 3, over SSH. The server's key is the one that was agreed, or nothing is sent.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use russh::{
    client::{self, AuthResult},
    keys::{HashAlg, PublicKeyOrCertificate},
};
use russh_sftp::{
    client::{Config as SftpConfig, SftpSession, error::Error as SftpError},
    protocol::{OpenFlags, StatusCode},
};
use secrecy::ExposeSecret;
use tokio::{
    io::{AsyncRead, AsyncSeekExt, AsyncWriteExt},
    time::timeout,
};

use crate::{
    DropError, File, FileDrop, Landed, Reach, Sftp, Source,
    upload::{self, Broken, Judged, Remote, STEP, copy, step},
};

/// A server.
pub struct SftpDrop {
    connection: Sftp,
    reach: Reach,
}

impl SftpDrop {
    /// The server of a connection.
    pub fn new(connection: Sftp, reach: Reach) -> Result<Self, DropError> {
        if !connection.host_key.starts_with("SHA256:") {
            return Err(DropError::Setting("the host key"));
        }
        Ok(Self { connection, reach })
    }

    async fn signed_in(&self) -> Result<Session, DropError> {
        let Sftp { host, port, login, host_key, folder } = &self.connection;
        let unreachable = |step| DropError::Unreachable { step };
        let socket = self.reach.connect(host, *port).await?;
        let config = client::Config {
            // A server that says nothing is gone: the platform cuts idle connections after ten minutes (contract §6).
            keepalive_interval: Some(Duration::from_secs(20)),
            inactivity_timeout: Some(Duration::from_mins(2)),
            ..client::Config::default()
        };
        let met = Meeting { agreed: host_key.clone() };
        let connecting = client::connect_stream(Arc::new(config), socket, met);
        let mut ssh = match timeout(STEP, connecting).await {
            Ok(connected) => connected.map_err(|error| match error {
                Met::Stranger(found) => DropError::HostKey { found },
                Met::Ssh => unreachable("agreeing on SSH"),
            })?,
            Err(_) => return Err(unreachable("agreeing on SSH")),
        };
        let asked = ssh.authenticate_password(&*login.user, login.password.expose_secret());
        match timeout(STEP, asked).await {
            Ok(Ok(AuthResult::Success)) => {}
            Ok(Ok(AuthResult::Failure { .. })) => return Err(DropError::SignIn),
            _ => return Err(unreachable("signing in")),
        }
        let opening = async {
            let channel = ssh.channel_open_session().await.ok()?;
            channel.request_subsystem(true, "sftp").await.ok()?;
            // What waits to be written is bounded by this, whatever the file's size.
            let config = SftpConfig { max_concurrent_writes: 16, ..SftpConfig::default() };
            SftpSession::new_with_config(channel.into_stream(), config).await.ok()
        };
        let sftp = timeout(STEP, opening).await.ok().flatten().ok_or_else(|| unreachable("opening SFTP"))?;
        Ok(Session { sftp, folder: folder.clone(), _ssh: ssh })
    }
}

#[async_trait]
impl FileDrop for SftpDrop {
    async fn put(&self, file: &File, source: &dyn Source) -> Result<Landed, DropError> {
        let mut session = self.signed_in().await?;
        let landed = upload::put(&mut session, file, source).await?;
        // All is done: whether the server says good-bye does not matter.
        let _ = timeout(STEP, session.sftp.close()).await;
        Ok(landed)
    }
}

struct Session {
    sftp: SftpSession,
    folder: String,
    _ssh: client::Handle<Meeting>,
}

impl Session {
    fn path(&self, name: &str) -> String {
        if self.folder.is_empty() { name.to_owned() } else { format!("{}/{name}", self.folder) }
    }

    async fn write(
        &mut self,
        name: &str,
        from: u64,
        content: &mut (dyn AsyncRead + Send + Unpin),
    ) -> Result<(), DropError> {
        let flags = OpenFlags::CREATE | OpenFlags::WRITE;
        let mut remote = step("storing", self.sftp.open_with_flags(self.path(name), flags)).await?;
        let broken = || DropError::Unreachable { step: "writing" };
        remote.seek(std::io::SeekFrom::Start(from)).await.map_err(|_| broken())?;
        copy(content, &mut remote).await.map_err(|error| match error {
            Broken::Content(error) => DropError::Source(error),
            Broken::Writing(error) => error.map_or_else(broken, |error| judge_io(&error)),
        })?;
        let ended = async {
            remote.flush().await?;
            remote.close().await
        };
        timeout(STEP, ended).await.map_err(|_| broken())?.map_err(|error| judge_io(&error))
    }
}

#[async_trait]
impl Remote for Session {
    async fn size(&mut self, name: &str) -> Result<Option<u64>, DropError> {
        match step("asking for a size", self.sftp.metadata(self.path(name))).await {
            Ok(metadata) => Ok(Some(metadata.size.unwrap_or_default())),
            Err(DropError::Refused { code, .. }) if code == StatusCode::NoSuchFile as u32 => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Several blocks are on their way at once. If one is refused, one behind it may still land and leave a hole, so that
    /// what is there is removed: on this connection, behind all of them. A connection that breaks leaves no hole, because a
    /// server writes what came in the order in which it came.
    async fn append(
        &mut self,
        name: &str,
        from: u64,
        content: &mut (dyn AsyncRead + Send + Unpin),
    ) -> Result<(), DropError> {
        let written = self.write(name, from, content).await;
        if matches!(written, Err(DropError::Full | DropError::Refused { .. })) {
            self.remove(name).await?;
        }
        written
    }

    /// Of version 3: a file that is there is not replaced.
    async fn rename(&mut self, from: &str, to: &str) -> Result<(), DropError> {
        let renamed = step("naming the file", self.sftp.rename(self.path(from), self.path(to))).await;
        match renamed {
            Err(DropError::Refused { .. }) if self.size(to).await?.is_some() => Err(DropError::Exists),
            other => other,
        }
    }

    async fn remove(&mut self, name: &str) -> Result<(), DropError> {
        step("removing a part", self.sftp.remove_file(self.path(name))).await
    }
}

impl Judged for SftpError {
    fn judge(self, step: &'static str) -> DropError {
        match self {
            Self::Status(status) => DropError::Refused { step, code: status.status_code as u32 },
            _ => DropError::Unreachable { step },
        }
    }
}

/// What SFTP says of a full disk is *Failure* (draft-ietf-secsh-filexfer-02, section 7, has no code of its own for it).
fn judge_io(error: &std::io::Error) -> DropError {
    let status = error.get_ref().and_then(|inner| inner.downcast_ref::<SftpError>());
    match status {
        Some(SftpError::Status(status)) if status.status_code == StatusCode::Failure => DropError::Full,
        Some(SftpError::Status(status)) => DropError::Refused { step: "writing", code: status.status_code as u32 },
        _ if error.to_string().contains("Failure") => DropError::Full,
        _ => DropError::Unreachable { step: "writing" },
    }
}

/// The first meeting with a server: it has the key that was agreed, or it is a stranger.
struct Meeting {
    agreed: String,
}

#[derive(Debug)]
enum Met {
    Stranger(String),
    Ssh,
}

impl From<russh::Error> for Met {
    fn from(_: russh::Error) -> Self {
        Self::Ssh
    }
}

impl client::Handler for Meeting {
    type Error = Met;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Met> {
        let found = match key {
            PublicKeyOrCertificate::PublicKey { key, .. } => key.fingerprint(HashAlg::Sha256).to_string(),
            PublicKeyOrCertificate::Certificate(certificate) => {
                certificate.public_key().fingerprint(HashAlg::Sha256).to_string()
            }
        };
        if found == self.agreed { Ok(true) } else { Err(Met::Stranger(found)) }
    }
}

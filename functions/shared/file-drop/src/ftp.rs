//! FTP with explicit TLS (RFC 4217), passive. Without TLS nothing is sent: neither a password nor a file.

use std::{io, sync::Arc};

use async_trait::async_trait;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::ConfigVerifierExt;
use secrecy::ExposeSecret;
use suppaftp::{
    FtpError, Mode, Status,
    tokio::{AsyncRustlsConnector, AsyncRustlsFtpStream},
    types::{FileType, Response},
};
use tokio::{io::AsyncRead, time::timeout};
use tokio_rustls::TlsConnector;

use crate::{
    DropError, File, FileDrop, Ftp, Landed, Reach, Source,
    upload::{self, Broken, Judged, Remote, STEP, copy, step},
};

/// A server.
pub struct FtpDrop {
    connection: Ftp,
    reach: Reach,
    tls: Arc<ClientConfig>,
}

impl FtpDrop {
    /// The server of a connection.
    pub fn new(connection: Ftp, reach: Reach) -> Result<Self, DropError> {
        let tls = Arc::new(tls(connection.authority.as_deref())?);
        Ok(Self { connection, reach, tls })
    }

    async fn signed_in(&self) -> Result<Session, DropError> {
        let Ftp { host, port, login, folder, .. } = &self.connection;
        let socket = self.reach.connect(host, *port).await?;
        let plain = step("connecting", AsyncRustlsFtpStream::connect_with_stream(socket)).await?;
        let connector = AsyncRustlsConnector::from(TlsConnector::from(Arc::clone(&self.tls)));
        // What is refused here is TLS, whatever the server calls it; a connection that breaks is told apart.
        let mut stream = match timeout(STEP, plain.into_secure(connector, host)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(FtpError::ConnectionError(error))) if !is_of_tls(&error) => {
                return Err(DropError::Unreachable { step: "agreeing on TLS" });
            }
            Ok(Err(_)) => return Err(DropError::Tls),
            Err(_) => return Err(DropError::Unreachable { step: "agreeing on TLS" }),
        };
        stream.set_mode(Mode::Passive);
        // Files go to the host that was judged, whatever address the server names.
        stream.set_passive_nat_workaround(true);
        match step("signing in", stream.login(&*login.user, login.password.expose_secret())).await {
            Err(DropError::Refused { code: 530, .. }) => return Err(DropError::SignIn),
            other => other?,
        }
        step("choosing the type", stream.transfer_type(FileType::Binary)).await?;
        if !folder.is_empty() {
            step("opening the folder", stream.cwd(folder)).await?;
        }
        Ok(Session { stream })
    }
}

#[async_trait]
impl FileDrop for FtpDrop {
    async fn put(&self, file: &File, source: &dyn Source) -> Result<Landed, DropError> {
        let mut session = self.signed_in().await?;
        let landed = upload::put(&mut session, file, source).await?;
        // All is done: whether the server says good-bye does not matter.
        let _ = timeout(STEP, session.stream.quit()).await;
        Ok(landed)
    }
}

struct Session {
    stream: AsyncRustlsFtpStream,
}

#[async_trait]
impl Remote for Session {
    async fn size(&mut self, name: &str) -> Result<Option<u64>, DropError> {
        match step("asking for a size", self.stream.size(name)).await {
            Ok(size) => Ok(Some(u64::try_from(size).unwrap_or(u64::MAX))),
            Err(DropError::Refused { code: 550, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn append(
        &mut self,
        name: &str,
        from: u64,
        content: &mut (dyn AsyncRead + Send + Unpin),
    ) -> Result<(), DropError> {
        let mut data = match from {
            0 => step("storing", self.stream.put_with_stream(name)).await?,
            _ => step("appending", self.stream.append_with_stream(name)).await?,
        };
        match copy(content, &mut data).await {
            Ok(()) => step("writing", data.finish()).await,
            Err(Broken::Content(error)) => Err(DropError::Source(error)),
            // The server's last word says more, where the connection was closed and not broken.
            Err(Broken::Writing(_)) => {
                step("writing", data.finish()).await.and(Err(DropError::Unreachable { step: "writing" }))
            }
        }
    }

    async fn rename(&mut self, from: &str, to: &str) -> Result<(), DropError> {
        step("naming the file", self.stream.rename(from, to)).await
    }

    async fn remove(&mut self, name: &str) -> Result<(), DropError> {
        step("removing a part", self.stream.rm(name)).await
    }
}

impl Judged for FtpError {
    fn judge(self, step: &'static str) -> DropError {
        match self {
            Self::UnexpectedResponse(Response { status: Status::ExceededStorage, .. }) => DropError::Full,
            Self::UnexpectedResponse(response) => match response.status.code() {
                452 => DropError::Full,
                // The service goes away, or the data connection did: RFC 959, section 4.2.
                421 | 425 | 426 => DropError::Unreachable { step },
                code => DropError::Refused { step, code },
            },
            Self::SecureError(_) => DropError::Tls,
            _ => DropError::Unreachable { step },
        }
    }
}

/// rustls tells of certificates by way of an error of input and output.
fn is_of_tls(error: &io::Error) -> bool {
    error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>)
        || error.kind() == io::ErrorKind::InvalidData
}

fn tls(authority: Option<&str>) -> Result<ClientConfig, DropError> {
    let Some(pem) = authority else {
        return ClientConfig::with_platform_verifier().map_err(|_| DropError::Tls);
    };
    let invalid = || DropError::Setting("the authority");
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        roots.add(certificate.map_err(|_| invalid())?).map_err(|_| invalid())?;
    }
    if roots.is_empty() {
        return Err(invalid());
    }
    Ok(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}

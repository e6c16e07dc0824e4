//! FTP with explicit TLS: nobody signs in without it, and no file comes without it.

use std::{io, sync::Arc};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use super::{commands::Command, name_in_import};
use crate::{Sandbox, exacttarget::FileRefused};

/// The longest line that is read, in bytes.
const LONGEST_LINE: u64 = 4_096;
/// The largest file that is taken, in bytes: what is dropped here lies in memory.
const LARGEST: u64 = 256 << 20;

pub(super) fn tls(own: &rcgen::CertifiedKey<rcgen::KeyPair>) -> Result<ServerConfig, rustls::Error> {
    let certificate = CertificateDer::from(own.cert.der().to_vec());
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key)
}

pub(super) async fn serve(sandbox: Sandbox, listener: TcpListener, tls: Arc<ServerConfig>) {
    while let Ok((stream, _)) = listener.accept().await {
        let session = Session {
            sandbox: sandbox.clone(),
            tls: TlsAcceptor::from(Arc::clone(&tls)),
            user: String::new(),
            owner: None,
            folder: "/".to_owned(),
            passive: None,
            is_protected: false,
            renamed: None,
        };
        // A connection that breaks is its client's trouble.
        tokio::spawn(async move { session.talk(stream).await.ok() });
    }
}

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

struct Session {
    sandbox: Sandbox,
    tls: TlsAcceptor,
    user: String,
    owner: Option<&'static str>,
    folder: String,
    passive: Option<TcpListener>,
    is_protected: bool,
    renamed: Option<String>,
}

/// A reply: its code, and a text for people.
type Reply = (u16, String);

fn reply(code: u16, text: &str) -> Reply {
    (code, text.to_owned())
}

impl Session {
    async fn talk(mut self, stream: TcpStream) -> io::Result<()> {
        let mut control: BufReader<Box<dyn Wire>> = BufReader::new(Box::new(stream));
        let mut is_secure = false;
        say(&mut control, &reply(220, "The sandbox's FTP server.")).await?;
        loop {
            let mut line = String::new();
            if (&mut control).take(LONGEST_LINE).read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let command = Command::read(line.trim_end());
            match command {
                Command::Auth if !is_secure => {
                    say(&mut control, &reply(234, "Proceed with negotiation.")).await?;
                    control = BufReader::new(Box::new(self.tls.accept(control.into_inner()).await?));
                    is_secure = true;
                }
                Command::Quit => return say(&mut control, &reply(221, "Goodbye.")).await,
                Command::User(_) | Command::Pass(_) if !is_secure => {
                    say(&mut control, &reply(530, "Non-anonymous sessions must use encryption.")).await?;
                }
                Command::Stor(path) => self.take(&mut control, &path, false).await?,
                Command::Appe(path) => self.take(&mut control, &path, true).await?,
                Command::Passive { extended } => {
                    let said = self.passive(extended).await?;
                    say(&mut control, &said).await?;
                }
                other => {
                    let said = self.answer(other);
                    say(&mut control, &said).await?;
                }
            }
        }
    }

    /// What needs no second connection.
    fn answer(&mut self, command: Command) -> Reply {
        match command {
            Command::User(user) => {
                self.user = user;
                return reply(331, "Please specify the password.");
            }
            Command::Pass(password) => {
                self.owner = self.sandbox.owner(&self.user, &password);
                return match self.owner {
                    Some(_) => reply(230, "Login successful."),
                    None => reply(530, "Login incorrect."),
                };
            }
            Command::Fine => return reply(200, "OK."),
            Command::Protect(is_private) => {
                self.is_protected = is_private;
                return if is_private {
                    reply(200, "PROT now Private.")
                } else {
                    reply(534, "Only PROT P is allowed.")
                };
            }
            _ if self.owner.is_none() => return reply(530, "Please login with USER and PASS."),
            _ => {}
        }
        match command {
            Command::Pwd => (257, format!("\"{}\" is the current directory", self.folder)),
            Command::Cwd(path) => match path.trim_matches('/') {
                name @ ("Import" | "Export" | "Reports") => {
                    self.folder = format!("/{name}");
                    reply(250, "Directory successfully changed.")
                }
                "" => {
                    "/".clone_into(&mut self.folder);
                    reply(250, "Directory successfully changed.")
                }
                _ => reply(550, "Failed to change directory."),
            },
            Command::Size(path) => match self.in_folder(&path, |folder, name| folder.size_of(name)) {
                Some(Some(size)) => (213, size.to_string()),
                _ => reply(550, "Could not get file size."),
            },
            Command::RenameFrom(path) => {
                let exists = self.in_folder(&path, |folder, name| folder.size_of(name).is_some()).unwrap_or(false);
                self.renamed = exists.then_some(path);
                if exists { reply(350, "Ready for RNTO.") } else { reply(550, "RNFR command failed.") }
            }
            Command::RenameTo(path) => self.rename(&path),
            Command::Delete(path) => match self.in_folder(&path, crate::exacttarget::Folder::remove) {
                Some(true) => reply(250, "Delete operation successful."),
                _ => reply(550, "Delete operation failed."),
            },
            _ => reply(502, "Command not implemented."),
        }
    }

    fn rename(&mut self, path: &str) -> Reply {
        let Some(before) = self.renamed.take().and_then(|before| name_in_import(&self.folder, &before)) else {
            return reply(503, "RNFR required first.");
        };
        match self.in_folder(path, |folder, name| folder.rename(&before, name)) {
            Some(Ok(())) => reply(250, "Rename successful."),
            _ => reply(550, "Rename failed."),
        }
    }

    async fn passive(&mut self, extended: bool) -> io::Result<Reply> {
        if self.owner.is_none() {
            return Ok(reply(530, "Please login with USER and PASS."));
        }
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        self.passive = Some(listener);
        let [high, low] = port.to_be_bytes();
        Ok(if extended {
            (229, format!("Entering Extended Passive Mode (|||{port}|)"))
        } else {
            (227, format!("Entering Passive Mode (127,0,0,1,{high},{low})."))
        })
    }

    /// Takes a file. What came before a connection broke is kept, as on a disk.
    async fn take(&mut self, control: &mut BufReader<Box<dyn Wire>>, path: &str, appends: bool) -> io::Result<()> {
        let listener = self.passive.take();
        let Some(listener) = listener.filter(|_| self.is_protected && self.owner.is_some()) else {
            return say(control, &reply(522, "Data connections must be encrypted, and asked for first.")).await;
        };
        let allowed = self.in_folder(path, |folder, name| folder.may_be_put(name, appends));
        match allowed {
            Some(Ok(())) => {}
            Some(Err(FileRefused::Full)) => return say(control, &reply(552, "Disk quota exceeded.")).await,
            _ => return say(control, &reply(553, "Could not create file.")).await,
        }
        say(control, &reply(150, "Ok to send data.")).await?;
        let (stream, _) = listener.accept().await?;
        let mut content = Vec::new();
        let came = match self.tls.accept(stream).await {
            Ok(data) => data.take(LARGEST).read_to_end(&mut content).await,
            Err(error) => Err(error),
        };
        let put = self.in_folder(path, |folder, name| folder.write(name, appends, &content));
        let said = match (came, put) {
            (Ok(_), Some(Ok(()))) => reply(226, "Transfer complete."),
            (_, Some(Err(FileRefused::Full))) => reply(552, "Disk quota exceeded."),
            _ => reply(426, "Failure reading network stream."),
        };
        say(control, &said).await
    }

    /// Does something with a file of the owner's folder; `None` where the path leads elsewhere.
    fn in_folder<T>(&self, path: &str, does: impl FnOnce(&mut crate::exacttarget::Folder, &str) -> T) -> Option<T> {
        let name = name_in_import(&self.folder, path)?;
        let mut world = self.sandbox.world();
        let account = world.exacttarget.account_mut(self.owner?)?;
        Some(does(&mut account.folder, &name))
    }
}

async fn say(control: &mut BufReader<Box<dyn Wire>>, (code, text): &Reply) -> io::Result<()> {
    control.write_all(format!("{code} {text}\r\n").as_bytes()).await?;
    control.flush().await
}

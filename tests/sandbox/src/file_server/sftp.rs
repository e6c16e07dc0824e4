//! SFTP, version 3.

use std::{collections::HashMap, sync::Arc, time::Duration};

use russh::{
    Channel, ChannelId,
    keys::{PrivateKey, ssh_key::private::Ed25519Keypair},
    server::{Auth, ChannelOpenHandle, Config, Msg, Session},
};
use russh_sftp::protocol::{Attrs, FileAttributes, Handle, Name, OpenFlags, Status, StatusCode, Version};
use tokio::net::TcpListener;

use super::name_in_import;
use crate::{Sandbox, exacttarget::Folder};

/// The key of every sandbox. It proves nothing to anybody.
pub(super) fn key() -> PrivateKey {
    PrivateKey::from(Ed25519Keypair::from_seed(b"tieline sandbox, not a secret..."))
}

pub(super) async fn serve(sandbox: Sandbox, listener: TcpListener, key: PrivateKey) {
    let config = Config {
        auth_rejection_time: Duration::from_millis(200),
        auth_rejection_time_initial: Some(Duration::ZERO),
        keys: vec![key],
        ..Config::default()
    };
    let config = Arc::new(config);
    while let Ok((stream, _)) = listener.accept().await {
        let guest = Guest { sandbox: sandbox.clone(), owner: None, channels: HashMap::new() };
        let config = Arc::clone(&config);
        // A connection that breaks is its client's trouble.
        tokio::spawn(async move {
            if let Ok(session) = russh::server::run_stream(config, stream, guest).await {
                let _ = session.await;
            }
        });
    }
}

struct Guest {
    sandbox: Sandbox,
    owner: Option<&'static str>,
    channels: HashMap<ChannelId, Channel<Msg>>,
}

impl russh::server::Handler for Guest {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        self.owner = self.sandbox.owner(user, password);
        Ok(if self.owner.is_some() { Auth::Accept } else { Auth::reject() })
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        self.channels.insert(channel.id(), channel);
        reply.accept().await;
        Ok(())
    }

    async fn subsystem_request(&mut self, id: ChannelId, name: &str, session: &mut Session) -> Result<(), Self::Error> {
        let channel = self.channels.remove(&id).filter(|_| name == "sftp");
        match (channel, self.owner) {
            (Some(channel), Some(owner)) => {
                session.channel_success(id)?;
                let files = Files { sandbox: self.sandbox.clone(), owner };
                russh_sftp::server::run(channel.into_stream(), files).await;
            }
            _ => session.channel_failure(id)?,
        }
        Ok(())
    }
}

struct Files {
    sandbox: Sandbox,
    owner: &'static str,
}

impl Files {
    /// Does something with a file of the owner's folder. Handles are paths.
    fn with<T>(
        &self,
        path: &str,
        does: impl FnOnce(&mut Folder, &str) -> Result<T, StatusCode>,
    ) -> Result<T, StatusCode> {
        let name = name_in_import("/", path).ok_or(StatusCode::NoSuchFile)?;
        let mut world = self.sandbox.world();
        let account = world.exacttarget.account_mut(self.owner).ok_or(StatusCode::Failure)?;
        does(&mut account.folder, &name)
    }

    fn attributes(&self, id: u32, path: &str) -> Result<Attrs, StatusCode> {
        let size = self.with(path, |folder, name| folder.size_of(name).ok_or(StatusCode::NoSuchFile));
        let size = u64::try_from(size?).ok();
        Ok(Attrs { id, attrs: FileAttributes { size, ..FileAttributes::empty() } })
    }
}

fn done(id: u32) -> Status {
    Status { id, status_code: StatusCode::Ok, error_message: "OK".to_owned(), language_tag: "en".to_owned() }
}

impl russh_sftp::server::Handler for Files {
    type Error = StatusCode;

    fn unimplemented(&self) -> StatusCode {
        StatusCode::OpUnsupported
    }

    async fn init(&mut self, _: u32, _: HashMap<String, String>) -> Result<Version, StatusCode> {
        Ok(Version::new())
    }

    async fn realpath(&mut self, id: u32, path: String) -> Result<Name, StatusCode> {
        let path = if path.starts_with('/') { path } else { format!("/{}", path.trim_start_matches("./")) };
        Ok(Name { id, files: vec![russh_sftp::protocol::File::dummy(path)] })
    }

    async fn open(&mut self, id: u32, path: String, flags: OpenFlags, _: FileAttributes) -> Result<Handle, StatusCode> {
        self.with(&path, |folder, name| {
            let exists = folder.size_of(name).is_some();
            if !exists && !flags.contains(OpenFlags::CREATE) {
                return Err(StatusCode::NoSuchFile);
            }
            if exists && !flags.contains(OpenFlags::TRUNCATE) {
                return Ok(());
            }
            folder.write(name, false, &[]).map_err(|_| StatusCode::PermissionDenied)
        })?;
        Ok(Handle { id, handle: path })
    }

    async fn write(&mut self, id: u32, path: String, offset: u64, data: Vec<u8>) -> Result<Status, StatusCode> {
        self.with(&path, |folder, name| {
            let offset = usize::try_from(offset).map_err(|_| StatusCode::Failure)?;
            folder.write_at(name, offset, &data).map_err(|_| StatusCode::Failure)
        })?;
        Ok(done(id))
    }

    async fn close(&mut self, id: u32, _: String) -> Result<Status, StatusCode> {
        Ok(done(id))
    }

    async fn stat(&mut self, id: u32, path: String) -> Result<Attrs, StatusCode> {
        self.attributes(id, &path)
    }

    async fn lstat(&mut self, id: u32, path: String) -> Result<Attrs, StatusCode> {
        self.attributes(id, &path)
    }

    async fn fstat(&mut self, id: u32, path: String) -> Result<Attrs, StatusCode> {
        self.attributes(id, &path)
    }

    async fn remove(&mut self, id: u32, path: String) -> Result<Status, StatusCode> {
        let removed = self.with(&path, |folder, name| Ok(folder.remove(name)))?;
        if removed { Ok(done(id)) } else { Err(StatusCode::NoSuchFile) }
    }

    /// Of version 3: a file that is there is not replaced.
    async fn rename(&mut self, id: u32, from: String, to: String) -> Result<Status, StatusCode> {
        let from = name_in_import("/", &from).ok_or(StatusCode::NoSuchFile)?;
        self.with(&to, |folder, name| folder.rename(&from, name).map_err(|_| StatusCode::Failure))?;
        Ok(done(id))
    }
}

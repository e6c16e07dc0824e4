//! The file servers of the simulated e-mail platform: FTP with explicit TLS, as the product's brief has it, and SFTP, as
//! today. What is dropped lies in the account's folder *Import* (contract `exacttarget/README.md` §6).
//!
//! The account is signed in to with its member id. Certificates and keys are of this sandbox only.

mod commands;
mod ftp;
mod sftp;

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context as _;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::Sandbox;

/// Servers that are being served. Dropping them stops them.
pub struct FileServers {
    /// Where FTP is.
    pub ftp: SocketAddr,
    /// The certificate of FTP, in PEM: its own authority.
    pub authority: String,
    /// Where SFTP is.
    pub sftp: SocketAddr,
    /// The fingerprint of SFTP's key, as `ssh-keygen -l` shows it.
    pub host_key: String,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for FileServers {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Sandbox {
    /// Serves the folders of the e-mail platform's accounts, on ports of this machine that the system hands out.
    pub async fn serve_files(&self) -> anyhow::Result<FileServers> {
        let bind = || TcpListener::bind(("127.0.0.1", 0));
        let (ftp, sftp) = (bind().await?, bind().await?);
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()])?;
        let tls = Arc::new(ftp::tls(&own).context("the certificate of the sandbox's FTP server")?);
        let key = sftp::key();
        let host_key = key.public_key().fingerprint(russh::keys::HashAlg::Sha256).to_string();
        let (ftp_at, sftp_at) = (ftp.local_addr()?, sftp.local_addr()?);
        let tasks =
            vec![tokio::spawn(ftp::serve(self.clone(), ftp, tls)), tokio::spawn(sftp::serve(self.clone(), sftp, key))];
        Ok(FileServers { ftp: ftp_at, authority: own.cert.pem(), sftp: sftp_at, host_key, tasks })
    }

    /// The tenant whose account has this member id and this password.
    fn owner(&self, user: &str, password: &str) -> Option<&'static str> {
        let world = self.world();
        let accounts = world.exacttarget.accounts();
        let mut owners = accounts.filter(|account| account.member.to_string() == user && account.files == password);
        owners.next().map(|account| account.tenant)
    }
}

/// `Import/name`, `/Import/name` or, in that folder, `name`: the name. Other folders there are, but nothing can be put there.
fn name_in_import(folder: &str, path: &str) -> Option<String> {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{folder}/{path}") };
    let whole = whole.trim_start_matches('/').trim_start_matches("./");
    whole.strip_prefix("Import/").filter(|name| !name.contains('/')).map(str::to_owned)
}

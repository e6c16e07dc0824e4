//! How a tenant's file location is reached: a secret, as its JSON says it.

use std::fmt;

use secrecy::SecretString;
use serde::Deserialize;

/// A file location. Its `Debug` shows nothing of it.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Location {
    /// FTP with explicit TLS.
    Ftp(Ftp),
    /// SFTP.
    Sftp(Sftp),
    /// The tenant's part of the instance's own bucket, which the platform may read.
    Bucket {
        /// What is put in front of names, without a slash at its end.
        folder: String,
    },
}

/// A user and a password.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Of the platform's FTP account: often the member id.
    pub user: String,
    /// Its password.
    pub password: SecretString,
}

/// An FTP server. It has to speak TLS: the brief's is explicit, on port 21, and passive (contract §6).
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ftp {
    /// Such as `ftp.s4.exacttarget.com`.
    pub host: String,
    /// 21 where it is not said.
    #[serde(default = "ftp_port")]
    pub port: u16,
    /// Who signs in.
    pub login: Login,
    /// The folder that imports read, `Import` where it is not said.
    #[serde(default = "import")]
    pub folder: String,
    /// Certificates in PEM that are believed besides the machine's: of a server with an authority of its own.
    pub authority: Option<String>,
}

/// An SFTP server.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sftp {
    /// Such as `mc0.ftp.marketingcloudops.com`.
    pub host: String,
    /// 22 where it is not said.
    #[serde(default = "sftp_port")]
    pub port: u16,
    /// Who signs in.
    pub login: Login,
    /// The fingerprint of the server's key, `SHA256:…` as `ssh-keygen -l` shows it. There is no first time on which any
    /// key is believed.
    pub host_key: String,
    /// The folder that imports read, `Import` where it is not said.
    #[serde(default = "import")]
    pub folder: String,
}

fn ftp_port() -> u16 {
    21
}

fn sftp_port() -> u16 {
    22
}

fn import() -> String {
    "Import".to_owned()
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Location").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_read_from_json_and_does_not_show_its_secret() {
        let json = r#"{"sftp":{"host":"mc0.ftp.marketingcloudops.com","login":{"user":"7","password":"open sesame"},
            "host_key":"SHA256:x"}}"#;
        let location: Location = serde_json::from_str(json).expect("a location");
        assert_eq!(format!("{location:?}"), "Location { .. }");
        let Location::Sftp(sftp) = location else { panic!("sftp") };
        assert_eq!((sftp.port, &*sftp.folder), (22, "Import"));
        // A server whose key nobody has seen is no server to send people's addresses to.
        assert!(serde_json::from_str::<Location>(&json.replace(r#""host_key":"SHA256:x""#, r#""port":22"#)).is_err());
        let ftp =
            r#"{"ftp":{"host":"ftp.s4.exacttarget.com","login":{"user":"7","password":"x"},"folder":"Import/crm"}}"#;
        let Ok(Location::Ftp(ftp)) = serde_json::from_str(ftp) else { panic!("ftp") };
        assert_eq!((ftp.port, &*ftp.folder, ftp.authority), (21, "Import/crm", None));
    }
}

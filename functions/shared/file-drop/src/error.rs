//! What can go wrong. No error quotes a name, an address or a password.

use std::io;

/// Why a file was not put.
#[derive(Debug, thiserror::Error)]
pub enum DropError {
    /// A name that the platform's servers do not take.
    #[error("the name of the file has a character that it may not have, or none")]
    Name,
    /// The host is none of the tenant's, or leads inside.
    #[error("the host is not one that this tenant may call")]
    NotAllowed,
    /// What the connection says cannot be used.
    #[error("{0} of the file location is not valid")]
    Setting(&'static str),
    /// No connection, or it broke; what was written stays and is gone on with.
    #[error("the file server does not answer: {step}")]
    Unreachable {
        /// What was being done.
        step: &'static str,
    },
    /// The server speaks no TLS, or shows a certificate that is not believed. Nothing was sent.
    #[error("the file server's TLS is refused")]
    Tls,
    /// The server has another key than the one that was agreed. Nothing was sent.
    #[error("the file server's key is {found}, which is not the one that was agreed")]
    HostKey {
        /// Its fingerprint, as `ssh-keygen -l` shows it.
        found: String,
    },
    /// The user is not believed. It is not tried again: three times lock the account for half an hour (contract §6).
    #[error("the file server refuses the user or the password")]
    SignIn,
    /// Another file of that name is there, and cannot be overwritten.
    #[error("another file of that name is there")]
    Exists,
    /// There is no room.
    #[error("the file server is full")]
    Full,
    /// The server refuses, with its own code.
    #[error("the file server refuses: {step}, code {code}")]
    Refused {
        /// What was being done.
        step: &'static str,
        /// FTP's three digits, or SFTP's status.
        code: u32,
    },
    /// What landed is not as long as what was sent. It was removed.
    #[error("{landed} bytes landed of {size}")]
    Size {
        /// Bytes that were sent.
        size: u64,
        /// Bytes that are there.
        landed: u64,
    },
    /// The content cannot be read.
    #[error("the content cannot be read: {0}")]
    Source(io::Error),
    /// The bucket does not do as asked.
    #[error(transparent)]
    Bucket(#[from] platform::BucketError),
}

impl DropError {
    /// Whether the same call may succeed later without anybody's doing.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Full | Self::Size { .. } | Self::Source(_) => true,
            // FTP's 4xx are for a while.
            Self::Refused { code, .. } => (400..500).contains(code),
            Self::Bucket(error) => error.is_transient(),
            _ => false,
        }
    }
}

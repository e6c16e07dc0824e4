//! Files on servers that others wrote: vsftpd and OpenSSH (EX-07).

#![allow(clippy::unwrap_used, reason = "the functions that tests share are tests too")]

mod content;
mod ftp;
mod server;
mod sftp;

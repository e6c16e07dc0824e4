//! What the FTP server is asked, line by line (RFC 959, 2228, 3659, 4217).

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Auth,
    User(String),
    Pass(String),
    Cwd(String),
    Size(String),
    Stor(String),
    Appe(String),
    RenameFrom(String),
    RenameTo(String),
    Delete(String),
    /// `PASV`, or `EPSV`.
    Passive {
        extended: bool,
    },
    /// `PROT P`; `PROT C` is refused.
    Protect(bool),
    Quit,
    /// `PBSZ`, `TYPE`, `NOOP`, `OPTS`: done without doing anything.
    Fine,
    Pwd,
    Other,
}

impl Command {
    pub(super) fn read(line: &str) -> Self {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.to_owned();
        match &*verb.to_ascii_uppercase() {
            "AUTH" if rest.eq_ignore_ascii_case("TLS") => Self::Auth,
            "USER" => Self::User(rest),
            "PASS" => Self::Pass(rest),
            "CWD" => Self::Cwd(rest),
            "SIZE" => Self::Size(rest),
            "STOR" => Self::Stor(rest),
            "APPE" => Self::Appe(rest),
            "RNFR" => Self::RenameFrom(rest),
            "RNTO" => Self::RenameTo(rest),
            "DELE" => Self::Delete(rest),
            "PASV" => Self::Passive { extended: false },
            "EPSV" => Self::Passive { extended: true },
            "PROT" => Self::Protect(rest.eq_ignore_ascii_case("P")),
            "QUIT" => Self::Quit,
            "PBSZ" | "TYPE" | "NOOP" | "OPTS" => Self::Fine,
            "PWD" => Self::Pwd,
            _ => Self::Other,
        }
    }
}

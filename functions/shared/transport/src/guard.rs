//! Which endpoints a connection may call.

use std::{fmt, net::IpAddr};

use url::{Host, Url};

use crate::is_public;

/// The endpoints that one connection may call (A5).
///
/// Allowed is `https` on port 443, without user info, to a host that equals an allowed one or lies below it at a label
/// boundary. An IP address is allowed only where it is listed itself and is public. What a name resolves to is checked
/// by [`Sockets`](crate::Sockets), because only there the answer of the resolver and the connection are the same.
///
/// The parsed [`Url`] is checked and the same `Url` is sent, so that no second parser can disagree.
#[derive(Clone)]
pub struct Guard {
    allowed: Vec<Allowed>,
    sandbox: bool,
}

#[derive(Clone, PartialEq, Eq)]
enum Allowed {
    /// This host and every host below it. Lower case, ASCII, at least two labels.
    Domain(String),
    /// Exactly this public address.
    Address(IpAddr),
}

impl Guard {
    /// A guard for the given hosts, such as `crm.dynamics.com` (with everything below it) or a public IP address.
    pub fn new<S: AsRef<str>>(allowed: &[S]) -> Result<Self, GuardError> {
        let allowed = allowed.iter().map(|entry| Allowed::parse(entry.as_ref())).collect::<Result<_, _>>()?;
        Ok(Self { allowed, sandbox: false })
    }

    /// The same for the sandbox, which also allows this machine: a loopback address or `localhost`, on any port,
    /// with `http` or `https`. Other hosts are judged as by [`Guard::new`].
    pub fn sandbox<S: AsRef<str>>(allowed: &[S]) -> Result<Self, GuardError> {
        Ok(Self { sandbox: true, ..Self::new(allowed)? })
    }

    /// A guard for the sandbox that allows this machine and nothing else.
    pub fn loopback() -> Self {
        Self { allowed: Vec::new(), sandbox: true }
    }

    /// Checks where a call would go.
    pub fn check(&self, url: &Url) -> Result<(), GuardError> {
        let host = url.host().ok_or(GuardError::Host)?;
        let here = self.sandbox && is_this_machine(&host);
        match url.scheme() {
            "https" => {}
            "http" if here => {}
            _ => return Err(GuardError::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(GuardError::UserInfo);
        }
        if here {
            return Ok(());
        }
        if url.port_or_known_default() != Some(443) {
            return Err(GuardError::Port);
        }
        let address = match host {
            Host::Domain(name) if self.allowed.iter().any(|allowed| allowed.covers(name)) => return Ok(()),
            Host::Domain(_) => return Err(GuardError::Host),
            Host::Ipv4(v4) => IpAddr::V4(v4),
            // WHATWG keeps ::ffff:a.b.c.d as IPv6; what is dialled is the IPv4 address inside.
            Host::Ipv6(v6) => IpAddr::V6(v6).to_canonical(),
        };
        if !is_public(address) {
            return Err(GuardError::NotPublic);
        }
        if self.allowed.contains(&Allowed::Address(address)) { Ok(()) } else { Err(GuardError::Host) }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("allowed", &self.allowed.len()).field("sandbox", &self.sandbox).finish()
    }
}

impl Allowed {
    fn parse(entry: &str) -> Result<Self, GuardError> {
        match Host::parse(entry).map_err(|_| GuardError::NotAHost)? {
            Host::Domain(name) => {
                // A single label would allow a whole top-level domain; a wildcard is not how this list is written.
                let label =
                    |l: &str| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
                let labels = name.split('.');
                if labels.clone().count() < 2 || !labels.into_iter().all(label) {
                    return Err(GuardError::NotAHost);
                }
                Ok(Self::Domain(name))
            }
            Host::Ipv4(v4) => Self::address(IpAddr::V4(v4)),
            Host::Ipv6(v6) => Self::address(IpAddr::V6(v6).to_canonical()),
        }
    }

    fn address(address: IpAddr) -> Result<Self, GuardError> {
        if is_public(address) { Ok(Self::Address(address)) } else { Err(GuardError::NotPublic) }
    }

    /// Whether a host name is this one or lies below it. `name` is as WHATWG writes it: lower case, ASCII, but possibly
    /// with labels that are empty, which no name of a host has.
    fn covers(&self, name: &str) -> bool {
        let Self::Domain(domain) = self else { return false };
        let is_below =
            |rest: &str| rest.strip_suffix('.').is_some_and(|rest| rest.split('.').all(|label| !label.is_empty()));
        name.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || is_below(rest))
    }
}

fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(v4) => v4.is_loopback(),
        Host::Ipv6(v6) => IpAddr::V6(*v6).to_canonical().is_loopback(),
    }
}

/// Which rule an endpoint broke. Never carries the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// Not `https`.
    #[error("the scheme is not https")]
    Scheme,
    /// A user name or password in the address.
    #[error("the address carries user info")]
    UserInfo,
    /// Not port 443.
    #[error("the port is not 443")]
    Port,
    /// No host, or one that the connection does not allow.
    #[error("the host is not on the connection's list")]
    Host,
    /// The host is, or its name resolves to, an address that is not on the public internet.
    #[error("the host's address is not public")]
    NotPublic,
    /// An entry of the list of allowed hosts is not a host name of two labels or more.
    #[error("an allowed host is not a host name")]
    NotAHost,
    /// The address passed the URL parser but cannot be written as a request line.
    #[error("the address cannot be sent")]
    Unsendable,
}

#[cfg(test)]
mod tests;

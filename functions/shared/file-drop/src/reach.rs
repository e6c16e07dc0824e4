//! Which servers may be called: those on the tenant's list, at public addresses (A5).

use std::{net::SocketAddr, time::Duration};

use tokio::{net::TcpStream, time::timeout};
use transport::{AddressRule, Guard, is_public};
use url::Url;

use crate::DropError;

/// How long looking up a name and connecting may take.
const CONNECT: Duration = Duration::from_secs(10);

/// Where connections may go.
#[derive(Clone, Debug)]
pub struct Reach {
    guard: Guard,
    addresses: AddressRule,
}

impl Reach {
    /// To the hosts that a guard allows, at addresses that the rule allows.
    pub const fn new(guard: Guard, addresses: AddressRule) -> Self {
        Self { guard, addresses }
    }

    /// A connection to a host. The address that was judged is the one that is called.
    pub(crate) async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, DropError> {
        // The guard judges addresses of calls over HTTP: of this one it judges the host.
        let url = Url::parse(&format!("https://{host}/")).map_err(|_| DropError::Setting("the host"))?;
        self.guard.check(&url).map_err(|_| DropError::NotAllowed)?;
        let unreachable = |step| DropError::Unreachable { step };
        let found = timeout(CONNECT, tokio::net::lookup_host((host, port))).await;
        let found = found.map_err(|_| unreachable("looking up"))?.map_err(|_| unreachable("looking up"))?;
        let allowed: Vec<SocketAddr> = found.filter(|address| self.is_allowed(*address)).collect();
        if allowed.is_empty() {
            return Err(DropError::NotAllowed);
        }
        let connected = timeout(CONNECT, TcpStream::connect(&*allowed)).await;
        let stream = connected.map_err(|_| unreachable("connecting"))?.map_err(|_| unreachable("connecting"))?;
        // Blocks are large; what is small is a command, which waits for its answer.
        stream.set_nodelay(true).map_err(|_| unreachable("connecting"))?;
        Ok(stream)
    }

    fn is_allowed(&self, address: SocketAddr) -> bool {
        let ip = address.ip().to_canonical();
        is_public(ip) || (self.addresses == AddressRule::LoopbackToo && ip.is_loopback())
    }
}

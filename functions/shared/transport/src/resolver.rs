//! Name look-up that only gives public addresses.

use std::{io, net::IpAddr, net::SocketAddr, sync::Arc};

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::{GuardError, is_public, sockets::AddressRule};

/// Looks names up and refuses a name if any of its addresses is not public (A5). The connection is made to exactly the
/// addresses that were checked, so a name that changes its answer in between gains nothing.
///
/// IP literals never come here; [`AddressRule::allows`] is asked about them before the call.
pub(crate) struct Resolver<L> {
    pub(crate) lookup: Arc<L>,
    pub(crate) rule: AddressRule,
}

/// Where addresses of a name come from.
#[async_trait]
pub(crate) trait Lookup: Send + Sync + 'static {
    async fn addresses(&self, name: &str) -> io::Result<Vec<SocketAddr>>;
}

/// The machine's own look-up.
pub(crate) struct Machine;

#[async_trait]
impl Lookup for Machine {
    async fn addresses(&self, name: &str) -> io::Result<Vec<SocketAddr>> {
        // Port 0 means: the port of the address that is called.
        Ok(tokio::net::lookup_host((name, 0)).await?.collect())
    }
}

impl<L: Lookup> Resolve for Resolver<L> {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, rule) = (Arc::clone(&self.lookup), self.rule);
        Box::pin(async move {
            let found = lookup.addresses(name.as_str()).await?;
            let this_machine = name.as_str() == "localhost";
            if !found.iter().all(|address| rule.allows(address.ip(), this_machine)) {
                return Err(GuardError::NotPublic.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

impl AddressRule {
    /// Whether a connection to the address may be made. `this_machine` is true for `localhost` and for loopback
    /// literals: no other name may lead to loopback, even in the sandbox.
    pub(crate) fn allows(self, address: IpAddr, this_machine: bool) -> bool {
        match self {
            Self::LoopbackToo if this_machine && address.to_canonical().is_loopback() => true,
            Self::LoopbackToo | Self::PublicOnly => is_public(address),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Gives one list of addresses after the other.
    struct Flipping(Vec<&'static [&'static str]>, AtomicUsize);

    #[async_trait]
    impl Lookup for Flipping {
        async fn addresses(&self, _: &str) -> io::Result<Vec<SocketAddr>> {
            let turn = self.1.fetch_add(1, Ordering::SeqCst);
            Ok(self.0[turn].iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect())
        }
    }

    async fn resolve(
        rule: AddressRule,
        name: &str,
        answers: &[&'static [&'static str]],
    ) -> Vec<Result<usize, GuardError>> {
        let resolver = Resolver { lookup: Arc::new(Flipping(answers.to_vec(), AtomicUsize::new(0))), rule };
        let mut seen = Vec::new();
        for _ in answers {
            let found = resolver.resolve(name.parse().unwrap()).await;
            seen.push(found.map(Iterator::count).map_err(|e| *e.downcast::<GuardError>().unwrap()));
        }
        seen
    }

    /// A5: a name that turns to the metadata address, or gives one private address among public ones, is refused.
    #[tokio::test]
    async fn a_name_is_refused_when_any_of_its_addresses_is_not_public() {
        let answers: &[&[&str]] = &[
            &["20.50.2.1", "2603:1020::7"],
            &["169.254.169.254"],
            &["20.50.2.1", "10.0.0.1"],
            &["::ffff:169.254.169.254"],
            &["127.0.0.1"],
            &["fd00:ec2::254"],
            &["20.50.2.1"],
        ];
        let refused = Err(GuardError::NotPublic);
        assert_eq!(
            resolve(AddressRule::PublicOnly, "tenant.sharepoint.com", answers).await,
            [Ok(2), refused, refused, refused, refused, refused, Ok(1)]
        );
    }

    /// A5: the sandbox's rule opens loopback for `localhost` alone.
    #[tokio::test]
    async fn only_localhost_may_lead_to_loopback_and_only_in_the_sandbox() {
        let loopback: &[&[&str]] = &[&["127.0.0.1", "::1"]];
        let refused = [Err(GuardError::NotPublic)];
        assert_eq!(resolve(AddressRule::LoopbackToo, "localhost", loopback).await, [Ok(2)]);
        assert_eq!(resolve(AddressRule::LoopbackToo, "localhost", &[&["10.0.0.1"]]).await, refused);
        assert_eq!(resolve(AddressRule::LoopbackToo, "tenant.sharepoint.com", loopback).await, refused);
        assert_eq!(resolve(AddressRule::PublicOnly, "localhost", loopback).await, refused);
    }
}

//! Egress policy: the relay connects to public addresses only, so that a destination in the secret cannot point it at internal
//! services (server-side request forgery).
//!
//! The policy checks the resolved addresses, and the client connects to exactly those. A DNS change in between has no effect.

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, SocketAddr};

/// Ranges that are not public. Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries. The last three embed IPv4 addresses
/// (NAT64, 6to4, Teredo).
const NON_PUBLIC_RANGES: [&str; 26] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16", // instance metadata, among others
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::1/128",
    "100::/64",
    "2001:db8::/32",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
    "64:ff9b::/32",
    "2002::/16",
    "2001::/32",
];

/// The addresses that the relay may connect to.
#[derive(Debug, Clone)]
pub(crate) struct EgressPolicy {
    non_public: Vec<IpNet>,
    /// Only in local-cloud mode, in which the test receivers of the channels listen on loopback.
    allows_loopback: bool,
}

impl EgressPolicy {
    pub(crate) fn new(allows_loopback: bool) -> Self {
        Self { non_public: NON_PUBLIC_RANGES.iter().filter_map(|net| net.parse().ok()).collect(), allows_loopback }
    }

    /// Whether connections to loopback are allowed, and so connections without TLS.
    pub(crate) fn allows_loopback(&self) -> bool {
        self.allows_loopback
    }

    /// Whether a connection to this address is allowed.
    pub(crate) fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical(); // an IPv4 address within an IPv6 one
        (self.allows_loopback && address.is_loopback()) || !self.non_public.iter().any(|net| net.contains(&address))
    }
}

/// The host name has no public address.
#[derive(Debug, thiserror::Error)]
#[error("the host name resolves to non-public addresses only; use a public endpoint")]
struct NoPublicAddress;

impl Resolve for EgressPolicy {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| policy.allows(address.ip())).collect();
            if public.is_empty() {
                return Err(NoPublicAddress.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn all_ranges_parse() {
        assert_eq!(EgressPolicy::new(false).non_public.len(), NON_PUBLIC_RANGES.len());
    }

    #[test]
    fn non_public_addresses_are_rejected_in_every_notation() {
        let (strict, local) = (EgressPolicy::new(false), EgressPolicy::new(true));
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "::ffff:10.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "2001:0:a9fe:a9fe::1",
            "ff02::1",
        ] {
            let address: IpAddr = address.parse().unwrap();
            assert!(!strict.allows(address), "{address}");
            assert_eq!(local.allows(address), address.to_canonical().is_loopback(), "{address}");
        }
        for address in ["3.5.140.2", "52.94.236.248", "2600:1f18::1", "2a05:d018::1", "172.32.0.1", "100.128.0.1"] {
            assert!(strict.allows(address.parse().unwrap()), "{address}");
        }
    }

    proptest! {
        #[test]
        fn private_addresses_of_std_are_never_allowed(bits in any::<u32>()) {
            let address = std::net::Ipv4Addr::from(bits);
            if address.is_private() || address.is_loopback() || address.is_link_local() || address.is_multicast() {
                prop_assert!(!EgressPolicy::new(false).allows(address.into()));
                prop_assert!(!EgressPolicy::new(false).allows(address.to_ipv6_mapped().into()));
            }
        }
    }

    #[tokio::test]
    async fn name_with_internal_addresses_is_rejected() {
        let resolve = |policy: EgressPolicy| async move {
            policy.resolve("localhost".parse().unwrap()).await.map(|it| it.count())
        };
        assert!(resolve(EgressPolicy::new(false)).await.is_err());
        assert!(resolve(EgressPolicy::new(true)).await.unwrap() > 0);
    }
}

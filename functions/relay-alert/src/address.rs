//! Which addresses the relay may speak to: public ones only, so that nobody can turn it against what is inside.
//!
//! Addresses are looked at after names are resolved, and it is those very addresses that are connected to: a name cannot
//! change what it leads to in between.

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, SocketAddr};

/// What is not for the public. Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries; the last three lead to IPv4
/// addresses that are hidden in them (NAT64, 6to4, Teredo).
const NOT_PUBLIC: [&str; 26] = [
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

/// Which addresses may be spoken to.
#[derive(Debug, Clone)]
pub(crate) struct Allowed {
    not_public: Vec<IpNet>,
    /// In rehearsals on one machine only: what stands for Slack is there.
    loopback: bool,
}

impl Allowed {
    pub(crate) fn new(loopback: bool) -> Self {
        Self { not_public: NOT_PUBLIC.iter().filter_map(|net| net.parse().ok()).collect(), loopback }
    }

    /// Whether loopback may be spoken to, and so without TLS.
    pub(crate) fn loopback(&self) -> bool {
        self.loopback
    }

    /// Whether that address may be spoken to.
    pub(crate) fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical(); // an IPv4 address within an IPv6 one
        (self.loopback && address.is_loopback()) || !self.not_public.iter().any(|net| net.contains(&address))
    }
}

/// Nothing of a name is public.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to private addresses only, which the relay does not speak to")]
struct PrivateOnly;

impl Resolve for Allowed {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| allowed.allows(address.ip())).collect();
            if public.is_empty() {
                return Err(PrivateOnly.into());
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
    fn the_list_is_readable() {
        assert_eq!(Allowed::new(false).not_public.len(), NOT_PUBLIC.len());
    }

    #[test]
    fn private_addresses_are_refused_however_they_are_written() {
        let (strict, local) = (Allowed::new(false), Allowed::new(true));
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
        fn what_std_calls_private_is_never_allowed(bits in any::<u32>()) {
            let address = std::net::Ipv4Addr::from(bits);
            if address.is_private() || address.is_loopback() || address.is_link_local() || address.is_multicast() {
                prop_assert!(!Allowed::new(false).allows(address.into()));
                prop_assert!(!Allowed::new(false).allows(address.to_ipv6_mapped().into()));
            }
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused() {
        let resolve =
            |allowed: Allowed| async move { allowed.resolve("localhost".parse().unwrap()).await.map(|it| it.count()) };
        assert!(resolve(Allowed::new(false)).await.is_err());
        assert!(resolve(Allowed::new(true)).await.unwrap() > 0);
    }
}

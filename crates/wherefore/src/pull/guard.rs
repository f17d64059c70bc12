//! Where the proxy goes: names are resolved here, and connected to are the very addresses that were looked at.

use super::origin::Origin;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

/// Networks that are nobody's on the Internet, or that lead somewhere else than they say (the special-purpose registries of IANA, RFC 6890).
const NOT_PUBLIC: [&str; 32] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/96",
    "::ffff:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
];

/// What may be reached.
#[derive(Debug)]
pub(super) struct Guard {
    not_public: Vec<IpNet>,
    /// Ports of this process. No site is reached at one of them, wherever it is: an address of this machine can look like any other.
    own_ports: Vec<u16>,
}

/// Why a site is not reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreached {
    /// It may not be.
    Forbidden,
    /// It cannot be.
    Unreachable,
    /// Not in time.
    TimedOut,
}

/// How far a request may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Public addresses, ports 80 and 443.
    PublicWeb,
    /// Public addresses, any port: an origin that the operator listed.
    Public,
    /// Any address: an origin that the operator listed as private.
    Any,
}

impl Guard {
    pub(super) fn new(own_ports: Vec<u16>) -> Self {
        Self { not_public: NOT_PUBLIC.iter().filter_map(|text| text.parse().ok()).collect(), own_ports }
    }

    pub(super) fn may(&self, address: SocketAddr, reach: Reach) -> bool {
        if self.own_ports.contains(&address.port()) || address.port() == 0 {
            return false;
        }
        match reach {
            Reach::Any => !address.ip().is_unspecified() && !address.ip().is_multicast(),
            Reach::Public => self.is_public(address.ip()),
            Reach::PublicWeb => matches!(address.port(), 80 | 443) && self.is_public(address.ip()),
        }
    }

    fn is_public(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        !self.not_public.iter().any(|network| network.contains(&ip))
    }

    /// The addresses of a site that may be reached, at most four.
    pub(super) async fn resolve(&self, origin: &Origin, reach: Reach) -> Result<Vec<SocketAddr>, Unreached> {
        let found: Vec<SocketAddr> = match origin.address() {
            Some(ip) => vec![SocketAddr::new(ip, origin.port())],
            None => {
                let looked = tokio::net::lookup_host((origin.host(), origin.port())).await;
                looked.map_err(|_| Unreached::Unreachable)?.collect()
            }
        };
        if found.is_empty() {
            return Err(Unreached::Unreachable);
        }
        let may: Vec<SocketAddr> = found.into_iter().filter(|address| self.may(*address, reach)).take(4).collect();
        if may.is_empty() { Err(Unreached::Forbidden) } else { Ok(may) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        let guard = Guard::new(vec![9280]);
        assert_eq!(guard.not_public.len(), NOT_PUBLIC.len());
        for text in [
            "127.0.0.1:80",
            "127.9.9.9:80",
            "10.1.2.3:80",
            "172.31.0.1:80",
            "192.168.1.1:443",
            "169.254.169.254:80",
            "100.64.0.1:80",
            "0.0.0.0:80",
            "255.255.255.255:80",
            "224.0.0.1:80",
            "[::1]:80",
            "[::]:80",
            "[::ffff:127.0.0.1]:80",
            "[::ffff:10.0.0.1]:80",
            "[::127.0.0.1]:80",
            "[64:ff9b::7f00:1]:80",
            "[2002:7f00:1::]:80",
            "[fe80::1]:80",
            "[fd00::1]:80",
            "[ff02::1]:80",
            "[2001:db8::1]:80",
            "93.184.215.14:9280",
            "93.184.215.14:0",
        ] {
            let address: SocketAddr = text.parse().unwrap();
            assert!(!guard.may(address, Reach::Public) && !guard.may(address, Reach::PublicWeb), "{text}");
        }
        for text in ["93.184.215.14:80", "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:443"] {
            assert!(guard.may(text.parse().unwrap(), Reach::PublicWeb), "{text}");
        }
        let odd: SocketAddr = "93.184.215.14:22".parse().unwrap();
        assert!(guard.may(odd, Reach::Public) && !guard.may(odd, Reach::PublicWeb));
    }

    #[test]
    fn a_listed_private_site_is_reached_but_no_own_port() {
        let guard = Guard::new(vec![9280]);
        assert!(guard.may("127.0.0.1:8080".parse().unwrap(), Reach::Any));
        for text in ["127.0.0.1:9280", "[::1]:9280", "10.0.0.1:9280", "0.0.0.0:8080", "224.0.0.1:8080"] {
            assert!(!guard.may(text.parse().unwrap(), Reach::Any), "{text}");
        }
    }

    #[tokio::test]
    async fn addresses_are_looked_at_before_anything_is_connected() {
        let guard = Guard::new(vec![]);
        let told = async |text: &str, reach| guard.resolve(&Origin::parse(text).unwrap(), reach).await;
        assert_eq!(told("http://127.0.0.1:81", Reach::Public).await, Err(Unreached::Forbidden));
        assert_eq!(told("http://2130706433:81", Reach::Any).await, Ok(vec!["127.0.0.1:81".parse().unwrap()]));
        assert_eq!(told("http://localhost:81", Reach::Public).await, Err(Unreached::Forbidden));
    }
}

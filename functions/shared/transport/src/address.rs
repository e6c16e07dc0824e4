//! Which IP addresses are on the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is on the public internet: not private, loopback, link-local, shared (CGNAT), reserved,
/// documentation, benchmarking or multicast, and not a tunnel that could lead to one of those (6to4, Teredo, NAT64).
///
/// An IPv4-mapped IPv6 address counts as the IPv4 address inside. Source: the IANA special-purpose registries.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

/// In the order of the list: this network, private, loopback, multicast and reserved; private; link-local; shared
/// (CGNAT); protocols and documentation; the dead 6to4 relays; benchmarking; documentation.
fn is_public_v4(address: Ipv4Addr) -> bool {
    !matches!(
        address.octets(),
        [0 | 10 | 127 | 224..=255, ..]
            | [172, 16..=31, ..]
            | [192, 168, ..]
            | [169, 254, ..]
            | [100, 64..=127, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [198, 18..=19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
    )
}

/// Only 2000::/3 is handed out as public unicast; everything else (loopback, unique local, link-local, multicast,
/// NAT64 64:ff9b::/96, IPv4-compatible) is refused by not being in it.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let global_unicast = first & 0xe000 == 0x2000;
    let special = match first {
        // 2001::/23 is for protocols (Teredo is 2001::/32); 2001:db8::/32 is documentation.
        0x2001 => second < 0x0200 || second == 0x0db8,
        // 6to4 carries an IPv4 address of the sender's choice.
        0x2002 => true,
        // 3fff::/20 is documentation.
        0x3fff => second < 0x1000,
        _ => false,
    };
    global_unicast && !special
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A5: the table of special-purpose addresses, with the public neighbours of each block.
    #[test]
    fn special_addresses_are_not_public_and_their_neighbours_are() {
        let special = "0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1 \
            127.255.255.255 169.254.0.0 169.254.169.254 169.254.255.255 172.16.0.0 172.31.255.255 192.0.0.0 \
            192.0.0.255 192.0.2.1 192.88.99.1 192.168.0.0 192.168.255.255 198.18.0.0 198.19.255.255 \
            198.51.100.7 203.0.113.7 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::2 \
            ::7f00:1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:10.1.2.3 64:ff9b::1 \
            64:ff9b::169.254.169.254 64:ff9b:1::1 100::1 2001::1 2001:0:4136:e378::1 2001:2::1 2001:10::1 \
            2001:20::1 2001:1ff:ffff::1 2001:db8::1 2001:db8:ffff::1 2002:a9fe:a9fe::1 2002:808:808::1 \
            3fff::1 3fff:fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 febf::1 fec0::1 ff02::1 ffff::1";
        for text in special.split_whitespace() {
            assert!(!is_public(text.parse().unwrap()), "{text} is special");
        }
        let public = "1.0.0.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 \
            169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.0.3.0 \
            192.88.98.1 192.88.100.1 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.1 \
            198.51.101.1 203.0.112.1 203.0.114.1 223.255.255.255 ::ffff:8.8.8.8 2001:200::1 2001:db7::1 \
            2001:db9::1 2001:4860:4860::8888 2003::1 2600::1 2a00:1450::1 3ffe::1 3fff:1000::1";
        for text in public.split_whitespace() {
            assert!(is_public(text.parse().unwrap()), "{text} is public");
        }
    }

    proptest! {
        /// A5: writing an IPv4 address as IPv6 changes nothing.
        #[test]
        fn an_ipv4_address_is_judged_the_same_when_mapped_into_ipv6(bits: u32) {
            let v4 = Ipv4Addr::from(bits);
            prop_assert_eq!(is_public(v4.into()), is_public(v4.to_ipv6_mapped().into()));
        }

        /// A5: nothing that the standard library calls private, loopback, link-local or multicast gets through.
        #[test]
        fn no_public_address_is_special_to_the_standard_library(bits: u32) {
            let v4 = Ipv4Addr::from(bits);
            let special = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast()
                || v4.is_broadcast() || v4.is_documentation() || v4.is_unspecified();
            prop_assert!(!(special && is_public(v4.into())));
        }
    }
}

//! E-mail addresses as the platform takes them, and when two of them are one.

use sha2::{Digest, Sha256};

/// An address, in the form in which mails go to it. Its host is in ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

/// Why a text is no address that mails go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAddress {
    /// No `@`, or nothing on one side of it.
    #[error("an address has a name, an @ and a host")]
    Parts,
    /// The name has a character that the platform does not take, or a dot where none may be. Quoted names and comments are
    /// allowed by RFC 5322, and the platform refuses them.
    #[error("the name before the @ has letters, digits, single dots and !#$%&'*+-/=?^_`{{|}}~ only")]
    Name,
    /// The host is none.
    #[error("what follows the @ is not the name of a host with a dot in it")]
    Host,
    /// More than 254 characters, or 64 before the `@` (RFC 5321 §4.5.3.1).
    #[error("an address has 254 characters at most, 64 of them before the @")]
    Length,
}

/// Of an address: what tells it from others. Half a SHA-256, so that it is nobody's address any more.
pub(crate) type AddressHash = [u8; 16];

impl Address {
    /// Reads an address. Spaces around it are not part of it, as in CRM's own fields.
    pub fn read(text: &str) -> Result<Self, NotAnAddress> {
        let (name, host) = text.trim().rsplit_once('@').ok_or(NotAnAddress::Parts)?;
        if name.is_empty() || host.is_empty() {
            return Err(NotAnAddress::Parts);
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
        if !name.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_plain)) {
            return Err(NotAnAddress::Name);
        }
        let host = read_host(host)?;
        if name.len() > 64 || name.len() + 1 + host.len() > 254 {
            return Err(NotAnAddress::Length);
        }
        Ok(Self(format!("{name}@{host}")))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Equal for two that are the same mailbox: case does not matter. Hosts could tell names apart by case, and none is
    /// known to.
    pub(crate) fn hash(&self) -> AddressHash {
        let whole: [u8; 32] = Sha256::digest(self.0.to_ascii_lowercase()).into();
        let mut half = AddressHash::default();
        half.copy_from_slice(&whole[..16]);
        half
    }
}

fn read_host(text: &str) -> Result<String, NotAnAddress> {
    if !text.contains('.') || text.ends_with('.') {
        return Err(NotAnAddress::Host);
    }
    match url::Host::parse(text) {
        Ok(url::Host::Domain(host)) => {
            let is_label = |label: &str| {
                let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
                (1..=63).contains(&label.len())
                    && label.chars().all(inner)
                    && !label.starts_with('-')
                    && !label.ends_with('-')
            };
            if host.split('.').all(is_label) { Ok(host) } else { Err(NotAnAddress::Host) }
        }
        _ => Err(NotAnAddress::Host),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// EX-04, S10: spaces and case do not make another mailbox, and a host is known by one spelling.
    #[test]
    fn two_spellings_of_a_mailbox_are_one() {
        let hash = |text: &str| Address::read(text).unwrap_or_else(|rule| panic!("{text:?}: {rule}")).hash();
        assert_eq!(hash("Anna.Berg@Harbour.example"), hash(" anna.berg@harbour.EXAMPLE\t"));
        assert_eq!(hash("post@bücher.example"), hash("post@xn--bcher-kva.example"));
        assert_ne!(hash("anna.berg@harbour.example"), hash("annaberg@harbour.example"));
        assert_eq!(Address::read("post@Bücher.example").map(|it| it.0), Ok("post@xn--bcher-kva.example".to_owned()));
    }

    /// Quotes, comments, dots at an end, bare hosts, addresses of machines, and lengths.
    #[test]
    fn what_the_platform_would_refuse_is_told_by_its_rule() {
        use NotAnAddress::{Host, Length, Name, Parts};
        let long = format!("{}@example.com", "a".repeat(65));
        let endless = format!("a@{}.com", ["b".repeat(60), "c".repeat(60), "d".repeat(60), "e".repeat(80)].join("."));
        let longest = format!("{}@{}", "a".repeat(64), ["b".repeat(63), "c".repeat(63), "d".repeat(63)].join("."));
        let too_long = format!("{}@{}", "a".repeat(160), "b.".repeat(80));
        for (text, rule) in [
            ("", Parts),
            ("anna", Parts),
            ("@harbour.example", Parts),
            ("anna@", Parts),
            ("\"anna berg\"@harbour.example", Name),
            ("anna(work)@harbour.example", Name),
            ("anna.@harbour.example", Name),
            (".anna@harbour.example", Name),
            ("an..na@harbour.example", Name),
            ("anna berg@harbour.example", Name),
            ("änna@harbour.example", Name),
            ("a@b@harbour.example", Name),
            ("anna@harbour.example.", Host),
            ("anna@harbour", Host),
            ("anna@-harbour.example", Host),
            ("anna@harbour..example", Host),
            ("anna@127.0.0.1", Host),
            ("anna@[127.0.0.1]", Host),
            ("anna@harbour.example,ben@harbour.example", Name),
            (&long, Length),
            (&endless, Host),
            (&longest, Length),
            (&too_long, Host),
        ] {
            assert_eq!(Address::read(text), Err(rule), "{text:?}");
        }
        assert_eq!(too_long.len(), 321);
        for good in ["o'brien+news@cork.example", "a@b.co", "x_y-z=1@mail.harbour.example"] {
            assert!(Address::read(good).is_ok(), "{good:?}");
        }
    }

    proptest! {
        /// What was read is an address, and stays the same one.
        #[test]
        fn reading_what_was_read_changes_nothing(text in ".{0,40}") {
            if let Ok(address) = Address::read(&text) {
                prop_assert_eq!(Address::read(address.as_str()), Ok(address));
            }
        }
    }
}

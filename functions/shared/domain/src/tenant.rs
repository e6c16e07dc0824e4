//! The customer on whose behalf something happens.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// A tenant: one customer on the instance (ST-39).
///
/// 1 to 32 characters of `a-z`, `0-9` and `-`, beginning and ending with a letter or digit.
/// Keys, object names, messages, log lines and spans all begin with it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TenantId(Arc<str>);

/// Text that is not a tenant id; the text itself is not repeated, since it may come from anyone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a tenant id has 1 to 32 of a-z, 0-9 and -, and begins and ends with a letter or digit")]
pub struct NotATenantId;

impl TenantId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TenantId {
    type Err = NotATenantId;

    fn from_str(text: &str) -> Result<Self, NotATenantId> {
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let edges_legal = !text.starts_with('-') && !text.ends_with('-');
        if (1..=32).contains(&text.len()) && text.bytes().all(legal) && edges_legal {
            Ok(Self(text.into()))
        } else {
            Err(NotATenantId)
        }
    }
}

impl TryFrom<String> for TenantId {
    type Error = NotATenantId;

    fn try_from(text: String) -> Result<Self, NotATenantId> {
        text.parse()
    }
}

impl From<TenantId> for String {
    fn from(tenant: TenantId) -> Self {
        tenant.0.as_ref().to_owned()
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ST-39: a tenant id cannot carry a separator of keys, object names or log lines.
    #[test]
    fn only_plain_ids_are_tenants() {
        for good in ["a", "harbour", "north-wind-2", "0"] {
            let tenant: TenantId = good.parse().expect("a tenant id");
            assert_eq!(
                (tenant.as_str(), tenant.to_string(), format!("{tenant:?}")),
                (good, good.to_owned(), good.to_owned())
            );
            assert_eq!(String::from(tenant), good);
        }
        let long = "a".repeat(33);
        for bad in ["", "-a", "a-", "A", "a#b", "a/b", "a b", "ä", "T#a", &long] {
            assert_eq!(bad.parse::<TenantId>(), Err(NotATenantId), "{bad:?}");
        }
    }
}

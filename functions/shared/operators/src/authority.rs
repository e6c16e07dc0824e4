//! Whose word counts.

use url::Url;
use uuid::Uuid;

use crate::uuid;

/// Microsoft's own, of the public cloud.
const DEFAULT: &str = "https://login.microsoftonline.com";

/// Who issues tokens, for whom, and which directory is the partner's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// Scheme and host, without a slash at the end.
    pub(crate) url: String,
    /// The `aud` that a token must have: the client id of the application that the API is registered as.
    pub(crate) audience: String,
    /// The partner's directory.
    pub(crate) partner: Uuid,
}

/// Why there is no authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// A variable is not set.
    #[error("{0} is not set")]
    Unset(&'static str),
    /// A variable is not what it should be.
    #[error("{0} is not {1}")]
    Wrong(&'static str, &'static str),
}

impl Authority {
    /// Reads `TIELINE_AUTHORITY` (absent: Microsoft's public cloud), `TIELINE_AUDIENCE` and
    /// `TIELINE_PARTNER_DIRECTORY`.
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, AuthorityError> {
        let set = |name: &'static str| var(name).filter(|value| !value.is_empty());
        let audience = set("TIELINE_AUDIENCE").ok_or(AuthorityError::Unset("TIELINE_AUDIENCE"))?;
        let partner = set("TIELINE_PARTNER_DIRECTORY").ok_or(AuthorityError::Unset("TIELINE_PARTNER_DIRECTORY"))?;
        let partner = uuid(&partner)
            .ok_or(AuthorityError::Wrong("TIELINE_PARTNER_DIRECTORY", "a directory's id: a UUID in lower case"))?;
        let url = set("TIELINE_AUTHORITY").unwrap_or_else(|| DEFAULT.to_owned());
        // Compared as text later, in `iss`: so it has to be written as Entra would write it.
        let is_origin = Url::parse(&url)
            .is_ok_and(|it| matches!(it.scheme(), "http" | "https") && it.origin().ascii_serialization() == url);
        if !is_origin {
            return Err(AuthorityError::Wrong("TIELINE_AUTHORITY", "scheme and host, without a slash at the end"));
        }
        Ok(Self { url, audience, partner })
    }

    /// The only `iss` that a token of a directory may have.
    pub(crate) fn issuer(&self, directory: Uuid) -> String {
        format!("{}/{directory}/v2.0", self.url)
    }

    pub(crate) fn host(&self) -> String {
        Url::parse(&self.url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTNER: &str = "2b0c7a52-5d1e-4f0b-9a51-6d1c0e5f7a01";

    fn read(vars: &[(&str, &str)]) -> Result<Authority, String> {
        let var = |name: &str| vars.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned());
        Authority::from_vars(var).map_err(|error| error.to_string())
    }

    /// A14: an authority that is not quite one is none.
    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let good = [("TIELINE_AUDIENCE", "api"), ("TIELINE_PARTNER_DIRECTORY", PARTNER)];
        let authority = read(&good).expect("nothing is missing");
        assert_eq!(authority.issuer(authority.partner), format!("https://login.microsoftonline.com/{PARTNER}/v2.0"));
        assert_eq!(read(&good[1..]).expect_err("missing"), "TIELINE_AUDIENCE is not set");
        assert_eq!(
            read(&[good[0], ("TIELINE_PARTNER_DIRECTORY", "")]).expect_err("missing"),
            "TIELINE_PARTNER_DIRECTORY is not set"
        );
        for bad in
            ["common", "partner.example", &PARTNER.to_uppercase(), &PARTNER.replace('-', ""), &format!("{{{PARTNER}}}")]
        {
            let error = read(&[good[0], ("TIELINE_PARTNER_DIRECTORY", bad)]).expect_err(bad);
            assert!(error.starts_with("TIELINE_PARTNER_DIRECTORY is not a directory's id"), "{error}");
        }
        for bad in
            ["login.example", "https://login.example/", "https://LOGIN.example", "https://u@login.example", "file:///x"]
        {
            let error = read(&[good[0], good[1], ("TIELINE_AUTHORITY", bad)]).expect_err(bad);
            assert!(error.starts_with("TIELINE_AUTHORITY is not scheme and host"), "{error}");
        }
    }
}

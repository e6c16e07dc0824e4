//! How a tenant's host is reached.

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

/// One tenant's connection, as its secret holds it:
/// `{"parent": "https://host/sites/harbour", "sign_in": {"basic": {"user": "HARBOUR\\svc", "password": "…"}}}`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// The web below which sites are made. A query, a fragment and a slash at the end do not count.
    pub parent: Url,
    /// How to sign in.
    pub sign_in: SignIn,
}

/// How the host is signed in to (contract, section 7, A to C). The guard of the transport keeps each from going over a
/// connection without TLS.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum SignIn {
    /// Basic over TLS, with every call.
    Basic {
        /// The sign-in name; also the owner of the groups that are made.
        user: String,
        /// The password.
        password: SecretString,
    },
    /// `Authentication.asmx` Login, then a session cookie; renewed when an answer is a sign-in page.
    Forms {
        /// The sign-in name; also the owner of the groups that are made.
        user: String,
        /// The password.
        password: SecretString,
    },
    /// A token of the sign-in service, turned in for session cookies; renewed when the host asks for a sign-in.
    Claims {
        /// The name at the sign-in service, an e-mail address in shape; also the owner of the groups that are made.
        user: String,
        /// The password.
        password: SecretString,
        /// The sign-in service. It has to be on the tenant's list of SharePoint hosts, as the host itself.
        #[serde(default = "online_sts")]
        sts: Url,
    },
}

/// The sign-in service of SharePoint Online (contract, section 7 C).
pub const ONLINE_STS: &str = "https://login.microsoftonline.com/extSTS.srf";

fn online_sts() -> Url {
    ONLINE_STS.parse().expect("a constant that is an address")
}

impl SignIn {
    pub(super) fn user(&self) -> &str {
        match self {
            Self::Basic { user, .. } | Self::Forms { user, .. } | Self::Claims { user, .. } => user,
        }
    }

    /// The sign-in service, where signing in leads to another host.
    pub fn sts(&self) -> Option<&Url> {
        match self {
            Self::Claims { sts, .. } => Some(sts),
            Self::Basic { .. } | Self::Forms { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_connection_is_read_from_the_tenants_secret() {
        let json = r#"{"parent": "https://crm.test.example/sites/harbour",
            "sign_in": {"forms": {"user": "HARBOUR\\svc", "password": "p"}}}"#;
        let connection: Connection = serde_json::from_str(json).unwrap();
        assert_eq!(connection.parent.path(), "/sites/harbour");
        assert_eq!(connection.sign_in.user(), "HARBOUR\\svc");
        let SignIn::Forms { password, .. } = connection.sign_in else { panic!("not forms") };
        assert_eq!(password.expose_secret(), "p");
    }

    #[test]
    fn a_connection_with_claims_leads_to_the_one_sign_in_service_unless_it_says_otherwise() {
        let of = |sts: &str| {
            let json = format!(
                r#"{{"parent": "https://x.test.example/", "sign_in": {{"claims": {{"user": "u", "password": "p"{sts}}}}}}}"#
            );
            serde_json::from_str::<Connection>(&json).unwrap().sign_in.sts().unwrap().to_string()
        };
        assert_eq!(of(""), ONLINE_STS);
        assert_eq!(of(r#", "sts": "https://sts.test.example/x""#), "https://sts.test.example/x");
    }

    #[test]
    fn a_connection_with_an_unknown_field_is_refused() {
        let json = r#"{"parent": "https://crm.test.example/", "sign_in": {"basic": {"user": "u", "password": "p"}}, "proxy": "x"}"#;
        assert!(serde_json::from_str::<Connection>(json).is_err());
    }
}

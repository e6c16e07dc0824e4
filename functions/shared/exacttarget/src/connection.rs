//! How a tenant's account at the platform is reached.

use std::fmt;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

/// One tenant's connection, as its secret says it: a JSON object of these members; others are ignored (EX-38).
///
/// Its `Debug` shows nothing of it.
#[derive(Clone, Deserialize)]
pub struct Connection {
    /// The service: `https://webservice.s4.exacttarget.com/Service.asmx` of an old stack (S1 is without a number, and
    /// there are S4, S6, S7, S10 and `test`), or `https://SUBDOMAIN.soap.marketingcloudapis.com/Service.asmx` of a tenant
    /// (contract §2). Without it a package's token says where it is.
    pub endpoint: Option<Url>,
    /// Who believes us, and what.
    pub sign_in: SignIn,
}

/// How we prove to be who we are (contract §3).
#[derive(Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignIn {
    /// WS-Security 1.0 with a user and a password in every call (EX-39).
    User(ApiUser),
    /// OAuth2 client credentials of an installed package: a token in every call.
    Package(Package),
}

/// A user with the permissions *API User* and web services.
#[derive(Clone, Deserialize)]
pub struct ApiUser {
    /// The name.
    pub name: String,
    /// The password.
    pub password: SecretString,
}

/// A server-to-server package.
#[derive(Clone, Deserialize)]
pub struct Package {
    /// Where tokens are: `https://SUBDOMAIN.auth.marketingcloudapis.com/v2/token`. Its host has to be on the tenant's list.
    pub token: Url,
    /// The package's id.
    pub client_id: String,
    /// The package's secret.
    pub client_secret: SecretString,
    /// The account (MID) that the token is for, where it is not the package's own. A token is good for one account only.
    pub account_id: Option<u64>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    /// EX-38: what a secret holds can be used, and is not shown.
    #[test]
    fn a_connection_is_read_from_json_and_does_not_show_its_secret() {
        let json = r#"{"endpoint":"https://webservice.s4.exacttarget.com/Service.asmx",
            "sign_in":{"user":{"name":"harbour_api","password":"open sesame"}}}"#;
        let connection: Connection = serde_json::from_str(json).expect("a connection");
        let SignIn::User(user) = &connection.sign_in else { panic!("a user") };
        assert_eq!((&*user.name, user.password.expose_secret()), ("harbour_api", "open sesame"));
        assert_eq!(format!("{connection:?}"), "Connection { .. }");
    }

    #[test]
    fn a_package_may_leave_the_endpoint_to_its_token() {
        let json = r#"{"sign_in":{"package":{"token":"https://mc0.auth.marketingcloudapis.com/v2/token",
            "client_id":"c1","client_secret":"open sesame","account_id":7}}}"#;
        let connection: Connection = serde_json::from_str(json).expect("a connection");
        let SignIn::Package(package) = &connection.sign_in else { panic!("a package") };
        assert_eq!((connection.endpoint, package.account_id), (None, Some(7)));
        assert!(serde_json::from_str::<Connection>(&json.replace(r#""client_id":"c1","#, "")).is_err());
    }
}

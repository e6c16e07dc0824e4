//! How a tenant's CRM 4.0 is reached.

use std::fmt;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

/// One tenant's connection, as its secret says it: a JSON object of these four members; others are ignored.
///
/// Its `Debug` shows the organization only.
#[derive(Clone, Deserialize)]
pub struct Connection {
    /// The SPLA discovery service: `https://…/MSCRMServices/2007/SPLA/CrmDiscoveryService.asmx`.
    pub discovery: Url,
    /// The organization's unique name.
    pub organization: String,
    /// The integration user, as `DOMAIN\user`.
    pub user: String,
    /// The user's password.
    pub password: SecretString,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("organization", &self.organization).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    /// ST-36: what a secret holds can be used, and is not shown.
    #[test]
    fn a_connection_is_read_from_json_and_does_not_show_its_secret() {
        let json = r#"{"discovery":"https://crm.example.test/MSCRMServices/2007/SPLA/CrmDiscoveryService.asmx",
            "organization":"harbour","user":"HARBOUR\\tieline","password":"open sesame","adapter":"classic"}"#;
        let connection: Connection = serde_json::from_str(json).unwrap();
        assert_eq!(connection.user, "HARBOUR\\tieline");
        assert_eq!(connection.password.expose_secret(), "open sesame");
        assert_eq!(format!("{connection:?}"), r#"Connection { organization: "harbour", .. }"#);
    }
}

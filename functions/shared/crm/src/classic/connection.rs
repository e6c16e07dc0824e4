//! How a tenant's CRM 4.0 is reached.

use std::fmt;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

/// One tenant's connection, as its secret says it: a JSON object of these members; others are ignored.
///
/// Its `Debug` shows the organization only.
#[derive(Clone, Deserialize)]
pub struct Connection {
    /// The discovery service, `https://…/MSCRMServices/2007/SPLA/CrmDiscoveryService.asmx`; of CRM Online
    /// `…/2007/Passport/…`.
    pub discovery: Url,
    /// The organization's unique name.
    pub organization: String,
    /// The integration user, as `DOMAIN\user`; of CRM Online the member name of Live ID.
    pub user: String,
    /// The user's password.
    pub password: SecretString,
    /// Who believes them. Secrets from before there was a choice say nothing of it.
    #[serde(default)]
    pub sign_in: SignIn,
}

/// How the user proves to be who they are.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignIn {
    /// To CRM's own discovery service, in an internet-facing deployment on premise (IFD, SPLA).
    #[default]
    Ifd,
    /// To Windows Live ID, whose ticket CRM Online takes (ST-41).
    LiveId(Box<LiveId>),
}

/// Where Live ID is, and what it knows us as. Its addresses are called as CRM's own are: their hosts have to be on the
/// tenant's list for CRM, and the calls are of CRM's budget and breaker.
#[derive(Clone, Deserialize)]
pub struct LiveId {
    /// The token service, such as `https://dev.login.live.com/wstlogin.srf`.
    pub issuer: Url,
    /// Where devices are registered, such as `https://login.live.com/ppsecure/DeviceAddCredential.srf`.
    pub registration: Url,
    /// Whom tickets are for: `crm.dynamics.com`, or the CRM's own host.
    pub partner: String,
    /// The device that we are.
    pub device: Device,
}

/// A device of Live ID: a name and a password that it was, or will be, registered with.
///
/// In the secret, so that every process is the same device: Live ID registers a name once.
#[derive(Clone, Deserialize)]
pub struct Device {
    /// At most 24 small letters and digits, without the `11` that Live ID wants in front of it.
    pub name: String,
    /// At most 24 characters.
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

    /// ST-36: what a secret holds can be used, and is not shown. One from before CRM Online is of IFD.
    #[test]
    fn a_connection_is_read_from_json_and_does_not_show_its_secret() {
        let json = r#"{"discovery":"https://crm.example.test/MSCRMServices/2007/SPLA/CrmDiscoveryService.asmx",
            "organization":"harbour","user":"HARBOUR\\tieline","password":"open sesame","adapter":"classic"}"#;
        let connection: Connection = serde_json::from_str(json).unwrap();
        assert_eq!(connection.user, "HARBOUR\\tieline");
        assert_eq!(connection.password.expose_secret(), "open sesame");
        assert!(matches!(connection.sign_in, SignIn::Ifd));
        assert_eq!(format!("{connection:?}"), r#"Connection { organization: "harbour", .. }"#);
    }

    #[test]
    fn a_connection_to_crm_online_names_live_id_and_the_device() {
        let json = r#"{"discovery":"https://dev.crm4.example.test/MSCRMServices/2007/Passport/CrmDiscoveryService.asmx",
            "organization":"lakeside","user":"tieline@lakeside.example","password":"open sesame","sign_in":{"live_id":{
            "issuer":"https://login.example.test/wstlogin.srf","partner":"crm.dynamics.com",
            "registration":"https://login.example.test/ppsecure/DeviceAddCredential.srf",
            "device":{"name":"tieline","password":"device-1"}}}}"#;
        let connection: Connection = serde_json::from_str(json).unwrap();
        let SignIn::LiveId(live_id) = &connection.sign_in else { panic!("of Live ID") };
        assert_eq!((&*live_id.partner, live_id.device.password.expose_secret()), ("crm.dynamics.com", "device-1"));
        assert_eq!(format!("{connection:?}"), r#"Connection { organization: "lakeside", .. }"#);
        let without = json.replace(r#""partner":"crm.dynamics.com","#, "");
        assert!(serde_json::from_str::<Connection>(&without).is_err());
    }
}

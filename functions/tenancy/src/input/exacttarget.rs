//! How an account at the e-mail platform is signed in to, as an operator says it.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use transport::Guard;
use url::Url;

use super::{Form, connection::address};

/// What [`exacttarget::Connection`] is read from.
pub(crate) struct ExactTarget {
    /// A package's token says where the service is, if nobody else does.
    endpoint: Option<Url>,
    sign_in: SignIn,
}

/// The sign-ins of [`exacttarget::SignIn`].
enum SignIn {
    User { name: String, password: SecretString },
    Package { token: Url, client_id: String, client_secret: SecretString, account_id: Option<u32> },
}

impl ExactTarget {
    pub(super) fn read(form: &Form<'_>, guard: Option<&Guard>) -> Option<Self> {
        let endpoint = form.optional("endpoint").map(|_| address(form, "endpoint", guard));
        let sign_in = form.form("sign_in")?;
        let sign_in = match (sign_in.optional_form("user"), sign_in.optional_form("package")) {
            (Some(user), None) => {
                if endpoint.is_none() {
                    form.wrong("endpoint", "is missing: only a package's token says where the service is");
                }
                let (name, password) = (user.text("name").map(ToOwned::to_owned), user.secret("password"));
                SignIn::User { name: name?, password: password? }
            }
            (None, Some(package)) => {
                let token = address(&package, "token", guard);
                let client_id = package.text("client_id").map(ToOwned::to_owned);
                let client_secret = package.secret("client_secret");
                let account_id = package.number("account_id", 1..=u32::MAX).map(Into::into);
                SignIn::Package { token: token?, client_id: client_id?, client_secret: client_secret?, account_id }
            }
            _ => {
                sign_in.wrong("user", "has to be one of user and package");
                return None;
            }
        };
        Some(Self { endpoint: endpoint.map_or(Some(None), |read| read.map(Some))?, sign_in })
    }

    /// As the secret holds it.
    pub(super) fn to_secret(&self) -> Value {
        let sign_in = match &self.sign_in {
            SignIn::User { name, password } => {
                json!({ "user": { "name": name, "password": password.expose_secret() } })
            }
            SignIn::Package { token, client_id, client_secret, account_id } => json!({ "package": {
                "token": token, "client_id": client_id, "client_secret": client_secret.expose_secret(),
                "account_id": account_id,
            } }),
        };
        json!({ "endpoint": self.endpoint, "sign_in": sign_in })
    }
}

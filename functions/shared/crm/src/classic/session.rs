//! Signed in, and kept so.

use std::sync::Arc;

use domain::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use soap::{Element, FromXml, Operation};
use transport::{CallError, Client, GuardError, Refusal, SignInError, Token, TokenStore, Tokens};
use url::Url;

use super::{
    Connection,
    channel::{Failure, Outgoing, exchange},
    ns::{SERVICES, TOKEN},
    operations::{Message, Organization, RetrieveCrmTicket, RetrieveOrganizations},
};
use crate::CrmError;

/// A connection with its ticket.
///
/// The expiry that discovery prints is in the server's culture and is not read: a ticket is used until CRM refuses it,
/// then renewed once, and the call repeated once (contract §8).
pub(crate) struct Session {
    connection: Connection,
    client: Client,
    tokens: Tokens<CrmError>,
}

/// Proof of being signed in, and where it counts: the text of a [`Token`].
#[derive(Serialize, Deserialize)]
struct Ticket {
    ticket: String,
    service: Url,
}

impl Session {
    pub(crate) fn new(connection: Connection, client: Client, store: Arc<dyn TokenStore>) -> Self {
        Self { connection, client, tokens: Tokens::new(store) }
    }

    /// Sends a message to CrmService and gives the reply's body element.
    pub(crate) async fn send(&self, message: Outgoing<'_>) -> Result<Element, CrmError> {
        let operation = message.operation;
        let token = self.tokens.get(None, || self.sign_in()).await?;
        match self.send_with(&token, message).await {
            Ok(body) => return Ok(body),
            Err(Failure::Other(error)) => return Err(error),
            Err(Failure::SignedOut { code }) => {
                tracing::debug!(operation, code, "CRM refused the ticket of {operation}: {code}");
            }
        }
        // A refused ticket did nothing, so that even a Create may be sent again.
        let token = self.tokens.get(Some(&token), || self.sign_in()).await?;
        self.send_with(&token, message).await.map_err(|failure| failure.into_error(operation))
    }

    async fn send_with(&self, token: &Token, message: Outgoing<'_>) -> Result<Element, Failure> {
        // One that a later version of the code wrote is as good as refused.
        let Ok(Ticket { ticket, service }) = serde_json::from_str(token.text.expose_secret()) else {
            return Err(Failure::SignedOut { code: "unreadable ticket".to_owned() });
        };
        let header = authentication_header(&ticket, &self.connection.organization);
        exchange(&self.client, &service, message, Some(header)).await
    }

    /// One call, or two where discovery answers a ticket without saying where it counts.
    async fn sign_in(&self) -> Result<Token, CrmError> {
        let Connection { organization, user, password, .. } = &self.connection;
        let request =
            RetrieveCrmTicket { organization: organization.clone(), user: user.clone(), password: password.clone() };
        let reply = self.discover(&request).await?;
        let service = match reply.organization.and_then(Organization::into_service_url) {
            Some(service) => service,
            None => self.find_service().await?,
        };
        let operation = RetrieveCrmTicket::NAME;
        let service = Url::parse(&service).map_err(|_| CrmError::Unreadable {
            operation,
            source: soap::Error::unexpected("an address", "").under("OrganizationDetail/CrmServiceUrl"),
        })?;
        // The guard judges the host on every call. What it cannot see is that the ticket would leave TLS.
        if self.connection.discovery.scheme() == "https" && service.scheme() != "https" {
            return Err(CrmError::Call { operation, source: CallError::Refused(GuardError::Scheme) });
        }
        tracing::debug!("signed in to CRM");
        let ticket = Ticket { ticket: reply.ticket.expose_secret().to_owned(), service };
        let text = serde_json::to_string(&ticket).expect("two texts become JSON");
        Ok(Token { text: SecretString::from(text), expires_at: None })
    }

    /// Where the organization's CrmService is.
    async fn find_service(&self) -> Result<String, CrmError> {
        let Connection { organization, user, password, .. } = &self.connection;
        let request = RetrieveOrganizations { user: user.clone(), password: password.clone() };
        let found = self.discover(&request).await?.organizations.into_iter();
        let mut ours = found.filter(|found| found.name.eq_ignore_ascii_case(organization));
        ours.find_map(Organization::into_service_url).ok_or(CrmError::Refused {
            operation: RetrieveOrganizations::NAME,
            code: "no such organization".to_owned(),
        })
    }

    async fn discover<M: Message>(&self, message: &M) -> Result<M::Reply, CrmError> {
        let body = message.to_xml();
        let operation = M::NAME;
        let outgoing = Outgoing { operation, action: M::ACTION, repeatable: M::REPEATABLE, body: &body };
        match exchange(&self.client, &self.connection.discovery, outgoing, None).await {
            Ok(reply) => M::Reply::from_xml(&reply)
                .map_err(|source| CrmError::Unreadable { operation, source: source.under(reply.local()) }),
            // Whatever it refuses here, it is the sign-in.
            Err(Failure::Other(CrmError::Refused { operation, code })) => {
                Err(CrmError::SignIn { operation, code, until: None })
            }
            Err(failure) => Err(failure.into_error(operation)),
        }
    }
}

/// What discovery says of a name or a password that it does not believe: no log-on with them, access denied, and the
/// family of tickets that are not valid (`errors/crm2015_error_codes.tsv` of the contract).
const SECRET_REFUSED: [&str; 7] =
    ["0x80044311", "0x80048405", "0x8004A100", "0x8004A101", "0x8004A102", "0x8004A103", "0x8004A105"];

impl SignInError for CrmError {
    fn refusal(&self) -> Option<Refusal<'_>> {
        match self {
            Self::SignIn { code, .. } if SECRET_REFUSED.contains(&code.as_str()) => {
                Some(Refusal { code, is_sure: true })
            }
            // Other codes of CRM speak of the user or the organization, or of a wrong password in a way that is not
            // known. The secret is in the body, so that a 401 comes from IIS, which has not read it. A page, or another
            // status, comes from who does not know it either, and costs the account nothing.
            Self::SignIn { code, .. } if code.starts_with("0x") || code == "HTTP 401" => {
                Some(Refusal { code, is_sure: false })
            }
            _ => None,
        }
    }

    fn refused(code: String, until: Timestamp) -> Self {
        Self::SignIn { operation: RetrieveCrmTicket::NAME, code, until: Some(until) }
    }

    fn later(wait: SignedDuration) -> Self {
        let operation = RetrieveCrmTicket::NAME;
        Self::Call { operation, source: CallError::Later { service: "crm", operation, wait, sent: false } }
    }
}

impl Failure {
    fn into_error(self, operation: &'static str) -> CrmError {
        match self {
            Self::SignedOut { code } => CrmError::SignIn { operation, code, until: None },
            Self::Other(error) => error,
        }
    }
}

/// The header of every CrmService call; its children's order is the schema's. Type 2 is SPLA (IFD), and the zero
/// caller is the ticket's own user.
pub(crate) fn authentication_header(ticket: &str, organization: &str) -> Element {
    let child = |local, text: &str| Element::new(TOKEN, local).with_text(text);
    Element::new(SERVICES, "CrmAuthenticationToken")
        .with(child("AuthenticationType", "2"))
        .with(child("CrmTicket", ticket))
        .with(child("OrganizationName", organization))
        .with(child("CallerId", "00000000-0000-0000-0000-000000000000"))
}

//! Signed in, and kept so.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use secrecy::{ExposeSecret, SecretString};
use soap::{Element, FromXml, Operation};
use tokio::sync::Mutex;
use transport::{CallError, Client, GuardError};
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
/// The ticket lives in memory. The expiry that discovery prints is in the server's culture and is not read: a ticket is
/// used until CRM refuses it, then renewed once, and the call repeated once (contract §8).
pub(crate) struct Session {
    connection: Connection,
    client: Client,
    /// How the last attempt to sign in ended. Held while one is under way, so that there is one at a time.
    outcome: Mutex<Option<Result<Arc<Ticket>, CrmError>>>,
    /// How many attempts have ended.
    attempts: AtomicU64,
}

/// Proof of being signed in, and where it counts.
struct Ticket {
    ticket: SecretString,
    service: Url,
}

impl Session {
    pub(crate) fn new(connection: Connection, client: Client) -> Self {
        Self { connection, client, outcome: Mutex::default(), attempts: AtomicU64::new(0) }
    }

    /// Sends a message to CrmService and gives the reply's body element.
    pub(crate) async fn send(&self, message: Outgoing<'_>) -> Result<Element, CrmError> {
        let operation = message.operation;
        let ticket = self.ticket(None).await?;
        match self.send_with(&ticket, message).await {
            Ok(body) => return Ok(body),
            Err(Failure::Other(error)) => return Err(error),
            Err(Failure::SignedOut { code }) => {
                tracing::debug!(operation, code, "CRM refused the ticket of {operation}: {code}");
            }
        }
        // A refused ticket did nothing, so that even a Create may be sent again.
        let ticket = self.ticket(Some(&ticket)).await?;
        self.send_with(&ticket, message).await.map_err(|failure| failure.into_error(operation))
    }

    async fn send_with(&self, ticket: &Ticket, message: Outgoing<'_>) -> Result<Element, Failure> {
        let header = authentication_header(ticket.ticket.expose_secret(), &self.connection.organization);
        exchange(&self.client, &ticket.service, message, Some(header)).await
    }

    /// The ticket at hand, or a new one if there is none or it is the refused one. Callers that wait for the same
    /// attempt share how it ends: a wrong password is tried once, not once per caller.
    async fn ticket(&self, refused: Option<&Arc<Ticket>>) -> Result<Arc<Ticket>, CrmError> {
        let before = self.attempts.load(Ordering::SeqCst);
        let mut outcome = self.outcome.lock().await;
        match &*outcome {
            Some(Ok(ticket)) if !refused.is_some_and(|refused| Arc::ptr_eq(refused, ticket)) => {
                return Ok(Arc::clone(ticket));
            }
            Some(Err(error)) if self.attempts.load(Ordering::SeqCst) != before => return Err(error.clone()),
            _ => {}
        }
        let ended = self.sign_in().await.map(Arc::new);
        *outcome = Some(ended.clone());
        self.attempts.fetch_add(1, Ordering::SeqCst);
        ended
    }

    /// One call, or two where discovery answers a ticket without saying where it counts.
    async fn sign_in(&self) -> Result<Ticket, CrmError> {
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
        Ok(Ticket { ticket: reply.ticket, service })
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
            // Discovery refuses nothing but credentials and organizations.
            Err(Failure::Other(CrmError::Refused { operation, code })) => Err(CrmError::SignIn { operation, code }),
            Err(failure) => Err(failure.into_error(operation)),
        }
    }
}

impl Failure {
    fn into_error(self, operation: &'static str) -> CrmError {
        match self {
            Self::SignedOut { code } => CrmError::SignIn { operation, code },
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

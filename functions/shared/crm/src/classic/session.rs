//! Signed in, and kept so.

use std::sync::Arc;

use domain::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use soap::{Element, FromXml, Operation};
use transport::{CallError, Client, GuardError, Refusal, SignInError, Token, TokenStore, Tokens};
use url::Url;

use super::{
    Connection, LiveId, SignIn,
    channel::{Failure, Outgoing, exchange},
    live_id::{self, Basis, Issuer},
    ns::{SERVICES, TOKEN},
    operations::{Message, Organization, Proof, RetrieveCrmTicket, RetrieveOrganizations, RetrievePolicy},
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
struct SignedIn {
    ticket: String,
    service: Url,
    /// What the next sign-in can begin with, at CRM Online.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    basis: Option<Basis>,
}

/// `RetrieveCrmTicket` with a ticket of Live ID, as errors and counts name it: what is refused here is not the password,
/// which Live ID has believed.
pub const WITH_PASSPORT: &str = "RetrieveCrmTicketWithPassport";

impl Session {
    pub(crate) fn new(connection: Connection, client: Client, store: Arc<dyn TokenStore>) -> Self {
        Self { connection, client, tokens: Tokens::new(store) }
    }

    /// Sends a message to CrmService and gives the reply's body element.
    pub(crate) async fn send(&self, message: Outgoing<'_>) -> Result<Element, CrmError> {
        let operation = message.operation;
        let token = self.tokens.get(None, || self.sign_in(None)).await?;
        match self.send_with(&token, message).await {
            Ok(body) => return Ok(body),
            Err(Failure::Other(error)) => return Err(error),
            Err(Failure::SignedOut { code }) => {
                tracing::debug!(operation, code, "CRM refused the ticket of {operation}: {code}");
            }
        }
        // A refused ticket did nothing, so that even a Create may be sent again.
        let renewed = self.tokens.get(Some(&token), || self.sign_in(Some(&token))).await?;
        self.send_with(&renewed, message).await.map_err(|failure| failure.into_error(operation))
    }

    async fn send_with(&self, token: &Token, message: Outgoing<'_>) -> Result<Element, Failure> {
        // One that a later version of the code wrote is as good as refused.
        let Some(SignedIn { ticket, service, .. }) = SignedIn::of(token) else {
            return Err(Failure::SignedOut { code: "unreadable ticket".to_owned() });
        };
        let Connection { organization, sign_in, .. } = &self.connection;
        let header = authentication_header(sign_in, &ticket, organization);
        exchange(&self.client, &service, message, Some(header)).await
    }

    async fn sign_in(&self, refused: Option<&Token>) -> Result<Token, CrmError> {
        let Connection { user, password, sign_in, .. } = &self.connection;
        match sign_in {
            SignIn::Ifd => {
                let proof = Proof::Password { user: user.clone(), password: password.clone() };
                self.enter(RetrieveCrmTicket::NAME, proof, None).await
            }
            SignIn::LiveId(live_id) => {
                let basis = refused.and_then(SignedIn::of).and_then(|signed_in| signed_in.basis);
                self.sign_in_online(live_id, basis).await
            }
        }
    }

    /// Four calls; six where Live ID does not know the device yet, and two where a device token is at hand, because a
    /// ticket of CRM ended before it (contract §3, steps 1 to 5).
    async fn sign_in_online(&self, live_id: &LiveId, basis: Option<Basis>) -> Result<Token, CrmError> {
        let issuer = Issuer { client: &self.client, connection: &self.connection, live_id };
        if let Some(basis) = basis.filter(|basis| basis.is_good(self.client.now())) {
            match self.enter_online(&issuer, basis).await {
                // The policy may be another one by now, or Live ID may not know the device's token any more. A password
                // that is refused stays so.
                Err(CrmError::SignIn { operation, code, .. }) if !live_id::is_of_secret(operation, &code) => {
                    tracing::debug!(operation, code, "signing in to CRM from the beginning");
                }
                ended => return ended,
            }
        }
        let policy = self.discover(RetrievePolicy::NAME, &RetrievePolicy).await?.0;
        let basis = issuer.basis(policy).await?;
        self.enter_online(&issuer, basis).await
    }

    async fn enter_online(&self, issuer: &Issuer<'_>, basis: Basis) -> Result<Token, CrmError> {
        let passport = issuer.ticket(&basis).await?;
        self.enter(WITH_PASSPORT, Proof::Passport(passport), Some(basis)).await
    }

    /// One call, or two where discovery answers a ticket without saying where it counts.
    async fn enter(&self, operation: &'static str, proof: Proof, basis: Option<Basis>) -> Result<Token, CrmError> {
        let organization = self.connection.organization.clone();
        let reply = self.discover(operation, &RetrieveCrmTicket { organization, proof: proof.clone() }).await?;
        let service = match reply.organization.and_then(Organization::into_service_url) {
            Some(service) => service,
            None => self.find_service(proof).await?,
        };
        let service = Url::parse(&service).map_err(|_| CrmError::Unreadable {
            operation,
            source: soap::Error::unexpected("an address", "").under("OrganizationDetail/CrmServiceUrl"),
        })?;
        // The guard judges the host on every call. What it cannot see is that the ticket would leave TLS.
        if self.connection.discovery.scheme() == "https" && service.scheme() != "https" {
            return Err(CrmError::Call { operation, source: CallError::Refused(GuardError::Scheme) });
        }
        tracing::debug!("signed in to CRM");
        let signed_in = SignedIn { ticket: reply.ticket.expose_secret().to_owned(), service, basis };
        let text = serde_json::to_string(&signed_in).expect("texts and an instant become JSON");
        Ok(Token { text: SecretString::from(text), expires_at: None })
    }

    /// Where the organization's CrmService is.
    async fn find_service(&self, proof: Proof) -> Result<String, CrmError> {
        let operation = RetrieveOrganizations::NAME;
        let found = self.discover(operation, &RetrieveOrganizations { proof }).await?.organizations.into_iter();
        let mut ours = found.filter(|found| found.name.eq_ignore_ascii_case(&self.connection.organization));
        ours.find_map(Organization::into_service_url)
            .ok_or(CrmError::Refused { operation, code: "no such organization".to_owned() })
    }

    async fn discover<M: Message>(&self, operation: &'static str, message: &M) -> Result<M::Reply, CrmError> {
        let body = message.to_xml();
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

impl SignedIn {
    /// Nothing where a later version of the code wrote something else.
    fn of(token: &Token) -> Option<Self> {
        serde_json::from_str(token.text.expose_secret()).ok()
    }
}

/// What discovery says of a name or a password that it does not believe: no log-on with them, access denied, and the
/// family of tickets that are not valid (`errors/crm2015_error_codes.tsv` of the contract).
const SECRET_REFUSED: [&str; 7] =
    ["0x80044311", "0x80048405", "0x8004A100", "0x8004A101", "0x8004A102", "0x8004A103", "0x8004A105"];

impl SignInError for CrmError {
    fn refusal(&self) -> Option<Refusal<'_>> {
        match self {
            Self::SignIn { operation, code, .. } if live_id::is_of_secret(operation, code) => {
                Some(Refusal { code, is_sure: true })
            }
            Self::SignIn { operation, code, .. }
                if *operation != WITH_PASSPORT && SECRET_REFUSED.contains(&code.as_str()) =>
            {
                Some(Refusal { code, is_sure: true })
            }
            // Other codes speak of the user or the organization, or of a wrong password in a way that is not
            // known. The secret is in the body, so that a 401 comes from IIS, which has not read it. A page, or another
            // status, comes from who does not know it either, and costs the account nothing.
            Self::SignIn { code, .. } if code.starts_with("0x") || code.starts_with("dc") || code == "HTTP 401" => {
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

/// The header of every CrmService call; its children's order is the schema's. Type 1 is Passport (Live ID), type 2 SPLA
/// (IFD), and the zero caller is the ticket's own user.
pub(crate) fn authentication_header(sign_in: &SignIn, ticket: &str, organization: &str) -> Element {
    let kind = match sign_in {
        SignIn::LiveId(_) => "1",
        SignIn::Ifd => "2",
    };
    let child = |local, text: &str| Element::new(TOKEN, local).with_text(text);
    Element::new(SERVICES, "CrmAuthenticationToken")
        .with(child("AuthenticationType", kind))
        .with(child("CrmTicket", ticket))
        .with(child("OrganizationName", organization))
        .with(child("CallerId", "00000000-0000-0000-0000-000000000000"))
}

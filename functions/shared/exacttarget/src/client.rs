//! The door: a tenant's account, and messages to it.

use std::sync::Arc;

use soap::FromXml;
use transport::{Client, TokenStore, Unshared};

use crate::{
    Connection, ExactTargetError, Pages,
    channel::{Outgoing, body_of},
    operations::{Message, Retrieve},
    session::Session,
};

/// One tenant's account at the platform.
pub struct ExactTarget {
    session: Session,
}

impl ExactTarget {
    /// A client that keeps its token to itself.
    pub fn new(connection: Connection, client: Client) -> Self {
        Self::with_tokens(connection, client, Arc::new(Unshared))
    }

    /// A client whose token is shared with every other function that uses this connection.
    pub fn with_tokens(connection: Connection, client: Client, store: Arc<dyn TokenStore>) -> Self {
        Self { session: Session::new(connection, client, store) }
    }

    /// Sends a message and reads its reply. An `OverallStatus` that is an error is an error.
    pub async fn send<M: Message>(&self, message: &M) -> Result<M::Reply, ExactTargetError> {
        let operation = M::NAME;
        let body = message.to_xml();
        let answer = self.session.send(Outgoing { operation, repeatable: M::REPEATABLE, body: &body }).await?;
        let reply = body_of(operation, &answer).map_err(|failure| failure.into_error(operation))?;
        let overall = reply.child_text("OverallStatus").parse().unwrap_or(crate::Overall::Failed);
        if reply.child("OverallStatus").is_some() {
            message.judge(&overall, reply.child("Results").is_some())?;
        }
        M::Reply::from_xml(&reply)
            .map_err(|source| ExactTargetError::Unreadable { operation, source: source.under(reply.local()) })
    }

    /// Pages of a retrieve, one after another, as they came.
    pub fn pages(&self, request: Retrieve) -> Pages<'_> {
        Pages::new(self, request)
    }

    /// A first page may be asked for again; a later one not: whether the platform would give the same one again, or skip
    /// the one whose answer was lost, is documented nowhere.
    pub(crate) async fn retrieve(&self, request: &Retrieve) -> Result<transport::Answer, ExactTargetError> {
        let body = soap::ToXml::to_xml(request);
        let repeatable = request.continues.is_none();
        self.session.send(Outgoing { operation: Retrieve::OPERATION, repeatable, body: &body }).await
    }
}

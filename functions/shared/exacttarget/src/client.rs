//! The door: a tenant's account, and messages to it.

use std::{fmt, sync::Arc};

use soap::{Element, FromXml};
use transport::{Answer, Client, TokenStore, Unshared};

use crate::{
    Connection, ExactTargetError, Filter, Pages,
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
        let answer = self.answer_to(message).await?;
        let reply = body_of(operation, &answer).map_err(|failure| failure.into_error(operation))?;
        let overall = reply.child_text("OverallStatus").parse().unwrap_or(crate::Overall::Failed);
        if reply.child("OverallStatus").is_some() {
            message.judge(&overall, reply.child("Results").is_some())?;
        }
        M::Reply::from_xml(&reply)
            .map_err(|source| ExactTargetError::Unreadable { operation, source: source.under(reply.local()) })
    }

    /// The object that is known by a property, with other properties of it; `None` if there is none. One of another value is
    /// not it: a filter that the platform does not support may not be heeded (contract §4).
    pub async fn find(
        &self,
        object: &str,
        by: &str,
        value: impl fmt::Display,
        properties: &[&str],
    ) -> Result<Option<Element>, ExactTargetError> {
        let wanted = value.to_string();
        let all = std::iter::once(by).chain(properties.iter().copied());
        let found = self.send(&Retrieve::of(object, all).only(Filter::equals(by, &wanted))).await?.results;
        Ok(found.into_iter().find(|one| one.child_text(by).trim() == wanted))
    }

    /// Pages of a retrieve, one after another, as they came.
    pub fn pages(&self, request: Retrieve) -> Pages<'_> {
        Pages::new(self, request)
    }

    /// Sends a message; its answer as it came.
    pub(crate) async fn answer_to<M: Message>(&self, message: &M) -> Result<Answer, ExactTargetError> {
        let body = message.to_xml();
        self.session.send(Outgoing { operation: M::NAME, repeatable: message.is_repeatable(), body: &body }).await
    }
}

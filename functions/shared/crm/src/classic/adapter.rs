//! The port, spoken in CRM 4.0.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{CrmId, RecordRef, Timestamp};
use transport::{Client, TokenStore, Unshared};

use super::{
    Columns, Condition, Connection, DynamicEntity, Filter, Joined, Operator, Order, PageRequest, Query,
    channel::Outgoing,
    fault::Code,
    lacks,
    operations::{
        Create, Fetch, FetchPage, Message, Principal, Retrieve, RetrieveEach, RetrievePrincipalAccess, Rights, Update,
        WhoAmI,
    },
    people,
    query::MOST_PER_PAGE,
    records, sends,
    session::Session,
    value::to_the_second,
};
use crate::{
    Access, Account, Among, Campaign, Crm, CrmError, Cursor, Each, Lack, MarketingList, Note, Owner, Person,
    RecipientKind, RequestRecord, RequestState, SendRecord, SendReport, SiteOnRecord, schema,
};

/// A tenant's CRM 4.0.
///
/// The first call signs in, which costs one more call (two if discovery does not say where the organization is); of CRM
/// Online four, and two more where Live ID does not know the device yet. An expired ticket costs two more, the new sign-in
/// and the call again; of CRM Online three. The numbers of calls in the methods' docs are
/// without these.
pub struct ClassicCrm {
    session: Session,
}

impl ClassicCrm {
    /// A CRM behind a connection. The client's guard says which hosts it may lie on; nothing is called yet.
    pub fn new(connection: Connection, client: Client) -> Self {
        Self::with_tokens(connection, client, Arc::new(Unshared))
    }

    /// The same, with its ticket where other functions find it.
    pub fn with_tokens(connection: Connection, client: Client, tokens: Arc<dyn TokenStore>) -> Self {
        Self { session: Session::new(connection, client, tokens) }
    }

    /// Sends one operation and reads its reply, signing in first where needed.
    pub async fn call<M: Message>(&self, message: &M) -> Result<M::Reply, CrmError> {
        let (body, operation) = (message.to_xml(), M::NAME);
        let message = Outgoing { operation, action: M::ACTION, repeatable: M::REPEATABLE, body: &body };
        let reply = self.session.send(message).await?;
        soap::FromXml::from_xml(&reply).map_err(|source| unreadable(operation)(source.under(reply.local())))
    }

    /// Sends one page of a query as FetchXML.
    pub async fn fetch(&self, query: &Query) -> Result<FetchPage, CrmError> {
        let fetch = Fetch::new(query).map_err(|source| CrmError::Unsendable { operation: "Fetch", source })?;
        self.call(&fetch).await
    }

    /// Reads one record; `None` if CRM does not have it.
    pub(super) async fn record(
        &self,
        entity: &str,
        id: CrmId,
        columns: Columns,
    ) -> Result<Option<DynamicEntity>, CrmError> {
        match self.call(&Retrieve { entity: entity.to_owned(), id, columns }).await {
            Ok(found) => Ok(Some(found.0)),
            Err(CrmError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Names the operation in whose reply something could not be read.
pub(super) fn unreadable(operation: &'static str) -> impl FnOnce(soap::Error) -> CrmError {
    move |source| CrmError::Unreadable { operation, source }
}

#[async_trait]
impl Crm for ClassicCrm {
    /// One call.
    async fn who_am_i(&self) -> Result<CrmId, CrmError> {
        self.call(&WhoAmI).await.map(|identity| identity.user)
    }

    /// Eight calls where nothing is lacking; one more for each attribute of an entity that lacks some.
    async fn lacks(&self) -> Result<Vec<Lack>, CrmError> {
        lacks::find(self).await
    }

    /// One call.
    async fn request_record(&self, id: CrmId) -> Result<Option<RequestRecord>, CrmError> {
        let columns = Columns::named(records::REQUEST_COLUMNS);
        let found = self.record(schema::site_request::ENTITY, id, columns).await?;
        found.map(|found| records::read_request(&found).map_err(unreadable("Retrieve"))).transpose()
    }

    /// One call: `limit` is at most one page. CRM keeps seconds, so a record made in the second of `since` counts.
    async fn unanswered_requests(&self, since: Timestamp, limit: usize) -> Result<Vec<RequestRecord>, CrmError> {
        use schema::site_request::{ENTITY, STATUS};
        let size = u32::try_from(limit).unwrap_or(MOST_PER_PAGE).clamp(1, MOST_PER_PAGE);
        // The attribute's default is "new", which CRM 4.0's forms apply and its services do not.
        let stated = Condition::new(STATUS, Operator::Equal, [records::NEW.to_string()]);
        let unstated = Condition::new(STATUS, Operator::Null, []);
        let new = Filter { joined: Joined::Or, ..Filter::all([stated, unstated]) };
        let recent = Condition::new("createdon", Operator::GreaterEqual, [to_the_second(since)]);
        let criteria = Filter { filters: vec![new], ..Filter::all([recent]) };
        let query = Query {
            page: PageRequest { number: 1, size, cookie: None },
            orders: vec![Order { attribute: "createdon".to_owned(), descending: false }],
            ..Query::of(ENTITY, Columns::named(records::REQUEST_COLUMNS)).only(criteria)
        };
        Ok(self.call(&RetrieveEach(query)).await?.read(records::read_request))
    }

    /// One call, which sets state, reason and address together.
    async fn answer_request(&self, id: CrmId, state: &RequestState) -> Result<(), CrmError> {
        self.call(&Update(records::answer(id, state))).await.map(|_| ())
    }

    /// One call.
    async fn account(&self, id: CrmId) -> Result<Option<Account>, CrmError> {
        let found = self.record("account", id, Columns::named(records::ACCOUNT_COLUMNS)).await?;
        found.map(|found| records::read_account(&found).map_err(unreadable("Retrieve"))).transpose()
    }

    /// One call.
    async fn access(&self, user: CrmId, target: RecordRef) -> Result<Access, CrmError> {
        let question = RetrievePrincipalAccess { target, principal: Principal::User(user) };
        self.call(&question).await.map(|rights| Access::from(&rights.0))
    }

    /// Three calls: the owner, the shares, the users. One more if the record is shared with teams, whatever their
    /// number: their members come with names and logins, so the last call is only for those who are in no team. More
    /// only beyond 5,000 memberships (pages) or 500 other users.
    async fn people(&self, target: RecordRef) -> Result<Vec<Person>, CrmError> {
        people::find(self, target).await
    }

    /// One call.
    async fn write_site(&self, target: RecordRef, site: &SiteOnRecord) -> Result<(), CrmError> {
        self.call(&Update(records::site(target, site))).await.map(|_| ())
    }

    /// Two calls, one if the note is already there. A Create is never repeated by itself: after an error whose call
    /// may have landed, calling this again asks first.
    async fn add_note(&self, target: RecordRef, note: &Note) -> Result<(), CrmError> {
        if self.record("annotation", note.id, Columns::named(["annotationid"])).await?.is_some() {
            return Ok(());
        }
        match self.call(&Create(records::note(target, note))).await {
            Ok(_) => Ok(()),
            // Somebody put it there since we asked: a late effect of ours, or another delivery of the same work.
            Err(CrmError::Refused { code, .. }) if code == Code::DUPLICATE_KEY.to_string() => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn due_sends(&self, now: Timestamp, limit: usize) -> Result<Vec<SendRecord>, CrmError> {
        sends::due(self, now, limit).await
    }

    async fn send_record(&self, id: CrmId) -> Result<Option<SendRecord>, CrmError> {
        sends::record(self, id).await
    }

    async fn tell_send(&self, id: CrmId, report: &SendReport) -> Result<(), CrmError> {
        sends::tell(self, id, report).await
    }

    async fn campaign(&self, id: CrmId) -> Result<Option<Campaign>, CrmError> {
        sends::campaign(self, id).await
    }

    async fn marketing_list(&self, id: CrmId) -> Result<Option<MarketingList>, CrmError> {
        sends::list(self, id).await
    }

    async fn recipients(
        &self,
        kind: RecipientKind,
        among: Among,
        attributes: &[String],
        after: Option<&Cursor>,
        each: Each<'_>,
    ) -> Result<Option<Cursor>, CrmError> {
        sends::recipients(self, kind, among, attributes, after, each).await
    }

    async fn owners(&self) -> Result<Vec<Owner>, CrmError> {
        sends::owners(self).await
    }
}

impl From<&Rights> for Access {
    fn from(rights: &Rights) -> Self {
        use super::operations::Right;
        Self { read: rights.has(Right::Read), write: rights.has(Right::Write) }
    }
}

//! Send records and recipients, as CRM 4.0 keeps them.
//!
//! `listmember` and `campaignitem` are written by messages and read by queries; a list's members are of one kind, and
//! there are no dynamic lists (contract §5: from CRM 2011 on).

use domain::{CrmId, Timestamp};
use soap::{Error, Row};

use super::{
    ClassicCrm, Columns, Condition, DynamicEntity, Filter, Joined, Kind, Link, Operator, Order, PageRequest, Query,
    Value,
    adapter::unreadable,
    operations::{FetchPage, RetrieveEach, Update},
    query::MOST_PER_PAGE,
    records::storable,
    value::to_the_second,
};
use crate::{
    Among, Campaign, CrmError, Cursor, Each, MarketingList, Owner, Recipient, RecipientKind, SendRecord, SendReport,
    SendStatus, Target,
    schema::{campaign, send},
};

/// What is read of a send record.
pub(super) const SEND_COLUMNS: [&str; 15] = [
    send::ID,
    send::NAME,
    send::CAMPAIGN,
    send::LIST,
    send::LEAD,
    send::CONTACT,
    send::ACCOUNT,
    send::EMAIL,
    send::SUBJECT,
    send::SCHEDULED,
    send::HOLD,
    send::CANCEL,
    send::STATUS,
    "statecode",
    "ownerid",
];

/// The most that CRM keeps of a reason, and of the reasons of those who were left out (`infra/crm/entities.json`).
const MOST_OF_REASON: usize = 2_000;

/// One call: `limit` is at most one page. CRM keeps seconds.
pub(super) async fn due(crm: &ClassicCrm, now: Timestamp, limit: usize) -> Result<Vec<SendRecord>, CrmError> {
    let size = u32::try_from(limit).unwrap_or(MOST_PER_PAGE).clamp(1, MOST_PER_PAGE);
    let either = |one, other| Filter { joined: Joined::Or, ..Filter::all([one, other]) };
    // The default is 1, which CRM 4.0's forms apply and its services do not.
    let is_new = either(
        Condition::new(send::STATUS, Operator::Equal, [number_of(SendStatus::New).to_string()]),
        Condition::new(send::STATUS, Operator::Null, []),
    );
    // Before the next second: CRM keeps no fractions.
    let next = to_the_second(now.saturating_add(domain::SignedDuration::from_secs(1)).unwrap_or(now));
    let is_due = either(
        Condition::new(send::SCHEDULED, Operator::LessThan, [next]),
        Condition::new(send::SCHEDULED, Operator::Null, []),
    );
    let is_active = Condition::new("statecode", Operator::Equal, ["Active".to_owned()]);
    let criteria = Filter { filters: vec![is_new, is_due], ..Filter::all([is_active]) };
    let query = Query {
        page: PageRequest { number: 1, size, cookie: None },
        orders: vec![Order { attribute: "createdon".to_owned(), descending: false }],
        ..Query::of(send::ENTITY, Columns::named(SEND_COLUMNS)).only(criteria)
    };
    Ok(crm.call(&RetrieveEach(query)).await?.read(read_send))
}

/// One call.
pub(super) async fn record(crm: &ClassicCrm, id: CrmId) -> Result<Option<SendRecord>, CrmError> {
    let found = crm.record(send::ENTITY, id, Columns::named(SEND_COLUMNS)).await?;
    found.map(|found| read_send(&found).map_err(unreadable("Retrieve"))).transpose()
}

/// One call, which sets all of it.
pub(super) async fn tell(crm: &ClassicCrm, id: CrmId, report: &SendReport) -> Result<(), CrmError> {
    crm.call(&Update(written(id, report))).await.map(|_| ())
}

/// Two calls: the campaign, and its lists.
pub(super) async fn campaign(crm: &ClassicCrm, id: CrmId) -> Result<Option<Campaign>, CrmError> {
    let columns = Columns::named(["campaignid", "name", "statecode", campaign::MAIL_OFF]);
    let Some(found) = crm.record("campaign", id, columns).await? else { return Ok(None) };
    let query = Query {
        links: vec![member_of("campaignitem", "listid", "campaignid", id)],
        ..Query::of("list", Columns::named(["listid"]))
    };
    let mut lists = Vec::new();
    for_each_row(crm, query, |row| {
        lists.extend(row.get("listid").and_then(|id| id.parse::<CrmId>().ok()));
        Ok(())
    })
    .await?;
    lists.sort();
    lists.dedup();
    let read = || {
        let is_off = found.boolean(campaign::MAIL_OFF)?.unwrap_or(false);
        let is_on = found.state("statecode")? == "Active" && !is_off;
        Ok(Some(Campaign { name: found.text("name")?.to_owned(), is_on, lists }))
    };
    read().map_err(unreadable("Retrieve"))
}

/// One call.
pub(super) async fn list(crm: &ClassicCrm, id: CrmId) -> Result<Option<MarketingList>, CrmError> {
    let columns = Columns::named(["listid", "listname", "createdfromcode", "statecode"]);
    let Some(found) = crm.record("list", id, columns).await? else { return Ok(None) };
    let read = || {
        let kind = match found.picklist("createdfromcode")? {
            Some(1) => Some(RecipientKind::Account),
            Some(2) => Some(RecipientKind::Contact),
            Some(4) => Some(RecipientKind::Lead),
            _ => None,
        };
        let is_active = found.state("statecode")? == "Active";
        Ok(Some(MarketingList { name: found.text("listname")?.to_owned(), kind, is_active }))
    };
    read().map_err(unreadable("Retrieve"))
}

/// One call for each 5,000 records.
pub(super) async fn recipients(
    crm: &ClassicCrm,
    kind: RecipientKind,
    among: Among,
    attributes: &[String],
    after: Option<&Cursor>,
    each: Each<'_>,
) -> Result<Option<Cursor>, CrmError> {
    let (number, cookie) = after.map_or((1, None), |after| (after.page, after.cookie.clone()));
    let key = format!("{}id", kind.entity());
    let filtered = |attribute: &str, value: String| Filter::all([Condition::new(attribute, Operator::Equal, [value])]);
    let query = Query {
        page: PageRequest { number, size: MOST_PER_PAGE, cookie },
        ..Query::of(kind.entity(), Columns::named(attributes.iter().map(String::as_str)))
    };
    let query = match among {
        Among::MembersOf(list) => Query { links: vec![member_of("listmember", &key, "listid", list)], ..query },
        Among::Only(id) => query.only(filtered(&key, id.to_string())),
        Among::OptedOutSince(since) => {
            let mut filter = filtered("donotbulkemail", "1".to_owned());
            filter.conditions.push(Condition::new("modifiedon", Operator::GreaterEqual, [to_the_second(since)]));
            query.only(filter)
        }
    };
    let page = crm.fetch(&query).await?;
    let next = read_page(&page, &query, |row| {
        each(&Fetched(row));
        Ok(())
    });
    let next = next.map_err(unreadable("Fetch"))?;
    Ok(next.map(|next| Cursor { page: next.page.number, cookie: next.page.cookie }))
}

/// One call for each 5,000 users.
pub(super) async fn owners(crm: &ClassicCrm) -> Result<Vec<Owner>, CrmError> {
    let query = Query::of("systemuser", Columns::named(["systemuserid", "fullname", "internalemailaddress"]));
    let mut owners = Vec::new();
    for_each_row(crm, query, |row| {
        let text = |name| row.get(name).unwrap_or_default().to_owned();
        let id = text("systemuserid").parse().map_err(|_| Error::unexpected("an id", "none").under("systemuserid"))?;
        owners.push(Owner { id, name: text("fullname"), email: text("internalemailaddress") });
        Ok(())
    })
    .await?;
    Ok(owners)
}

/// Records that an intersect entity joins to `id` by its attribute `by`.
fn member_of(intersect: &str, key: &str, by: &str, id: CrmId) -> Link {
    Link {
        outer_attribute: key.to_owned(),
        entity: intersect.to_owned(),
        attribute: "entityid".to_owned(),
        alias: "member".to_owned(),
        columns: Vec::new(),
        filter: Some(Filter::all([Condition::new(by, Operator::Equal, [id.to_string()])])),
        links: Vec::new(),
    }
}

async fn for_each_row(
    crm: &ClassicCrm,
    query: Query,
    mut take: impl FnMut(&Row<'_>) -> Result<(), Error>,
) -> Result<(), CrmError> {
    let mut query = Some(query);
    while let Some(asked) = query {
        let page = crm.fetch(&asked).await?;
        query = read_page(&page, &asked, &mut take).map_err(unreadable("Fetch"))?;
    }
    Ok(())
}

fn read_page(
    page: &FetchPage,
    asked: &Query,
    mut take: impl FnMut(&Row<'_>) -> Result<(), Error>,
) -> Result<Option<Query>, Error> {
    let mut rows = page.rows()?;
    while let Some(row) = rows.next_row()? {
        take(row)?;
    }
    page.following(asked)
}

struct Fetched<'r, 'a>(&'r Row<'a>);

impl Recipient for Fetched<'_, '_> {
    fn value(&self, attribute: &str) -> Option<&str> {
        self.0.get(attribute).filter(|text| !text.is_empty())
    }
}

fn read_send(found: &DynamicEntity) -> Result<SendRecord, Error> {
    let to = |attribute| Ok::<_, Error>(found.reference(attribute)?.map(|to| to.id));
    let people = [
        to(send::LIST)?.map(Target::List),
        to(send::LEAD)?.map(Target::Lead),
        to(send::CONTACT)?.map(Target::Contact),
        to(send::ACCOUNT)?.map(Target::Account),
    ];
    let mut targets: Vec<Target> = people.into_iter().flatten().collect();
    let campaign = to(send::CAMPAIGN)?;
    if targets.is_empty() {
        targets.extend(campaign.map(Target::Campaign));
    }
    Ok(SendRecord {
        id: found.key(send::ID)?,
        name: found.text(send::NAME)?.to_owned(),
        targets,
        campaign,
        email: found.number(send::EMAIL)?.and_then(|number| u64::try_from(number).ok()).filter(|number| *number > 0),
        subject: Some(found.text(send::SUBJECT)?.to_owned()).filter(|subject| !subject.trim().is_empty()),
        not_before: match found.get(send::SCHEDULED) {
            Some(_) => Some(found.instant(send::SCHEDULED)?),
            None => None,
        },
        is_held: found.boolean(send::HOLD)?.unwrap_or(false),
        is_cancelled: found.boolean(send::CANCEL)?.unwrap_or(false),
        is_active: found.state("statecode")? == "Active",
        status: read_status(found)?,
        owner: found.required_reference("ownerid")?.id,
    })
}

fn read_status(found: &DynamicEntity) -> Result<SendStatus, Error> {
    let Some(number) = found.picklist(send::STATUS)? else { return Ok(SendStatus::New) };
    let place = usize::try_from(number - 1).ok();
    let status = place.and_then(|place| SendStatus::ALL.get(place).copied());
    status.ok_or_else(|| Error::unexpected("1 to 10", &number.to_string()).under(send::STATUS))
}

fn number_of(status: SendStatus) -> i32 {
    let place = SendStatus::ALL.iter().position(|one| *one == status).unwrap_or_default();
    i32::try_from(place).unwrap_or_default() + 1
}

/// Everything is set, so that nothing of an earlier report stays. CRM's numbers end at 2³¹ - 1.
fn written(id: CrmId, report: &SendReport) -> DynamicEntity {
    let count = |count: Option<u64>| match count {
        Some(count) => Value::Number(i32::try_from(count).unwrap_or(i32::MAX)),
        None => Value::Null(Kind::Number),
    };
    let totals = report.totals.as_ref();
    let exclusions = totals.map(|totals| totals.exclusions.as_str()).unwrap_or_default();
    DynamicEntity::new(send::ENTITY)
        .with(send::ID, Value::Key(id))
        .with(send::STATUS, Value::Picklist(number_of(report.status)))
        .with(send::REASON, Value::String(storable(&report.reason, MOST_OF_REASON)))
        .with(send::LISTED, count(totals.map(|totals| totals.listed)))
        .with(send::EXCLUDED, count(totals.map(|totals| totals.excluded)))
        .with(send::ACCEPTED, count(totals.and_then(|totals| totals.accepted)))
        .with(send::FAILED, count(totals.and_then(|totals| totals.failed)))
        .with(send::EXCLUSIONS, Value::String(storable(exclusions, MOST_OF_REASON)))
        .with(send::PARTS, count(totals.map(|totals| totals.parts)))
        .with(send::JOB, Value::String(report.job.map(|job| job.to_string()).unwrap_or_default()))
        .with(send::RELEASED_ON, report.released_on.map_or(Value::Null(Kind::DateTime), Value::DateTime))
}

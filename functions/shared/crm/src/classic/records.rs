//! Our records, as CRM 4.0 keeps them.

use domain::{CrmId, RecordRef};
use soap::Error;

use super::{DynamicEntity, Reference, Value};
use crate::{
    Account, Note, RequestRecord, RequestState, SiteOnRecord,
    schema::{account, site_request},
};

/// What is read of a request record.
pub(super) const REQUEST_COLUMNS: [&str; 8] = [
    site_request::ID,
    site_request::TARGET,
    site_request::ACCOUNT,
    site_request::STATUS,
    site_request::REASON,
    site_request::SITE_URL,
    "createdon",
    "createdby",
];
/// What is read of an account.
pub(super) const ACCOUNT_COLUMNS: [&str; 5] = ["accountid", "name", "statecode", "ownerid", account::SITE_URL];

/// The numbers of a request record's states (`infra/crm/entities.json`).
pub(super) const NEW: i32 = 1;
const ACCEPTED: i32 = 2;
const READY: i32 = 3;
const REFUSED: i32 = 4;

/// The most that CRM keeps of a reason (`infra/crm/entities.json`), of a note's subject and of its text.
const MOST_OF_REASON: usize = 2_000;
const MOST_OF_SUBJECT: usize = 500;
const MOST_OF_TEXT: usize = 100_000;

/// Reads a request record.
pub(super) fn read_request(found: &DynamicEntity) -> Result<RequestRecord, Error> {
    Ok(RequestRecord {
        id: found.key(site_request::ID)?,
        target: read_target(found)?,
        created_on: found.instant("createdon")?,
        created_by: found.required_reference("createdby")?.id,
        state: read_state(found)?,
    })
}

/// A record states its target twice, as a text and as a lookup. Only what both say is believed.
fn read_target(found: &DynamicEntity) -> Result<Option<RecordRef>, Error> {
    let stated = found.text(site_request::TARGET)?.trim().split_once(':').and_then(|(kind, id)| {
        let kind = kind.parse().ok()?;
        Some(RecordRef { kind, id: id.parse().ok()? })
    });
    let account = found.reference(site_request::ACCOUNT)?.map(|to| to.id);
    Ok(stated.filter(|stated| account == Some(stated.id)))
}

fn read_state(found: &DynamicEntity) -> Result<RequestState, Error> {
    Ok(match found.picklist(site_request::STATUS)? {
        // The attribute's default is 1, which CRM 4.0's forms apply and its services do not.
        None | Some(NEW) => RequestState::New,
        Some(ACCEPTED) => RequestState::Accepted,
        Some(READY) => RequestState::Ready(found.text(site_request::SITE_URL)?.to_owned()),
        Some(REFUSED) => RequestState::Refused(found.text(site_request::REASON)?.to_owned()),
        Some(other) => return Err(Error::unexpected("1 to 4", &other.to_string()).under(site_request::STATUS)),
    })
}

/// A request record's answer. All three attributes are set, so that nothing of an earlier answer stays.
pub(super) fn answer(id: CrmId, state: &RequestState) -> DynamicEntity {
    let (status, reason, url) = match state {
        RequestState::New => (NEW, "", ""),
        RequestState::Accepted => (ACCEPTED, "", ""),
        RequestState::Ready(url) => (READY, "", url.as_str()),
        RequestState::Refused(reason) => (REFUSED, reason.as_str(), ""),
    };
    DynamicEntity::new(site_request::ENTITY)
        .with(site_request::ID, Value::Key(id))
        .with(site_request::STATUS, Value::Picklist(status))
        .with(site_request::REASON, Value::String(storable(reason, MOST_OF_REASON)))
        .with(site_request::SITE_URL, Value::String(url.to_owned()))
}

/// Reads an account.
pub(super) fn read_account(found: &DynamicEntity) -> Result<Account, Error> {
    let site_url = found.text(account::SITE_URL)?;
    let owner = found.required_reference("ownerid")?;
    Ok(Account {
        id: found.key("accountid")?,
        name: found.text("name")?.to_owned(),
        active: found.state("statecode")? == "Active",
        owner: owner.id,
        owner_name: owner.name.clone().filter(|name| !name.is_empty()),
        site_url: (!site_url.is_empty()).then(|| site_url.to_owned()),
    })
}

/// What a record keeps of its site.
pub(super) fn site(target: RecordRef, site: &SiteOnRecord) -> DynamicEntity {
    let lists = site.lists.iter().map(|(title, id)| (title.clone(), id.clone().into())).collect();
    DynamicEntity::new(target.kind.entity())
        .with(&key_of(target), Value::Key(target.id))
        .with(account::SITE_ENABLED, Value::Boolean(true))
        .with(account::SITE_URL, Value::String(site.url.clone()))
        .with(account::SITE_LISTS, Value::String(serde_json::Value::Object(lists).to_string()))
}

/// A note, which CRM 4.0 calls an annotation. It names the kind of its record beside the reference to it.
pub(super) fn note(target: RecordRef, note: &Note) -> DynamicEntity {
    let entity = target.kind.entity();
    DynamicEntity::new("annotation")
        .with("annotationid", Value::Key(note.id))
        .with("subject", Value::String(storable(&note.subject, MOST_OF_SUBJECT)))
        .with("notetext", Value::String(storable(&note.text, MOST_OF_TEXT)))
        .with("objectid", Value::Lookup(Reference::to(entity, target.id)))
        .with("objecttypecode", Value::EntityName(entity.to_owned()))
}

/// CRM 4.0 names the key of an entity after it.
fn key_of(target: RecordRef) -> String {
    format!("{}id", target.kind.entity())
}

/// What CRM can keep of a text for people: at most so many characters as CRM counts them (UTF-16 units), whole ones
/// only, and `U+FFFD` for what XML cannot carry.
pub(super) fn storable(text: &str, most: usize) -> String {
    let mut length = 0;
    let fits = |character: &char| {
        length += character.len_utf16();
        length <= most
    };
    text.chars().take_while(fits).map(|c| if soap::is_char(c) { c } else { '\u{fffd}' }).collect()
}

#[cfg(test)]
mod tests;

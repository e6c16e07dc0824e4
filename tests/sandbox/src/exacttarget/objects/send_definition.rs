//! Sends that are prepared, and their release (contract §6, Sending, B).

use domain::Timestamp;
use soap::Element;

use super::{Save, is_true, number, text};
use crate::exacttarget::{
    account::{Account, Audience, SendDefinition},
    answer::{Outcome, Refused},
    job::Release,
};

/// Makes or changes one. That a second one of the same key is refused is what keeps a client from sending twice.
pub(super) fn save(account: &mut Account, how: Save, asked: &Element, now: Timestamp) -> Result<Outcome, Refused> {
    let key = text(asked, "CustomerKey").ok_or_else(|| Refused::new(42_001, "ESD_Not Specified"))?;
    let before = account.send_definitions.get(&key);
    match (how, before) {
        // The message for this case is invented; the code is the general one of a name that is taken.
        (Save::Create, Some(_)) => return Err(Refused::new(1, "Name already exists")),
        (Save::Update, None) => return Err(Refused::new(42_002, "ESD_Not Found")),
        _ => {}
    }
    let object_id = before.map(|before| before.object_id);
    let read = read(account, key.clone(), asked, now)?;
    let object_id = object_id.unwrap_or_else(|| account.next_object_id());
    account.send_definitions.insert(key, SendDefinition { object_id, ..read });
    let message = if how == Save::Create { "EmailSendDefinition created" } else { "EmailSendDefinition updated" };
    Ok(Outcome { message: message.to_owned(), new_object_id: Some(object_id), ..Outcome::default() })
}

fn read(account: &Account, key: String, asked: &Element, now: Timestamp) -> Result<SendDefinition, Refused> {
    let classification = asked.child("SendClassification").and_then(|it| text(it, "CustomerKey"));
    let classification = classification.filter(|key| account.classifications.contains_key(key));
    let email = asked.child("Email").ok_or_else(|| Refused::new(42_005, "ESD_Email Not Specified"))?;
    let email = number(email, "ID").filter(|id| account.emails.contains_key(id));
    let (mut sources, mut exclusions) = (Vec::new(), Vec::new());
    for list in asked.all("SendDefinitionList") {
        let audience = audience(account, list)?;
        match text(list, "SendDefinitionListType").as_deref() {
            Some("ExclusionList") => exclusions.push(audience),
            _ => sources.push(audience),
        }
    }
    Ok(SendDefinition {
        object_id: uuid::Uuid::nil(),
        name: text(asked, "Name").unwrap_or_else(|| key.clone()),
        key,
        email: email.ok_or_else(|| Refused::new(42_004, "ESD_Email Not Found"))?,
        subject: text(asked, "EmailSubject"),
        classification: classification.ok_or_else(|| Refused::new(42_003, "ESD_Send Classification Not Found"))?,
        sources,
        exclusions,
        from: from(asked),
        is_deduplicated: is_true(asked, "DeduplicateByEmail"),
        additional: text(asked, "Additional").unwrap_or_default(),
        created: now,
    })
}

fn audience(account: &Account, list: &Element) -> Result<Audience, Refused> {
    let publication = list.child("List").and_then(|list| number(list, "ID"));
    if publication.is_some_and(|id| !account.lists.contains_key(&id)) {
        return Err(Refused::new(42_007, "ESD_List Not Found"));
    }
    if text(list, "DataSourceTypeID").as_deref() == Some("CustomObject") {
        let id = text(list, "CustomObjectID").and_then(|id| id.parse().ok());
        let table = id.and_then(|id| account.table_by_id(id));
        let table = table.ok_or_else(|| Refused::new(42_008, "ESD_Custom Object Not Found"))?;
        return Ok(Audience::Table(table.object_id, publication));
    }
    publication.map(Audience::List).ok_or_else(|| Refused::new(42_007, "ESD_List Not Found"))
}

/// The sender, where it is said here or in a profile.
fn from(asked: &Element) -> Option<(String, String)> {
    let of = |element: &Element| Some((text(element, "FromName")?, text(element, "FromAddress")?));
    asked.child("SenderProfile").and_then(of).or_else(|| of(asked))
}

/// Removes one. What was released goes on.
pub(super) fn delete(account: &mut Account, asked: &Element) -> Result<Outcome, Refused> {
    let key = text(asked, "CustomerKey").unwrap_or_default();
    match account.send_definitions.remove(&key) {
        Some(_) => Ok(Outcome { message: "EmailSendDefinition deleted".to_owned(), ..Outcome::default() }),
        None => Err(Refused::new(42_002, "ESD_Not Found")),
    }
}

/// Releases one: its task is the number of the job. Each start sends again.
pub(super) fn start(account: &mut Account, asked: &Element, now: Timestamp) -> Result<Outcome, Refused> {
    let key = text(asked, "CustomerKey").unwrap_or_default();
    let missing = || Refused::new(42_002, "ESD_Not Found");
    let definition = account.send_definitions.get(&key).ok_or_else(missing)?.clone();
    let release = Release {
        definition: Some(key),
        email: definition.email,
        subject: definition.subject,
        // The sender may be another one this time (contract §6).
        from: from(asked).or(definition.from),
        additional: definition.additional,
        sources: definition.sources,
        exclusions: definition.exclusions,
        is_deduplicated: definition.is_deduplicated,
    };
    let job = account.release(release, now).ok_or_else(|| Refused::new(42_004, "ESD_Email Not Found"))?;
    Ok(Outcome { message: "EmailSendDefinition performed".to_owned(), task: Some(job), ..Outcome::default() })
}

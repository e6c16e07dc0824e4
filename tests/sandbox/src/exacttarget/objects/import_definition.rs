//! Definitions of imports (contract §6, File import).

use domain::Timestamp;
use soap::Element;

use super::{Save, is_true, number, text};
use crate::exacttarget::{
    account::Account,
    answer::{Outcome, Refused},
    import::{Destination, ImportDefinition},
    seed::{BUCKET, ENHANCED_FTP},
};

/// Makes or changes one.
pub(super) fn save(account: &mut Account, how: Save, asked: &Element, now: Timestamp) -> Result<Outcome, Refused> {
    let key = text(asked, "CustomerKey")
        .ok_or_else(|| Refused::new(43_000, "ImportDefinition Customer Key Not Specified"))?;
    let before = account.import_definitions.get(&key);
    match (how, before) {
        (Save::Create, Some(_)) => return Err(Refused::new(43_030, "ImportDefinition Exists")),
        (Save::Update, None) => return Err(Refused::new(43_010, "ImportDefinition Not Found")),
        _ => {}
    }
    let object_id = before.map(|before| before.object_id);
    let read = read(account, key.clone(), asked, now)?;
    let object_id = object_id.unwrap_or_else(|| account.next_object_id());
    account.import_definitions.insert(key, ImportDefinition { object_id, ..read });
    let message = if how == Save::Create { "ImportDefinition created." } else { "ImportDefinition updated." };
    Ok(Outcome { message: message.to_owned(), new_object_id: Some(object_id), ..Outcome::default() })
}

fn read(account: &Account, key: String, asked: &Element, now: Timestamp) -> Result<ImportDefinition, Refused> {
    let invalid = |text: &str| Refused::new(43_060, text);
    let location = asked.child("RetrieveFileTransferLocation").and_then(|location| text(location, "CustomerKey"));
    // Others than the first one are made in the account by people.
    if !location.is_some_and(|key| [ENHANCED_FTP, BUCKET].contains(&&*key)) {
        return Err(invalid("RetrieveFileTransferLocation is not known."));
    }
    let to = asked.child("DestinationObject").ok_or_else(|| invalid("DestinationObject is missing."))?;
    let (destination, first) = match to.kind().map(|kind| &*kind.local) {
        Some("List") => {
            let id = number(to, "ID").filter(|id| account.lists.contains_key(id));
            (Destination::List(id.ok_or_else(|| invalid("The list was not found."))?), 0)
        }
        Some("DataExtension") => {
            let by_key = text(to, "CustomerKey").filter(|key| account.tables.contains_key(key));
            let by_id = || {
                let id = text(to, "ObjectID")?.parse().ok()?;
                account.table_by_id(id).map(|table| table.key.clone())
            };
            let key = by_key.or_else(by_id).ok_or_else(|| invalid("The data extension was not found."))?;
            (Destination::Table(key), 1)
        }
        _ => return Err(Refused::new(43_020, "ImportDefinition Object Not Supported")),
    };
    let mapping = match text(asked, "FieldMappingType").as_deref() {
        Some("InferFromColumnHeadings") => None,
        // Places count from 0 for a list and from 1 for a data extension (contract §6).
        Some("MapByOrdinal") => Some(by_place(asked, first)?),
        _ => return Err(invalid("FieldMappingType is not supported here.")),
    };
    let update = text(asked, "UpdateType").unwrap_or_default();
    if !["AddAndUpdate", "AddAndDoNotUpdate", "UpdateButDoNotAdd", "Overwrite"].contains(&&*update) {
        return Err(invalid("UpdateType is not supported here."));
    }
    let delimiter = match text(asked, "FileType").as_deref() {
        Some("CSV") => b',',
        Some("TAB") => b'\t',
        Some("Other") => text(asked, "Delimiter").and_then(|it| it.bytes().next()).unwrap_or(b','),
        _ => return Err(invalid("FileType is not known.")),
    };
    Ok(ImportDefinition {
        object_id: uuid::Uuid::nil(),
        name: text(asked, "Name").unwrap_or_else(|| key.clone()),
        key,
        destination,
        mapping,
        file: text(asked, "FileSpec").ok_or_else(|| invalid("FileSpec is missing."))?,
        delimiter,
        update,
        allows_errors: is_true(asked, "AllowErrors"),
        created: now,
    })
}

fn by_place(asked: &Element, first: usize) -> Result<Vec<(usize, String)>, Refused> {
    let invalid = || Refused::new(43_060, "A FieldMap has a place and a name.");
    let maps = asked.child("FieldMaps").into_iter().flat_map(|maps| maps.all("FieldMap"));
    maps.map(|map| {
        let place: usize = text(map, "SourceOrdinal").and_then(|it| it.parse().ok()).ok_or_else(invalid)?;
        let place = place.checked_sub(first).ok_or_else(invalid)?;
        Ok((place, text(map, "DestinationName").ok_or_else(invalid)?))
    })
    .collect()
}

/// Removes one. What was started goes on.
pub(super) fn delete(account: &mut Account, asked: &Element) -> Result<Outcome, Refused> {
    let key = text(asked, "CustomerKey").unwrap_or_default();
    match account.import_definitions.remove(&key) {
        Some(_) => Ok(Outcome { message: "ImportDefinition deleted".to_owned(), ..Outcome::default() }),
        None => Err(Refused::new(43_010, "ImportDefinition Not Found")),
    }
}

/// Starts one; whole definitions that are not stored may be started too, for data extensions (contract §6).
pub(super) fn start(account: &mut Account, asked: &Element, now: Timestamp) -> Result<Outcome, Refused> {
    let key = text(asked, "CustomerKey").unwrap_or_default();
    let definition = match account.import_definitions.get(&key) {
        Some(definition) => definition.clone(),
        None if asked.child("DestinationObject").is_some() => {
            let read = read(account, key, asked, now)?;
            if matches!(read.destination, Destination::List(_)) {
                return Err(Refused::new(43_010, "ImportDefinition Not Found"));
            }
            read
        }
        None => return Err(Refused::new(43_010, "ImportDefinition Not Found")),
    };
    let task = account.start_import(definition, now);
    let message = format!("ImportDefinition performed AsyncID:{task}");
    Ok(Outcome { message, task: Some(task), ..Outcome::default() })
}

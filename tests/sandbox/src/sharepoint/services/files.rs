//! Files of a library: stored, checked out and in.

use soap::Element;
use uuid::Uuid;

use crate::sharepoint::{
    list::{Item, StoredFile},
    rights::Rights,
};

use super::{Call, Refusal};

pub(super) fn check_out_file(call: &mut Call<'_>) -> Result<Element, Refusal> {
    // MS-LISTSWS R410.
    if !["true", "false"].contains(&call.text("checkoutToLocal").to_lowercase().as_str()) {
        return Err(Refusal::plain("String was not recognized as a valid Boolean."));
    }
    let Some((list, item)) = file_named(call)? else {
        return Ok(call.response().with_value("CheckOutFileResult", false));
    };
    call.demand_on(list, Rights::EDIT_ITEMS)?;
    let user = call.around.user;
    let file = file_mut(call, list, item)?;
    let done = file.checked_out_by.is_none_or(|other| other == user);
    if done {
        file.checked_out_by = Some(user);
    }
    Ok(call.response().with_value("CheckOutFileResult", done))
}

pub(super) fn check_in_file(call: &mut Call<'_>) -> Result<Element, Refusal> {
    let kind = call.text("CheckinType");
    // 0 minor, 1 major, 2 overwrite.
    if !["0", "1", "2"].contains(&kind.as_str()) {
        return Err(Refusal::out_of_range());
    }
    let Some((list, item)) = file_named(call)? else {
        return Ok(call.response().with_value("CheckInFileResult", false));
    };
    call.demand_on(list, Rights::EDIT_ITEMS)?;
    let user = call.around.user;
    let cancels = call.demand_on(list, Rights::CANCEL_CHECKOUT).is_ok();
    let file = file_mut(call, list, item)?;
    // MS-LISTSWS R397: there is nothing to put in the place of the last version.
    if kind == "2" && file.checked_out_by.is_none() {
        return Err(Refusal::plain("The file is not checked out."));
    }
    let done = file.checked_out_by.is_some_and(|by| by == user || cancels);
    if done {
        file.checked_out_by = None;
        if kind != "2" {
            file.versions += 1;
        }
    }
    Ok(call.response().with_value("CheckInFileResult", done))
}

/// The file of `pageUrl`: its list and item. `None` for what is no address: 2007 does not complain of that, it only does
/// nothing (MS-LISTSWS R3922, R4082).
fn file_named(call: &Call<'_>) -> Result<Option<(Uuid, u32)>, Refusal> {
    let address = call.text("pageUrl");
    if address.is_empty() {
        return Err(Refusal::parameter("pageUrl"));
    }
    if url::Url::parse(&address).is_err() {
        return Ok(None);
    }
    let found = call.below_web(&address).and_then(|path| {
        let (list, inside) = call.web().ok()?.list_above(&path)?;
        let item = list.item_at(inside).filter(|item| item.file.is_some())?;
        Some((list.id, item.id))
    });
    // R1642, R1665: without a code.
    found.map(Some).ok_or_else(|| Refusal::plain("Object reference not set to an instance of an object."))
}

fn file_mut<'c>(call: &'c mut Call<'_>, list: Uuid, item: u32) -> Result<&'c mut StoredFile, Refusal> {
    let item = call.list_mut(list)?.items.get_mut(&item);
    item.and_then(|item| item.file.as_mut()).ok_or_else(Refusal::out_of_range)
}

/// Puts a file into a library, over an older one of that name. The parent folder must be there.
pub(super) fn store(
    call: &mut Call<'_>,
    list: Uuid,
    (folder, leaf): (&str, &str),
    bytes: bytes::Bytes,
) -> Result<u32, Refusal> {
    let (user, now) = (call.around.user, call.now());
    let guid = call.ids.guid();
    let list = call.list_mut(list)?;
    list.modified = now;
    let path = if folder.is_empty() { leaf.to_owned() } else { format!("{folder}/{leaf}") };
    if let Some(id) = list.item_at(&path).map(|item| item.id)
        && let Some(item) = list.items.get_mut(&id)
    {
        let file = item.file.get_or_insert_default();
        file.bytes = bytes;
        file.versions += 1;
        item.version += 1;
        item.editor = user;
        item.modified = now;
        return Ok(id);
    }
    list.last_item += 1;
    let id = list.last_item;
    let item = Item {
        id,
        guid,
        version: 1,
        created: now,
        modified: now,
        author: user,
        editor: user,
        is_folder: false,
        folder: folder.to_owned(),
        leaf: leaf.to_owned(),
        values: std::collections::BTreeMap::new(),
        file: Some(StoredFile { bytes, checked_out_by: None, versions: 1 }),
        attachments: std::collections::BTreeMap::new(),
        moderation: if list.settings.moderation { 2 } else { 0 },
    };
    let defaults: Vec<_> = list
        .fields
        .iter()
        .filter_map(|field| field.default_value().map(|default| (field.name().to_owned(), default)))
        .collect();
    let item = Item { values: defaults.into_iter().collect(), ..item };
    list.items.insert(id, item);
    Ok(id)
}

//! Lists.UpdateListItems (MS-LISTSWS 3.1.4.31).

use soap::Element;
use uuid::Uuid;

use crate::sharepoint::{list::Item, names, rights::Rights};

use super::{
    Call, Refusal,
    list_items::{all_columns, row},
    values::{self, read_value},
};

/// The most methods that one batch may have (msdn).
const MOST_METHODS: usize = 160;

/// Why a method failed.
type Failure = (&'static str, &'static str);

const NO_ITEM: Failure = (
    "0x81020016",
    "Item does not exist. The page you selected contains an item that does not exist.  It may have been deleted by \
     another user.",
);
const CONFLICT: Failure = (
    "0x81020015",
    "Your changes conflict with those made concurrently by another user. If you want your changes to be applied, \
     click Back in your Web browser, refresh the page, and resubmit your changes.",
);
const CANCELLED: Failure = ("0x800704c7", "The operation was canceled by the user.");
const DENIED: Failure = ("0x80070005", "Access denied.");
const BAD_ITEM_ID: Failure = ("0x81020014", "The item id is invalid.");

pub(super) fn update_list_items(call: &mut Call<'_>) -> Result<Element, Refusal> {
    // MS-LISTSWS R30231: not what the other operations say.
    if call.text("listName").is_empty() {
        return Err(Refusal::plain("Object reference not set to an instance of an object."));
    }
    let list = call.list("listName")?;
    let (list, version) = (list.id, list.version);
    let batch = call.payload("updates").filter(|batch| batch.is("Batch")).cloned().ok_or_else(Refusal::out_of_range)?;
    let methods: Vec<_> = batch.all("Method").collect();
    if methods.len() > MOST_METHODS {
        return Err(Refusal::out_of_range());
    }
    let says = |name: &str| batch.attribute(name).is_some_and(|value| value.eq_ignore_ascii_case("TRUE"));
    // R920.
    let known = batch.attribute("ListVersion").and_then(|asked| asked.trim().parse::<u32>().ok());
    if says("LockSchema") && known.is_some_and(|known| known != version) {
        return Err(Refusal::coded("0x80070666", "The schema of the list has changed."));
    }
    let stops = batch.attribute("OnError").is_some_and(|value| value.eq_ignore_ascii_case("Return"));
    let in_utc = says("DateInUtc");
    let mut failed = false;
    let mut results = call.element("Results");
    for method in methods {
        let command = method.attribute("Cmd").unwrap_or("");
        let outcome =
            if failed && stops { Err((CANCELLED, None)) } else { carry_out(call, list, method, command, in_utc) };
        failed |= outcome.is_err();
        results = results.with(result(call, list, method, outcome, in_utc)?);
    }
    Ok(call.result([results]))
}

/// The changed item, if one is left; or why not, and the item as it stands.
type Outcome = Result<Option<u32>, (Failure, Option<u32>)>;

fn carry_out(call: &mut Call<'_>, list: Uuid, method: &Element, command: &str, in_utc: bool) -> Outcome {
    let fields: Vec<(String, String)> =
        method.all("Field").map(|field| (field.attribute("Name").unwrap_or("").to_owned(), field.text())).collect();
    match command {
        "New" => new(call, list, &fields, in_utc).map(Some).map_err(|failure| (failure, None)),
        "Update" | "Moderate" | "Delete" => {
            let id = existing(call, list, &fields).map_err(|failure| (failure, None))?;
            let done = match command {
                "Delete" => delete(call, list, id, &fields).map(|()| None),
                "Moderate" => moderate(call, list, id, &fields).map(Some),
                _ => update(call, list, id, &fields, in_utc).map(Some),
            };
            done.map_err(|failure| (failure, Some(id)))
        }
        // It came with 2010 (R2513, R20961).
        "Move" if call.around.generation.is_2010() => {
            let id = existing(call, list, &fields).map_err(|failure| (failure, None))?;
            relocate(call, list, id, &fields).map(|()| Some(id)).map_err(|failure| (failure, Some(id)))
        }
        _ => Err((("0x80070057", "The parameter is incorrect."), None)),
    }
}

fn value<'f>(fields: &'f [(String, String)], name: &str) -> Option<&'f str> {
    fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.trim())
}

fn allowed(call: &Call<'_>, list: Uuid, right: Rights) -> Result<(), Failure> {
    call.demand_on(list, right).map_err(|_| DENIED)
}

fn existing(call: &Call<'_>, list: Uuid, fields: &[(String, String)]) -> Result<u32, Failure> {
    let id: i64 = value(fields, "ID").and_then(|id| id.parse().ok()).ok_or(BAD_ITEM_ID)?;
    let id = u32::try_from(id).map_err(|_| BAD_ITEM_ID)?;
    let list = call.list_by_id(list).map_err(|_| NO_ITEM)?;
    if list.items.contains_key(&id) { Ok(id) } else { Err(NO_ITEM) }
}

fn new(call: &mut Call<'_>, list: Uuid, fields: &[(String, String)], in_utc: bool) -> Result<u32, Failure> {
    allowed(call, list, Rights::ADD_ITEMS)?;
    let is_folder = value(fields, "FSObjType") == Some("1");
    let known = call.list_by_id(list).map_err(|_| NO_ITEM)?;
    if known.is_library() && !is_folder {
        return Err(("0x80131600", "To add an item to a document library, use SPFileCollection.Add()"));
    }
    let mut values = read_fields(call, list, fields, in_utc)?;
    let known = call.list_by_id(list).map_err(|_| NO_ITEM)?;
    for field in &known.fields {
        if let Some(default) = field.default_value().filter(|_| !values.contains_key(field.name())) {
            values.insert(field.name().to_owned(), default);
        }
    }
    let folder_name = value(fields, "BaseName").or_else(|| value(fields, "Title")).unwrap_or("").to_owned();
    if is_folder {
        let parent = format!("{}/{}", call.around.web, known.root);
        names::check_file_name(&parent, &folder_name)
            .map_err(|_| ("0x81020073", "The file or folder name contains characters that are not permitted."))?;
        if known.item_at(&folder_name).is_some() {
            return Err(("0x8107090d", "A file or folder with this name already exists."));
        }
        values.insert("Title".to_owned(), folder_name.clone());
    }
    let (user, now, guid) = (call.around.user, call.now(), call.ids.guid());
    let list = call.list_mut(list).map_err(|_| NO_ITEM)?;
    list.last_item += 1;
    let id = list.last_item;
    let leaf = if is_folder { folder_name } else { format!("{id}_.000") };
    let item = Item {
        id,
        guid,
        version: 1,
        created: now,
        modified: now,
        author: user,
        editor: user,
        is_folder,
        folder: String::new(),
        leaf,
        values,
        file: None,
        attachments: std::collections::BTreeMap::new(),
        moderation: if list.settings.moderation { 2 } else { 0 },
    };
    list.items.insert(id, item);
    list.modified = now;
    Ok(id)
}

fn update(call: &mut Call<'_>, list: Uuid, id: u32, fields: &[(String, String)], in_utc: bool) -> Result<u32, Failure> {
    allowed(call, list, Rights::EDIT_ITEMS)?;
    unchanged(call, list, id, fields)?;
    checked_in(call, list, id)?;
    let values = read_fields(call, list, fields, in_utc)?;
    let (user, now) = (call.around.user, call.now());
    let list = call.list_mut(list).map_err(|_| NO_ITEM)?;
    let item = list.items.get_mut(&id).ok_or(NO_ITEM)?;
    for (name, value) in values {
        if value.is_empty() {
            item.values.remove(&name);
        } else {
            item.values.insert(name, value);
        }
    }
    item.version += 1;
    item.editor = user;
    item.modified = now;
    list.modified = now;
    Ok(id)
}

/// The optimistic lock: who sends a version must send the current one (R953).
fn unchanged(call: &Call<'_>, list: Uuid, id: u32, fields: &[(String, String)]) -> Result<(), Failure> {
    let Some(sent) = value(fields, "owshiddenversion") else { return Ok(()) };
    let current = call.list_by_id(list).ok().and_then(|list| list.items.get(&id)).map(|item| item.version);
    if sent.parse().ok() == current { Ok(()) } else { Err(CONFLICT) }
}

fn checked_in(call: &Call<'_>, list: Uuid, id: u32) -> Result<(), Failure> {
    let item = call.list_by_id(list).ok().and_then(|list| list.items.get(&id));
    match item.and_then(|item| item.file.as_ref()).and_then(|file| file.checked_out_by) {
        Some(other) if other != call.around.user => {
            Err(("0x81020030", "The file is checked out or locked for editing by another user."))
        }
        _ => Ok(()),
    }
}

fn moderate(call: &mut Call<'_>, list: Uuid, id: u32, fields: &[(String, String)]) -> Result<u32, Failure> {
    allowed(call, list, Rights::APPROVE_ITEMS)?;
    let status = value(fields, "_ModerationStatus").and_then(|status| status.parse().ok()).filter(|status| *status < 5);
    let status = status.ok_or(values::BAD_VALUE)?;
    let now = call.now();
    let item = call.list_mut(list).ok().and_then(|list| list.items.get_mut(&id)).ok_or(NO_ITEM)?;
    item.moderation = status;
    item.version += 1;
    item.modified = now;
    Ok(id)
}

/// A file is deleted by its id and its whole address (R2101); a folder takes with it what it holds.
fn delete(call: &mut Call<'_>, list: Uuid, id: u32, fields: &[(String, String)]) -> Result<(), Failure> {
    allowed(call, list, Rights::DELETE_ITEMS)?;
    unchanged(call, list, id, fields)?;
    checked_in(call, list, id)?;
    let known = call.list_by_id(list).map_err(|_| NO_ITEM)?;
    let item = known.items.get(&id).ok_or(NO_ITEM)?;
    let path = item.path();
    if known.is_library() {
        let named = value(fields, "FileRef").and_then(|address| call.below_web(address));
        let whole = known.path_of(&path);
        if !named.is_some_and(|named| named.eq_ignore_ascii_case(&whole)) {
            return Err(("0x81020030", "Invalid file name. The file name you specified could not be used."));
        }
    }
    let inside = format!("{}/", path.to_lowercase());
    let is_folder = item.is_folder;
    let now = call.now();
    let list = call.list_mut(list).map_err(|_| NO_ITEM)?;
    list.items.retain(|other, item| {
        *other != id && !(is_folder && format!("{}/", item.folder.to_lowercase()).starts_with(&inside))
    });
    list.modified = now;
    Ok(())
}

/// To `MoveNewUrl`, in the same list; a folder takes with it what it holds.
fn relocate(call: &mut Call<'_>, list: Uuid, id: u32, fields: &[(String, String)]) -> Result<(), Failure> {
    const BAD_NAME: Failure = ("0x81020073", "The file or folder name contains characters that are not permitted.");
    const NO_FOLDER: Failure = ("0x80070003", "The system cannot find the path specified.");
    allowed(call, list, Rights::EDIT_ITEMS)?;
    unchanged(call, list, id, fields)?;
    checked_in(call, list, id)?;
    let known = call.list_by_id(list).map_err(|_| NO_ITEM)?;
    let to = value(fields, "MoveNewUrl").and_then(|address| call.below_web(address)).ok_or(NO_FOLDER)?;
    let inside = to.get(..known.root.len()).filter(|root| root.eq_ignore_ascii_case(&known.root));
    let inside = inside.and_then(|root| to[root.len()..].strip_prefix('/')).ok_or(NO_FOLDER)?.to_owned();
    let (folder, leaf) = inside.rsplit_once('/').unwrap_or(("", &inside));
    let parent = format!("{}/{}", call.around.web, known.path_of(folder));
    names::check_file_name(&parent, leaf).map_err(|_| BAD_NAME)?;
    let before = known.items.get(&id).ok_or(NO_ITEM)?.path().to_lowercase();
    let into_itself = format!("{}/", folder.to_lowercase()).starts_with(&format!("{before}/"));
    if !known.has_folder(folder) || into_itself {
        return Err(NO_FOLDER);
    }
    if known.item_at(&inside).is_some_and(|other| other.id != id) {
        return Err(("0x8107090d", "A file or folder with this name already exists."));
    }
    let now = call.now();
    let (folder, leaf) = (folder.to_owned(), leaf.to_owned());
    let list = call.list_mut(list).map_err(|_| NO_ITEM)?;
    for item in list.items.values_mut() {
        let rest = item.folder.get(before.len()..).unwrap_or_default().to_owned();
        let is_inside = item.folder.to_lowercase().starts_with(&before) && (rest.is_empty() || rest.starts_with('/'));
        if item.id == id {
            (item.folder, item.leaf) = (folder.clone(), leaf.clone());
            item.version += 1;
            item.modified = now;
        } else if is_inside {
            item.folder = format!("{inside}{rest}");
        }
    }
    list.modified = now;
    Ok(())
}

/// Fields that steer the method and are no values.
const STEERING: &[&str] =
    &["ID", "owshiddenversion", "FSObjType", "BaseName", "FileRef", "MoveNewUrl", "MetaInfo", "_ModerationStatus"];

fn read_fields(
    call: &mut Call<'_>,
    list: Uuid,
    fields: &[(String, String)],
    in_utc: bool,
) -> Result<std::collections::BTreeMap<String, String>, Failure> {
    let mut values = std::collections::BTreeMap::new();
    for (name, value) in fields.iter().filter(|(name, _)| !STEERING.contains(&name.as_str())) {
        let field = call.list_by_id(list).map_err(|_| NO_ITEM)?.field(name).cloned().ok_or(values::BAD_VALUE)?;
        let stored = read_value(call.collection, &field, value, in_utc)?;
        values.insert(name.clone(), stored);
    }
    Ok(values)
}

fn result(call: &Call<'_>, list: Uuid, method: &Element, outcome: Outcome, in_utc: bool) -> Result<Element, Refusal> {
    let (id, command) = (method.attribute("ID").unwrap_or(""), method.attribute("Cmd").unwrap_or(""));
    let mut result = call.element("Result").with_attribute("ID", format!("{id},{command}"));
    let item = match outcome {
        Ok(item) => {
            result = result.with_value("ErrorCode", "0x00000000").with_value("ID", "");
            item
        }
        Err((failure, item)) => {
            if failure == CONFLICT {
                let sent = method.all("Field").find(|field| field.attribute("Name") == Some("owshiddenversion"));
                let sent: u64 = sent.and_then(|field| field.parse().ok()).unwrap_or(0);
                // R963, R964.
                result = result
                    .with_attribute("List", crate::sharepoint::ids::braced(list))
                    .with_attribute("Version", (sent + 1).to_string());
            }
            result = result.with_value("ErrorCode", failure.0).with_value("ErrorText", failure.1);
            item
        }
    };
    let sheet = call.sheet(list)?;
    if let Some(item) = item.and_then(|id| sheet.list.items.get(&id)) {
        result = result.with(row(&sheet, item, &all_columns(&sheet), in_utc));
    }
    Ok(result)
}

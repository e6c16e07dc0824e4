//! Copy.asmx: CopyIntoItems and GetItem.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use soap::Element;

use crate::sharepoint::{
    address,
    list::{Field, Item},
    names,
    page::Page,
    rights::Rights,
    rows::Sheet,
};

use super::{Call, Refusal, call::Surroundings, files::store, list_items::text_of, values::read_value};

pub(super) fn run(call: &mut Call<'_>) -> Option<Result<Element, Refusal>> {
    Some(match call.operation {
        "CopyIntoItems" => copy_into_items(call),
        "GetItem" => get_item(call),
        _ => return None,
    })
}

/// Why one destination failed: the code and the message.
type Failure = (&'static str, &'static str);

/// The call succeeds; each destination has its own result, in order (MS-COPYS R57, R208).
fn copy_into_items(call: &mut Call<'_>) -> Result<Element, Refusal> {
    let stream: String = call.text("Stream").split_whitespace().collect();
    let bytes = STANDARD.decode(stream).map_err(|_| Refusal::plain("Invalid length for a Base-64 char array."))?;
    let bytes = Bytes::from(bytes);
    let source = call.text("SourceUrl");
    let destinations: Vec<_> = call
        .parameter("DestinationUrls")
        .into_iter()
        .flat_map(|urls| urls.all((call.service.namespace, "string")))
        .map(Element::text)
        .collect();
    // MS-COPYS R210.
    let values = call.parameter("Fields").into_iter().flat_map(|fields| fields.all("FieldInformation"));
    let sound = values.into_iter().all(is_sound);
    let mut results = call.element("Results");
    for destination in destinations {
        let outcome = if sound {
            copy_to(call, &source, &destination, &bytes)
        } else {
            Err(("Unknown", "The value of a field is not valid for its type."))
        };
        let result = call.element("CopyResult");
        let result = match outcome {
            Ok(()) => result.with_attribute("ErrorCode", "Success"),
            Err((code, message)) => result.with_attribute("ErrorCode", code).with_attribute("ErrorMessage", message),
        };
        results = results.with(result.with_attribute("DestinationUrl", destination));
    }
    Ok(call.response().with_value("CopyIntoItemsResult", 0).with(results))
}

fn copy_to(call: &mut Call<'_>, source: &str, destination: &str, bytes: &Bytes) -> Result<(), Failure> {
    const OTHER_HOST: Failure = (
        "DestinationInvalid",
        "The Copy web service method must be called on the same domain that contains the destination url.",
    );
    const NO_FOLDER: Failure = ("DestinationInvalid", "The destination folder does not exist.");
    const UNKNOWN: Failure = ("Unknown", "Unknown Error");
    if !destination.contains("://") {
        return Err(UNKNOWN);
    }
    let path = address::path_on(&call.around.base, destination).ok_or(OTHER_HOST)?;
    // The service of one web copies into any web of the collection.
    let (web, _) = call.collection.web_above(&path).ok_or(NO_FOLDER)?;
    if web.definition.starts_with("MPS#") {
        return Err(("DestinationMWS", "Files cannot be copied to a Meeting Workspace site."));
    }
    let web = web.path.clone();
    let around = Surroundings { web, ..call.around.clone() };
    let mut there = Call {
        service: call.service,
        operation: call.operation,
        body: call.body,
        collection: &mut *call.collection,
        ids: &mut *call.ids,
        around: &around,
        people: call.people,
    };
    let below = there.below_web(&path).ok_or(NO_FOLDER)?;
    let (list, inside) = there.web().ok().and_then(|web| web.list_above(&below)).ok_or(NO_FOLDER)?;
    let (folder, leaf) = inside.rsplit_once('/').unwrap_or(("", inside));
    if !list.is_library() || !list.has_folder(folder) || leaf.is_empty() {
        return Err(NO_FOLDER);
    }
    let parent = format!("{}/{}", around.web, list.path_of(folder));
    names::check_file_name(&parent, leaf).map_err(|_| UNKNOWN)?;
    let (id, root, folder, leaf) = (list.id, list.root.clone(), folder.to_owned(), leaf.to_owned());
    let existing = list.item_at(inside);
    if existing.is_some_and(|item| item.is_folder) {
        return Err(UNKNOWN);
    }
    let locked = existing.and_then(|item| item.file.as_ref()).and_then(|file| file.checked_out_by);
    if locked.is_some_and(|by| by != around.user) {
        return Err(("DestinationCheckedOut", "The file is checked out."));
    }
    let needed = if existing.is_some() { Rights::EDIT_ITEMS } else { Rights::ADD_ITEMS };
    let is_page = leaf.to_lowercase().ends_with(".aspx");
    let needed = if is_page { needed.with(Rights::CUSTOMIZE_PAGES) } else { needed };
    there.demand_on(id, needed).map_err(|_| ("Unknown", "Access is denied."))?;
    let item = store(&mut there, id, (&folder, &leaf), bytes.clone()).map_err(|_| UNKNOWN)?;
    set_fields(&mut there, id, item, source);
    if is_page {
        add_page(&mut there, &root, &folder, &leaf, bytes);
    }
    Ok(())
}

/// Whether a value is one of its type, for the types that leave little choice.
fn is_sound(field: &Element) -> bool {
    let Some(value) = field.attribute("Value").map(str::trim).filter(|value| !value.is_empty()) else { return true };
    match field.attribute("Type").unwrap_or("") {
        "Integer" | "Counter" => value.parse::<i64>().is_ok(),
        "Number" | "Currency" => value.parse::<f64>().is_ok_and(f64::is_finite),
        "Boolean" => ["0", "1", "true", "false"].contains(&value.to_lowercase().as_str()),
        "DateTime" => crate::sharepoint::rows::read_date(value, true).is_some(),
        "Guid" => crate::sharepoint::ids::parse(value).is_some(),
        _ => true,
    }
}

/// Fields that cannot be set are no failure (R228).
fn set_fields(call: &mut Call<'_>, list: uuid::Uuid, item: u32, source: &str) {
    let wanted: Vec<_> =
        call.parameter("Fields").into_iter().flat_map(|fields| fields.all("FieldInformation")).cloned().collect();
    let known: Vec<Field> = call.list_by_id(list).map(|list| list.fields.clone()).unwrap_or_default();
    let mut values = vec![("_CopySource".to_owned(), source.to_owned())];
    for field in wanted {
        let (Some(name), Some(value)) = (field.attribute("InternalName"), field.attribute("Value")) else { continue };
        let Some(column) = known.iter().find(|column| column.name() == name) else { continue };
        if let Ok(value) = read_value(call.collection, column, value, true) {
            values.push((name.to_owned(), value));
        }
    }
    if let Some(item) = call.list_mut(list).ok().and_then(|list| list.items.get_mut(&item)) {
        item.values.extend(values.into_iter().filter(|(_, value)| !value.is_empty()));
    }
}

/// A page keeps its parts when its source is stored again.
fn add_page(call: &mut Call<'_>, root: &str, folder: &str, leaf: &str, bytes: &Bytes) {
    let path = [root, folder, leaf].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
    let mut page = Page::of_source(&path, &String::from_utf8_lossy(bytes));
    if let Ok(web) = call.web_mut() {
        let key = path.to_lowercase();
        if let Some(before) = web.pages.remove(&key) {
            page.parts = before.parts;
        }
        web.pages.insert(key, page);
    }
}

fn get_item(call: &Call<'_>) -> Result<Element, Refusal> {
    // MS-COPYS R175.
    let path = address::path_on(&call.around.base, &call.text("Url"))
        .ok_or_else(|| Refusal::plain("The source url is on another server."))?;
    let response = call.response().with_value("GetItemResult", 0);
    let found = call.collection.web_above(&path).and_then(|(web, below)| {
        let (list, inside) = web.list_above(below)?;
        let item = list.item_at(inside)?;
        Some((web, list, item, item.file.as_ref()?))
    });
    // R176: a file that is not there is no fault.
    let Some((web, list, item, file)) = found else { return Ok(response) };
    // R177.
    if !call.collection.rights_on(call.around.user, &web.path, list).include(Rights::VIEW_ITEMS) {
        return Err(Refusal::Unauthorized);
    }
    let sheet = Sheet { collection: call.collection, web, list, user: call.around.user };
    let fields = list.fields.iter().filter_map(|field| information(call, &sheet, item, field));
    Ok(response.with(call.element("Fields").with_all(fields)).with_value("Stream", STANDARD.encode(&file.bytes)))
}

fn information(call: &Call<'_>, sheet: &Sheet<'_>, item: &Item, field: &Field) -> Option<Element> {
    let value = sheet.cell(item, field.name())?;
    let kind = match field.kind() {
        "ContentTypeId" => "Error",
        "LookupMulti" => "Lookup",
        "UserMulti" => "User",
        other => other,
    };
    let id = field.0.attribute("ID").unwrap_or("").trim_matches(['{', '}']).to_owned();
    Some(
        call.element("FieldInformation")
            .with_attribute("Type", kind)
            .with_attribute("DisplayName", field.display_name())
            .with_attribute("InternalName", field.name())
            .with_attribute("Id", id)
            .with_attribute("Value", text_of(&value)),
    )
}

//! Attachments of rows: Lists.AddAttachment, GetAttachmentCollection and DeleteAttachment (MS-LISTSWS 3.1.4.1, 3.1.4.14,
//! 3.1.4.10).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use soap::Element;

use crate::sharepoint::{
    address,
    list::{Item, List},
    names,
    rights::Rights,
};

use super::{Call, Refusal};

pub(super) fn get_attachment_collection(call: &Call<'_>) -> Result<Element, Refusal> {
    let (list, item) = item(call)?;
    call.demand_on(list.id, Rights::VIEW_ITEMS)?;
    let addresses = item.attachments.keys().map(|name| {
        let address = call.around.absolute(&path(call, list, item.id, name));
        call.element("Attachment").with_text(address)
    });
    Ok(call.result([call.element("Attachments").with_all(addresses)]))
}

pub(super) fn add_attachment(call: &mut Call<'_>) -> Result<Element, Refusal> {
    let (list, item) = item(call)?;
    let (id, item_id) = (list.id, item.id);
    call.demand_on(id, Rights::EDIT_ITEMS)?;
    // R1554.
    let content = call.parameter("attachment").ok_or_else(Refusal::out_of_range)?.text();
    let name = call.text("fileName");
    let folder = format!("{}/{}/Attachments/{item_id}", call.around.web, list.root);
    // R3011: the same for none as for one that cannot be.
    names::check_file_name(&folder, &name).map_err(|_| {
        Refusal::coded("0x81020073", "The file or folder name contains characters that are not permitted.")
    })?;
    // R298.
    let content = STANDARD.decode(content.split_whitespace().collect::<String>());
    let content = content.map_err(|_| Refusal::plain("Invalid length for a Base-64 char array or string."))?;
    if content.is_empty() {
        // R299.
        return Err(Refusal::coded("0x8007000d", "The data is invalid."));
    }
    if item.attachments.keys().any(|known| known.eq_ignore_ascii_case(&name)) {
        // R297.
        return Err(Refusal::coded("0x81020067", "The specified name is already in use."));
    }
    if !list.settings.attachments {
        return Err(Refusal::plain("Attachments are disabled on this list."));
    }
    let address = call.around.absolute(&path(call, list, item_id, &name));
    change(call, id, item_id, |item| {
        item.attachments.insert(name, content.into());
    })?;
    Ok(call.response().with_value("AddAttachmentResult", address))
}

pub(super) fn delete_attachment(call: &mut Call<'_>) -> Result<Element, Refusal> {
    let (list, item) = item(call)?;
    let (id, item_id) = (list.id, item.id);
    call.demand_on(id, Rights::EDIT_ITEMS)?;
    // R471: the whole address.
    let asked = address::path_on(&call.around.base, &call.text("url"));
    let meant = item
        .attachments
        .keys()
        .find(|name| asked.as_ref().is_some_and(|asked| asked.eq_ignore_ascii_case(&path(call, list, item_id, name))));
    let name = meant.cloned().ok_or_else(|| Refusal::parameter("url"))?;
    change(call, id, item_id, |item| {
        item.attachments.remove(&name);
    })?;
    Ok(call.response())
}

/// The list and its item. An item that is none has no code (R538, R296); a negative number has one since 2010 (R30371,
/// R30372, R7660, R7661).
fn item<'c>(call: &'c Call<'_>) -> Result<(&'c List, &'c Item), Refusal> {
    let text = call.text("listItemID");
    if text.is_empty() {
        // R540, R300, R1700.
        return Err(Refusal::parameter("listItemID"));
    }
    let list = call.list("listName")?;
    match text.parse::<i64>() {
        Ok(negative) if negative < 0 && call.around.generation.is_2010() => {
            Err(Refusal::coded("0x81020014", "The item id is invalid."))
        }
        Ok(id) => {
            let item = u32::try_from(id).ok().and_then(|id| list.items.get(&id));
            item.map(|item| (list, item)).ok_or_else(Refusal::out_of_range)
        }
        Err(_) => Err(Refusal::plain("Input string was not in a correct format.")),
    }
}

/// The path of an attachment from the host's root.
fn path(call: &Call<'_>, list: &List, item: u32, name: &str) -> String {
    format!("{}/{}/Attachments/{item}/{name}", call.around.web, list.root)
}

fn change(call: &mut Call<'_>, list: uuid::Uuid, item: u32, change: impl FnOnce(&mut Item)) -> Result<(), Refusal> {
    let (user, now) = (call.around.user, call.now());
    let list = call.list_mut(list)?;
    list.modified = now;
    let item = list.items.get_mut(&item).ok_or_else(Refusal::out_of_range)?;
    change(item);
    item.version += 1;
    item.editor = user;
    item.modified = now;
    Ok(())
}

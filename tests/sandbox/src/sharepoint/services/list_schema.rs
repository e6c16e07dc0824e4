//! Lists are made, changed and deleted.

use soap::Element;

use crate::sharepoint::{
    caml::in_namespace,
    ids,
    list::{Field, List, Settings},
    names,
    rights::Rights,
    templates::{NewList, caml_field, list_template, make_list},
};

use super::{
    Call, Refusal,
    lists::{list_element, list_with_schema},
};

/// MS-LISTSWS 3.1.4.3.
pub(super) fn add_list(call: &mut Call<'_>) -> Result<Element, Refusal> {
    call.demand(Rights::MANAGE_LISTS)?;
    let title = call.text("listName");
    let asked = call.text("templateID");
    let id = asked.parse::<i32>().ok();
    if id.is_some_and(|id| id < 0) {
        return Err(Refusal::out_of_range());
    }
    let template = id.and_then(|id| list_template(id.unsigned_abs()));
    // R342, R343.
    let template = template.ok_or_else(|| Refusal::coded("0x8102007b", "Invalid list template."))?;
    if title.is_empty() || title.chars().count() > 255 {
        return Err(Refusal::out_of_range());
    }
    if call.web()?.list(&title).is_some() {
        return Err(title_in_use());
    }
    let description = call.text("description");
    let (author, now) = (call.around.user, call.now());
    let new = NewList { template, title: &title, description: &description, author };
    let key = call.around.web.to_lowercase();
    let web = call.collection.webs.get_mut(&key).ok_or_else(Refusal::out_of_range)?;
    let list = make_list(web, &new, call.ids, now).id;
    Ok(call.result([list_with_schema(call, call.web()?, call.list_by_id(list)?)]))
}

fn title_in_use() -> Refusal {
    Refusal::coded(
        "0x81020012",
        "A list, survey, discussion board, or document library with the specified title already exists in this Web \
         site.  Please choose another title.",
    )
}

/// MS-LISTSWS 3.1.4.13.
pub(super) fn delete_list(call: &mut Call<'_>) -> Result<Element, Refusal> {
    let list = call.list("listName")?.id;
    call.demand_on(list, Rights::MANAGE_LISTS)?;
    // The list of people is none of the web's.
    call.list_mut(list)?;
    call.web_mut()?.lists.remove(&list);
    Ok(call.response())
}

/// MS-LISTSWS 3.1.4.30.
pub(super) fn update_list(call: &mut Call<'_>) -> Result<Element, Refusal> {
    let list = call.list("listName")?;
    let (id, version) = (list.id, list.version);
    call.demand_on(id, Rights::MANAGE_LISTS)?;
    let asked = call.text("listVersion");
    if !asked.is_empty() {
        // R889 to R891.
        let asked: u32 = asked.parse().map_err(|_| Refusal::plain("Input string was not in a correct format."))?;
        if asked != version {
            return Err(Refusal::coded(
                "0x81020015",
                "Your changes conflict with those made concurrently by another user. If you want your changes to be \
                 applied, click Back in your Web browser, refresh the page, and resubmit your changes.",
            ));
        }
    }
    let properties = call.parameter("listProperties").and_then(|properties| properties.child("List")).cloned();
    if let Some(title) = properties.as_ref().and_then(|properties| properties.attribute("Title")) {
        let taken = call.web()?.list(title).is_some_and(|other| other.id != id);
        if taken || title.trim().is_empty() {
            return Err(title_in_use());
        }
    }
    let now = call.now();
    let mut results = call.element("Results");
    for (parameter, name, change) in [
        ("newFields", "NewFields", add_field as Change),
        ("updateFields", "UpdateFields", update_field),
        ("deleteFields", "DeleteFields", delete_field),
    ] {
        let fields = call.parameter(parameter).and_then(|fields| fields.child("Fields")).cloned();
        let mut part = call.element(name);
        for method in fields.iter().flat_map(|fields| fields.all("Method")) {
            let outcome =
                method.child("Field").map_or(Err(BAD_FIELD), |field| change(call.list_mut(id).ok(), method, field));
            part = part.with(method_result(call, method, outcome));
        }
        results = results.with(part);
    }
    let list = call.list_mut(id)?;
    if let Some(properties) = properties {
        apply(list, &properties);
    }
    list.bump(now);
    let properties = list_element(call, call.web()?, call.list_by_id(id)?);
    let mut renamed = call.element("ListProperties");
    for (name, value) in properties.attributes() {
        renamed = renamed.with_attribute(&name.local, value);
    }
    Ok(call.result([results.with(renamed)]))
}

/// Changes one column; the refusal is a code and a text.
type Change = fn(Option<&mut List>, &Element, &Element) -> Result<Field, (&'static str, &'static str)>;

const BAD_FIELD: (&str, &str) = (
    "0x81020014",
    "One or more field types are not installed properly. Go to the list settings page to delete these fields.",
);

const KINDS: &[&str] = &[
    "Text",
    "Note",
    "Choice",
    "MultiChoice",
    "Number",
    "Currency",
    "DateTime",
    "Boolean",
    "URL",
    "User",
    "UserMulti",
    "Lookup",
    "LookupMulti",
    "Calculated",
    "Integer",
    "Guid",
];

fn add_field(
    list: Option<&mut List>,
    method: &Element,
    field: &Element,
) -> Result<Field, (&'static str, &'static str)> {
    let list = list.ok_or(BAD_FIELD)?;
    let kind = field.attribute("Type").unwrap_or("");
    if !KINDS.contains(&kind) {
        return Err(BAD_FIELD);
    }
    let display = field.attribute("DisplayName").or_else(|| field.attribute("Name")).unwrap_or("").trim().to_owned();
    if display.is_empty() || display.chars().count() > 255 {
        return Err(("0x81020014", "The column name that you entered is not valid."));
    }
    // The display name makes the internal one, whatever `Name` says.
    let name = names::internal_name(&display);
    let taken = |field: &Field| {
        field.name().eq_ignore_ascii_case(&name) || (!field.is("Hidden") && field.display_name() == display)
    };
    if list.fields.iter().any(taken) {
        return Err(("0x81020014", "A duplicate field name was found."));
    }
    let id = field.attribute("ID").and_then(ids::parse).unwrap_or_else(|| ids::named(&format!("{} {name}", list.id)));
    let element = caml_field(field)
        .with_attribute("ID", id.braced().to_string())
        .with_attribute("DisplayName", display)
        .with_attribute("Name", &*name)
        .with_attribute("StaticName", &*name)
        .with_attribute("SourceID", list.id.braced().to_string());
    let field = Field(element);
    list.fields.push(field.clone());
    if let Some(view) = method.attribute("AddToView") {
        // Absent: no view. Empty or no id: the default one (R265 to R267).
        let view = ids::parse(view).and_then(|id| list.views.iter().position(|view| view.id == id));
        let view = view.or_else(|| list.views.iter().position(|view| view.is_default));
        if let Some(view) = view.and_then(|index| list.views.get_mut(index)) {
            view.fields.push(name);
        }
    }
    Ok(field)
}

fn update_field(list: Option<&mut List>, _: &Element, field: &Element) -> Result<Field, (&'static str, &'static str)> {
    let known = known_field(list, field)?;
    let mut element = known.0.clone();
    for (name, value) in field.attributes() {
        // What a column is stays as it was made.
        if !["ID", "Name", "StaticName", "SourceID", "Type", "FromBaseType"].contains(&&*name.local) {
            element = element.with_attribute(&name.local, value);
        }
    }
    let changed = caml_field(field);
    let kept: Vec<_> = element.children().filter(|child| changed.child(child.local()).is_none()).cloned().collect();
    let mut whole = Element::new("", "Field");
    for (name, value) in element.attributes() {
        whole = whole.with_attribute(&name.local, value);
    }
    known.0 = whole.with_all(kept).with_all(changed.children().cloned());
    Ok(known.clone())
}

fn delete_field(list: Option<&mut List>, _: &Element, field: &Element) -> Result<Field, (&'static str, &'static str)> {
    let list = list.ok_or(BAD_FIELD)?;
    let known = known_field(Some(list), field)?.clone();
    if known.is("FromBaseType") {
        return Err(("0x81020014", "The field cannot be deleted because it is a built-in field of the list."));
    }
    list.fields.retain(|field| field.name() != known.name());
    for view in &mut list.views {
        view.fields.retain(|name| name != known.name());
    }
    for item in list.items.values_mut() {
        item.values.remove(known.name());
    }
    Ok(known)
}

fn known_field<'l>(list: Option<&'l mut List>, field: &Element) -> Result<&'l mut Field, (&'static str, &'static str)> {
    let name = field.attribute("Name").unwrap_or("");
    let id = field.attribute("ID").and_then(ids::parse);
    let meant = |field: &&mut Field| {
        field.name() == name || (id.is_some() && field.0.attribute("ID").and_then(ids::parse) == id)
    };
    let found = list.and_then(|list| list.fields.iter_mut().find(meant));
    found.ok_or(("0x82000007", "The specified field does not exist in the list."))
}

fn method_result(call: &Call<'_>, method: &Element, outcome: Result<Field, (&str, &str)>) -> Element {
    let result = call.element("Method").with_attribute("ID", method.attribute("ID").unwrap_or(""));
    match outcome {
        Ok(field) => result.with_value("ErrorCode", "0x00000000").with(in_namespace(&field.0, call.service.namespace)),
        Err((code, text)) => result.with_value("ErrorCode", code).with_value("ErrorText", text),
    }
}

/// Settings that the service knows; others are passed over.
fn apply(list: &mut List, properties: &Element) {
    let flag = |name: &str| properties.attribute(name).map(|value| value.eq_ignore_ascii_case("TRUE") || value == "1");
    let Settings { attachments, moderation, versioning, minor_versions, require_checkout, hidden, .. } =
        &mut list.settings;
    for (name, setting) in [
        ("EnableAttachments", attachments),
        ("EnableModeration", moderation),
        ("EnableVersioning", versioning),
        ("EnableMinorVersion", minor_versions),
        ("RequireCheckout", require_checkout),
        ("Hidden", hidden),
    ] {
        if let Some(value) = flag(name) {
            *setting = value;
        }
    }
    if let Some(title) = properties.attribute("Title") {
        title.trim().clone_into(&mut list.title);
    }
    if let Some(description) = properties.attribute("Description") {
        description.clone_into(&mut list.description);
    }
    if let Some(direction) = properties.attribute("Direction") {
        list.settings.direction = direction.to_lowercase();
    }
    if let Some(limit) = properties.attribute("MajorVersionLimit").and_then(|limit| limit.parse().ok()) {
        list.settings.version_limit = limit;
    }
}

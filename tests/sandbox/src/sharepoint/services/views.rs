//! Views.asmx.

use soap::Element;

use crate::sharepoint::{
    caml::{Query, in_namespace},
    ids,
    list::{List, View},
    names,
    rights::Rights,
    state::Web,
};

use super::{Call, Refusal, call::known_field};

pub(super) fn run(call: &mut Call<'_>) -> Option<Result<Element, Refusal>> {
    Some(match call.operation {
        "GetViewCollection" => get_view_collection(call),
        "GetView" => get_view(call),
        "AddView" => add_view(call),
        "DeleteView" => delete_view(call),
        _ => return None,
    })
}

fn get_view_collection(call: &Call<'_>) -> Result<Element, Refusal> {
    let list = call.list("listName")?;
    call.demand_on(list.id, Rights::VIEW_ITEMS)?;
    let web = call.web()?;
    let views = list.views.iter().map(|view| outline(call, web, view));
    Ok(call.result([call.element("Views").with_all(views)]))
}

fn get_view(call: &Call<'_>) -> Result<Element, Refusal> {
    let list = call.list("listName")?;
    call.demand_on(list.id, Rights::VIEW_ITEMS)?;
    let view = view_named(call, list)?;
    Ok(call.result([whole(call, call.web()?, view)]))
}

/// The view whose id `viewName` is; the default one when it is empty.
fn view_named<'l>(call: &Call<'_>, list: &'l List) -> Result<&'l View, Refusal> {
    let name = call.text("viewName");
    if name.is_empty() {
        return list.default_view().ok_or_else(Refusal::unexpected);
    }
    let id = ids::parse(&name).ok_or_else(|| Refusal::parameter("viewName"))?;
    list.views.iter().find(|view| view.id == id).ok_or_else(Refusal::unexpected)
}

/// MS-VIEWSS 3.1.4.1. A name that is taken makes a second view of that name, at another address, as in 2007.
fn add_view(call: &mut Call<'_>) -> Result<Element, Refusal> {
    let list = call.list("listName")?;
    let id = list.id;
    call.demand_on(id, Rights::MANAGE_LISTS)?;
    let title = call.text("viewName");
    if title.is_empty() {
        return Err(Refusal::parameter("viewName"));
    }
    let references = call.payload("viewFields").into_iter().flat_map(|fields| fields.all("FieldRef"));
    let fields: Vec<_> = references.filter_map(|field| field.attribute("Name")).map(ToOwned::to_owned).collect();
    for field in &fields {
        known_field(list, field)?;
    }
    let query = call.payload("query").map_or_else(|| Element::new("", "Query"), |query| in_namespace(query, ""));
    let meant = Query::read(&query, call.around.generation).map_err(|_| Refusal::unexpected())?;
    for field in meant.fields() {
        known_field(list, field)?;
    }
    let (row_limit, paged) = row_limit(call)?;
    let kind = match call.text("type").to_uppercase() {
        empty if empty.is_empty() => "HTML".to_owned(),
        // MS-VIEWSS R101: of those that there are, these three can be asked for.
        kind if ["HTML", "GRID", "CALENDAR"].contains(&kind.as_str()) => kind,
        _ => return Err(Refusal::out_of_range()),
    };
    let is_default = call.text("makeViewDefault").eq_ignore_ascii_case("true");
    let path = free_path(list, &title);
    let view = View { id: call.ids.guid(), title, path, kind, is_default, fields, query, row_limit, paged };
    let now = call.now();
    let list = call.list_mut(id)?;
    if is_default {
        list.views.iter_mut().for_each(|view| view.is_default = false);
    }
    list.views.push(view.clone());
    list.modified = now;
    Ok(call.result([whole(call, call.web()?, &view)]))
}

/// 100 rows and further pages unless said otherwise (R95).
fn row_limit(call: &Call<'_>) -> Result<(u32, bool), Refusal> {
    match call.payload("rowLimit") {
        Some(limit) if !limit.text().trim().is_empty() => {
            let rows = limit.text().trim().parse().map_err(|_| Refusal::out_of_range())?;
            Ok((rows, limit.attribute("Paged").is_some_and(|paged| paged.eq_ignore_ascii_case("TRUE"))))
        }
        _ => Ok((100, true)),
    }
}

fn free_path(list: &List, title: &str) -> String {
    let folder = if list.is_library() { format!("{}/Forms", list.root) } else { list.root.clone() };
    let name = match names::address_of_title(title) {
        empty if empty.is_empty() => "View".to_owned(),
        name => name,
    };
    let taken = |path: &str| list.views.iter().any(|view| view.path.eq_ignore_ascii_case(path));
    let numbers = std::iter::once(String::new()).chain((1..).map(|number: u32| number.to_string()));
    let mut paths = numbers.map(|number| format!("{folder}/{name}{number}.aspx"));
    paths.find(|path| !taken(path)).unwrap_or_default()
}

fn delete_view(call: &mut Call<'_>) -> Result<Element, Refusal> {
    let list = call.list("listName")?;
    let id = list.id;
    call.demand_on(id, Rights::MANAGE_LISTS)?;
    let view = view_named(call, list)?.id;
    call.list_mut(id)?.views.retain(|other| other.id != view);
    Ok(call.response())
}

fn outline(call: &Call<'_>, web: &Web, view: &View) -> Element {
    let flag = |element: Element, name: &str, says: bool| {
        if says { element.with_attribute(name, "TRUE") } else { element }
    };
    let element = call.element("View").with_attribute("Name", ids::braced(view.id));
    let element = flag(element, "DefaultView", view.is_default);
    let element = flag(element, "MobileView", view.kind == "HTML");
    let element = flag(element, "MobileDefaultView", view.is_default && view.kind == "HTML");
    element
        .with_attribute("Type", &*view.kind)
        .with_attribute("DisplayName", &*view.title)
        .with_attribute("Url", format!("{}/{}", web.path, view.path))
        .with_attribute("Level", "1")
        .with_attribute("BaseViewID", "1")
        .with_attribute("ContentTypeID", "0x")
        .with_attribute("ImageUrl", "/_layouts/images/generic.png")
}

/// With query, columns and rows (BriefViewDefinition).
fn whole(call: &Call<'_>, web: &Web, view: &View) -> Element {
    let fields = view.fields.iter().map(|name| call.element("FieldRef").with_attribute("Name", &**name));
    let limit = call.element("RowLimit").with_text(view.row_limit.to_string());
    let limit = if view.paged { limit.with_attribute("Paged", "TRUE") } else { limit };
    outline(call, web, view)
        .with(in_namespace(&view.query, call.service.namespace))
        .with(call.element("ViewFields").with_all(fields))
        .with(limit)
}

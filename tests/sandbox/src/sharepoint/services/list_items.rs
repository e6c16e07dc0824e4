//! Lists.GetListItems (MS-LISTSWS 3.1.4.24).

use soap::Element;

use crate::sharepoint::{
    caml::Query,
    ids,
    list::{Field, Item, View},
    rights::Rights,
    rows::{Cell, Options, Sheet, exceeds_threshold, select},
};

use super::{Call, Refusal, call::known_field};

const ROWSET: &str = "urn:schemas-microsoft-com:rowset";
const ROW: &str = "#RowsetSchema";

/// What every row carries, whatever is asked for (recorded rows; contract §3).
const ALWAYS: &[&str] = &[
    "MetaInfo",
    "_ModerationStatus",
    "_Level",
    "ID",
    "UniqueId",
    "owshiddenversion",
    "FSObjType",
    "Created_x0020_Date",
    "Created",
    "FileLeafRef",
    "PermMask",
    "Modified",
    "FileRef",
];

const THRESHOLD_EXCEEDED: &str = "The attempted operation is prohibited because it exceeds the list view threshold \
                                  enforced by the administrator.";

pub(super) fn get_list_items(call: &Call<'_>) -> Result<Element, Refusal> {
    if call.people.is_none()
        && ["UserInfo", "User Information List"].iter().any(|name| call.text("listName").eq_ignore_ascii_case(name))
    {
        return users(call);
    }
    let list = call.list("listName")?;
    call.demand_on(list.id, Rights::VIEW_ITEMS)?;
    let sheet = call.sheet(list.id)?;
    let view = view_of(call, &sheet)?;
    let query = match call.payload("query") {
        Some(query) => Query::read(query, call.around.generation),
        None => view.map_or_else(|| Ok(Query::default()), |view| Query::read(&view.query, call.around.generation)),
    };
    let query = query.map_err(|_| Refusal::unexpected())?;
    for field in query.fields() {
        known_field(list, field)?;
    }
    let options = options(call, &sheet, view)?;
    if call.around.generation.is_2010() && exceeds_threshold(&sheet, &query, &options, call.now()) {
        return Err(Refusal::coded("0x80070024", THRESHOLD_EXCEEDED));
    }
    let page = select(&sheet, &query, &options, call.now()).map_err(|_| Refusal::unexpected())?;
    let columns = columns(call, &sheet, view);
    let in_utc = query_option(call, "DateInUtc").is_some_and(|text| is_true(&text));
    let mut data = Element::new(ROWSET, "data").with_attribute("ItemCount", page.items.len().to_string());
    if let Some(next) = page.next {
        data = data.with_attribute("ListItemCollectionPositionNext", next);
    }
    let rows = page.items.into_iter().map(|item| row(&sheet, item, &columns, in_utc));
    Ok(call.result([call.element("listitems").with(data.with_all(rows))]))
}

/// A row's attributes: `ows_` and the internal name. What has no value is left out (R742001).
pub(super) fn row(sheet: &Sheet<'_>, item: &Item, columns: &[String], in_utc: bool) -> Element {
    let mut row = Element::new(ROW, "row");
    for column in columns {
        if let Some(cell) = sheet.cell(item, column) {
            row = row.with_attribute(&format!("ows_{column}"), cell.show(in_utc));
        }
    }
    row
}

/// All columns of a row that UpdateListItems returns.
pub(super) fn all_columns(sheet: &Sheet<'_>) -> Vec<String> {
    sheet.list.fields.iter().map(|field| field.name().to_owned()).filter(|name| name != "PermMask").collect()
}

fn view_of<'s>(call: &Call<'_>, sheet: &Sheet<'s>) -> Result<Option<&'s View>, Refusal> {
    let name = call.text("viewName");
    if name.is_empty() {
        return Ok(sheet.list.default_view());
    }
    // R729.
    let id = ids::parse(&name).ok_or_else(|| Refusal::parameter("viewName"))?;
    match sheet.list.views.iter().find(|view| view.id == id) {
        Some(view) => Ok(Some(view)),
        // R730, R731: nothing else says what to return.
        None if ["query", "viewFields", "queryOptions", "rowLimit"]
            .iter()
            .all(|name| call.parameter(name).is_some()) =>
        {
            Ok(None)
        }
        None => Err(Refusal::unexpected()),
    }
}

fn columns(call: &Call<'_>, sheet: &Sheet<'_>, view: Option<&View>) -> Vec<String> {
    let mut columns: Vec<String> = match call.payload("viewFields") {
        // R42: an empty element asks for all.
        Some(fields) if fields.children().next().is_none() => {
            sheet.list.fields.iter().map(|field| field.name().to_owned()).collect()
        }
        Some(fields) => {
            fields.all("FieldRef").filter_map(|field| field.attribute("Name")).map(ToOwned::to_owned).collect()
        }
        None => view.map(|view| view.fields.clone()).unwrap_or_default(),
    };
    // R2130: a name that no column has is passed over.
    columns.retain(|column| sheet.list.field(column).is_some());
    let mandatory = query_option(call, "IncludeMandatoryColumns").is_none_or(|text| is_true(&text));
    let required = sheet.list.fields.iter().filter(|field| mandatory && field.is("Required")).map(Field::name);
    for name in required.chain(ALWAYS.iter().copied()) {
        if !columns.iter().any(|column| column == name) {
            columns.push(name.to_owned());
        }
    }
    columns
}

fn options(call: &Call<'_>, sheet: &Sheet<'_>, view: Option<&View>) -> Result<Options, Refusal> {
    let limit = match call.text("rowLimit").as_str() {
        "" => view.map_or(100, |view| view.row_limit),
        // R745.
        text => text.parse::<u32>().map_err(|_| Refusal::plain("Input string was not in a correct format."))?,
    };
    let inside = call.payload("queryOptions");
    let attribute = |element: &str, attribute: &str| {
        inside
            .and_then(|options| options.child(element))
            .and_then(|found| found.attribute(attribute))
            .map(ToOwned::to_owned)
    };
    let folder = match query_option(call, "Folder").filter(|folder| !folder.is_empty()) {
        None => String::new(),
        Some(folder) => folder_of(call, sheet, &folder)?,
    };
    Ok(Options {
        folder,
        scope: attribute("ViewAttributes", "Scope").unwrap_or_default(),
        limit: usize::try_from(limit).unwrap_or(usize::MAX),
        after: attribute("Paging", "ListItemCollectionPositionNext").unwrap_or_default(),
    })
}

/// A folder's path below the list's root, from an address, a path below the web, or one from the host's root
/// without its first slash.
fn folder_of(call: &Call<'_>, sheet: &Sheet<'_>, folder: &str) -> Result<String, Refusal> {
    let bare = sheet.web.path.trim_start_matches('/');
    let folder =
        if folder.to_lowercase().starts_with(&bare.to_lowercase()) { format!("/{folder}") } else { folder.to_owned() };
    let below = call.below_web(&folder).ok_or_else(Refusal::unexpected)?;
    let inside = below.get(..sheet.list.root.len()).filter(|root| root.eq_ignore_ascii_case(&sheet.list.root));
    let inside = inside.map(|root| below[root.len()..].trim_matches('/').to_owned()).ok_or_else(Refusal::unexpected)?;
    if sheet.list.has_folder(&inside) { Ok(inside) } else { Err(Refusal::unexpected()) }
}

fn query_option(call: &Call<'_>, name: &str) -> Option<String> {
    Some(call.payload("queryOptions")?.child(name)?.text().trim().to_owned())
}

fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("TRUE") || text == "1"
}

/// The people of the collection, as the hidden list that every collection has.
fn users(call: &Call<'_>) -> Result<Element, Refusal> {
    call.demand(Rights::BROWSE_USERS)?;
    let rows: Vec<_> = call
        .collection
        .users
        .values()
        .map(|user| {
            let row = Element::new(ROW, "row")
                .with_attribute("ows_ID", user.id.to_string())
                .with_attribute("ows_Name", &*user.login)
                .with_attribute("ows_Title", &*user.name)
                .with_attribute("ows_ImnName", &*user.name)
                .with_attribute("ows_ContentType", "Person");
            if user.email.is_empty() { row } else { row.with_attribute("ows_EMail", &*user.email) }
        })
        .collect();
    let data = Element::new(ROWSET, "data").with_attribute("ItemCount", rows.len().to_string()).with_all(rows);
    Ok(call.result([call.element("listitems").with(data)]))
}

/// The text of a cell, for CopyIntoItems and GetItem.
pub(super) fn text_of(cell: &Cell) -> String {
    cell.show(true)
}

//! A view of a list: its columns and rows.

use maud::{Markup, html};

use crate::sharepoint::{
    address::encode,
    caml::Query,
    list::{Item, List, View},
    route::Visit,
    rows::{Options, Sheet, select},
};

use super::{Scene, frame::frame};

pub(super) fn page(scene: Scene<'_>, list: &List, view: &View, visit: &Visit<'_>) -> Markup {
    let Scene { collection, web, around } = scene;
    let sheet = Sheet { collection, web, list, user: around.user };
    let folder = visit.parameter("Folder").filter(|folder| list.has_folder(folder)).unwrap_or_default();
    let options = Options {
        folder: folder.clone(),
        limit: usize::try_from(view.row_limit).unwrap_or(usize::MAX),
        after: visit.parameter("After").unwrap_or_default(),
        ..Options::default()
    };
    let query = Query::read(&view.query, around.generation).unwrap_or_default();
    let (rows, next) =
        select(&sheet, &query, &options, around.now).map(|page| (page.items, page.next)).unwrap_or_default();
    let next = next.filter(|_| view.paged).map(|after| {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("Folder", &folder)
            .append_pair("After", &after)
            .finish();
        format!("?{query}")
    });
    frame(
        scene,
        &list.title,
        &html! {
            @if !list.description.is_empty() { p.ms-listdescription dir="auto" { (list.description) } }
            div.ms-toolbar {
                label { "View: " }
                @for other in &list.views {
                    @if other.id == view.id { strong dir="auto" { (other.title) } }
                    @else { a href=(encode(&format!("{}/{}", web.path, other.path))) dir="auto" { (other.title) } }
                    " "
                }
                @if list.grants.is_some() { span.ms-own { "This list has its own permissions." } }
            }
            @if !folder.is_empty() { p.ms-folder dir="auto" { (folder) } }
            (table(&sheet, &view.fields, &rows))
            @if let Some(next) = next { p { a href=(next) { "Next" } } }
        },
    )
}

/// Columns that show an icon or nothing.
const ICONS: &[&str] = &["Attachments", "Edit", "fRecurrence", "WorkspaceLink"];

/// Rows as a table; what opens an item links to its file.
pub(super) fn table(sheet: &Sheet<'_>, fields: &[String], rows: &[&Item]) -> Markup {
    let fields = fields.iter().filter(|name| !ICONS.contains(&name.as_str()));
    let fields: Vec<_> = fields.filter_map(|name| sheet.list.field(name)).collect();
    html! {
        table.ms-listviewtable {
            thead {
                tr { @for field in &fields { th scope="col" dir="auto" { (field.display_name()) } } }
            }
            tbody {
                @for item in rows {
                    tr {
                        @for field in &fields {
                            td dir="auto" { (cell(sheet, item, field.name())) }
                        }
                    }
                }
            }
        }
        @if rows.is_empty() { p.ms-empty { "There are no items to show in this view." } }
    }
}

fn cell(sheet: &Sheet<'_>, item: &Item, name: &str) -> Markup {
    let text = sheet.cell(item, name).map(|cell| cell.read()).unwrap_or_default();
    match name {
        "LinkFilename" | "LinkFilenameNoMenu" if item.is_folder => {
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("Folder", &item.path()).finish();
            html! { a href=(format!("?{query}")) { (text) } }
        }
        "LinkFilename" | "LinkFilenameNoMenu" => {
            let path = format!("{}/{}", sheet.web.path, sheet.list.path_of(&item.path()));
            html! { a href=(encode(&path)) { (text) } }
        }
        _ => html! { (text) },
    }
}

//! The pages that people see, in the look of 2007, and the two forms that the engine posts.

mod contents;
mod form;
mod frame;
mod home;
mod list_view;
mod new_web;
mod people;
mod perm_setup;
mod sign_in;
mod trouble;

pub(super) use sign_in::{collections, sign_in, sign_out, signed_in};
pub(super) use trouble::{error_page, not_found};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use maud::Markup;

use super::{
    list::{Item, List},
    rights::Rights,
    route::{self, Visit},
    services::Surroundings,
    state::{Collection, State, Web},
};

/// What a page shows a part of: a web, and who looks at it.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) collection: &'a Collection,
    pub(super) web: &'a Web,
    pub(super) around: &'a Surroundings,
}

impl Scene<'_> {
    fn may(&self, needed: Rights) -> bool {
        self.collection.rights(self.around.user, &self.web.path).include(needed)
    }
}

/// `{web}/_layouts/{file}`.
pub(super) fn layouts(
    state: &mut State,
    key: &str,
    visit: &Visit<'_>,
    around: &Surroundings,
    file: &str,
) -> Response<Bytes> {
    if !route::may_view(state, key, around) {
        return trouble::denied(around);
    }
    match file {
        "newsbweb.aspx" => return new_web::answer(state, key, visit, around),
        "permsetup.aspx" => return perm_setup::answer(state, key, visit, around),
        _ => {}
    }
    let Some(scene) = scene(state, key, around) else { return not_found() };
    match file {
        "viewlsts.aspx" => html(StatusCode::OK, &contents::page(scene)),
        "people.aspx" | "groups.aspx" | "user.aspx" => html(StatusCode::OK, &people::page(scene)),
        _ => not_found(),
    }
}

/// What lies below a web: its home page, pages, views and files.
pub(super) fn content(
    state: &State,
    key: &str,
    visit: &Visit<'_>,
    around: &Surroundings,
    below: &str,
) -> Response<Bytes> {
    let Some(scene) = scene(state, key, around) else { return not_found() };
    let path = if below.is_empty() { "default.aspx" } else { below };
    if let Some((list, inside)) = scene.web.list_above(path) {
        if !scene.collection.rights_on(around.user, &scene.web.path, list).include(Rights::VIEW_ITEMS) {
            return trouble::denied(around);
        }
        if let Some(view) = list.views.iter().find(|view| view.path.eq_ignore_ascii_case(path)) {
            return html(StatusCode::OK, &list_view::page(scene, list, view, visit));
        }
        if list.has_folder(inside) {
            let view = list.default_view().map(|view| around.absolute(&format!("{}/{}", scene.web.path, view.path)));
            return view.map_or_else(not_found, |view| route::redirect(&view));
        }
        if let Some(content) = attachment(list, inside) {
            return bytes_of(inside, content);
        }
        if let Some(item) = list.item_at(inside).filter(|_| scene.web.page(path).is_none()) {
            return file(item);
        }
    }
    if !scene.may(Rights::VIEW_PAGES) {
        return trouble::denied(around);
    }
    match scene.web.page(path) {
        Some(page) => html(StatusCode::OK, &home::page(scene, page)),
        None => not_found(),
    }
}

fn scene<'a>(state: &'a State, key: &str, around: &'a Surroundings) -> Option<Scene<'a>> {
    let collection = state.collections.get(key)?;
    Some(Scene { collection, web: collection.web(&around.web)?, around })
}

fn file(item: &Item) -> Response<Bytes> {
    item.file.as_ref().map_or_else(not_found, |file| bytes_of(&item.leaf, &file.bytes))
}

/// `Attachments/{id}/{name}` below a list.
fn attachment<'l>(list: &'l List, inside: &str) -> Option<&'l Bytes> {
    let (id, name) = inside
        .get(.."Attachments/".len())
        .filter(|start| start.eq_ignore_ascii_case("Attachments/"))
        .and_then(|start| inside[start.len()..].split_once('/'))?;
    let attachments = &list.items.get(&id.parse().ok()?)?.attachments;
    attachments.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, content)| content)
}

fn bytes_of(name: &str, content: &Bytes) -> Response<Bytes> {
    let kind = match name.rsplit_once('.').map(|(_, kind)| kind.to_lowercase()).as_deref() {
        Some("docx") => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Some("pdf") => "application/pdf",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    let mut response = Response::new(content.clone());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}

/// The one style sheet, at the place where 2007 keeps its own.
pub(super) fn style_sheet() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(include_bytes!("core.css")));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    response
}

/// No icon.
pub(super) fn icon() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("image/x-icon"));
    response
}

/// A page. Nothing on it runs: there is no script, and none is allowed.
pub(super) fn html(status: StatusCode, page: &Markup) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(page.0.clone()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    let policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

//! A web part page: zones side by side, parts with their title bars.

use maud::{Markup, html};
use soap::Limits;

use crate::sharepoint::{
    caml::Query,
    ids,
    list::List,
    page::{Page, WebPart},
    rights::Rights,
    rows::{Options, Sheet, select},
};

use super::{
    Scene,
    frame::{address_of, frame},
    list_view,
};

/// How many rows a list's part shows.
const FEW: usize = 5;

pub(super) fn page(scene: Scene<'_>, page: &Page) -> Markup {
    let web = scene.web;
    let home = page.path.eq_ignore_ascii_case("default.aspx");
    let name = page.path.rsplit('/').next().unwrap_or("").trim_end_matches(".aspx").to_owned();
    let title = if home { "Home".to_owned() } else { name };
    frame(
        scene,
        &title,
        &html! {
            @if home && !web.description.is_empty() { p.ms-webdescription dir="auto" { (web.description) } }
            div.ms-zones {
                @for zone in &page.zones {
                    section.ms-zone data-zone=(zone) aria-label=(format!("Zone {zone}")) {
                        @for part in page.parts_in(zone) { (render(scene, part)) }
                    }
                }
            }
        },
    )
}

fn render(scene: Scene<'_>, part: &WebPart) -> Markup {
    let list = ids::parse(&part.content).and_then(|id| scene.web.lists.get(&id));
    html! {
        article.ms-webpart data-part=(part.id) {
            h3.ms-WPTitle dir="auto" {
                @match list {
                    Some(list) => { a href=(address_of(scene.web, list)) { (part.title) } }
                    None => { (part.title) }
                }
            }
            div.ms-WPBody {
                @match list {
                    Some(list) => { (few_rows(scene, list)) }
                    None => { (content(part)) }
                }
            }
        }
    }
}

/// The words of a division, as a content editor shows them. What other content and other parts would show cannot run
/// here: their kind and content are named instead, as text.
fn content(part: &WebPart) -> Markup {
    let kind = part.type_name.rsplit('.').next().unwrap_or("");
    let division = soap::parse(part.content.trim().as_bytes(), Limits::default()).ok().filter(|root| root.is("div"));
    if let Some(division) = division.filter(|root| root.children().next().is_none()) {
        return html! { p dir="auto" { (division.text()) } };
    }
    html! {
        div.ms-placeholder {
            p.ms-partkind { (kind) }
            @if !part.content.trim().is_empty() { pre dir="auto" { (part.content.trim()) } }
        }
    }
}

fn few_rows(scene: Scene<'_>, list: &List) -> Markup {
    let Scene { collection, web, around } = scene;
    if !collection.rights_on(around.user, &web.path, list).include(Rights::VIEW_ITEMS) {
        return html! { p { "You do not have access to this list." } };
    }
    let sheet = Sheet { collection, web, list, user: around.user };
    let options = Options { limit: FEW, ..Options::default() };
    let rows = select(&sheet, &Query::default(), &options, around.now).map(|page| page.items).unwrap_or_default();
    let fields = list.default_view().map(|view| view.fields.clone()).unwrap_or_default();
    list_view::table(&sheet, &fields, &rows)
}

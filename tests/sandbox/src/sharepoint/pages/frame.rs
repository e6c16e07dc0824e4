//! What surrounds every page of a web: banner, breadcrumb, quick launch.

use maud::{DOCTYPE, Markup, html};

use crate::sharepoint::{
    address::encode,
    list::List,
    rights::Rights,
    state::{Web, parent_path},
};

use super::Scene;

/// Where the style sheet is.
pub(super) const STYLE: &str = "/_layouts/1033/styles/core.css";

/// A whole page of a web.
pub(super) fn frame(scene: Scene<'_>, title: &str, main: &Markup) -> Markup {
    let Scene { collection, web, around } = scene;
    let home = encode(&web.path);
    bare(
        &format!("{title} - {}", web.title),
        &html! {
            header.ms-globalbreadcrumb {
                nav aria-label="Breadcrumb" {
                    @for ancestor in ancestors(scene) {
                        a href=(encode(&ancestor.path)) dir="auto" { (ancestor.title) } " > "
                    }
                    span dir="auto" { (web.title) }
                }
                span.ms-welcome {
                    "Welcome " bdi { (collection.member_name(around.user)) } " | "
                    a href="/_layouts/signout.aspx" { "Sign Out" }
                }
            }
            div.ms-titlearea {
                span.ms-siteicon aria-hidden="true" {}
                h1 { a href=(home) dir="auto" { (web.title) } }
            }
            nav.ms-topnav aria-label="Top" {
                a href=(home) { "Home" }
            }
            div.ms-body {
                (quick_launch(scene))
                main.ms-main {
                    h2.ms-pagetitle dir="auto" { (title) }
                    (main)
                }
            }
        },
    )
}

/// A page without a web around it.
pub(super) fn bare(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" dir="ltr" {
            head {
                meta charset="utf-8";
                meta name="GENERATOR" content="Microsoft SharePoint";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="stylesheet" type="text/css" href=(STYLE);
            }
            body { (body) }
        }
    }
}

/// The webs above, outermost first, as far as the visitor may see them.
fn ancestors(scene: Scene<'_>) -> Vec<&Web> {
    let Scene { collection, web, around } = scene;
    let mut found = Vec::new();
    let mut path = parent_path(&collection.path, &web.path);
    while let Some(web) = path.as_deref().and_then(|path| collection.web(path)) {
        if collection.rights(around.user, &web.path).include(Rights::VIEW_PAGES) {
            found.insert(0, web);
        }
        path = parent_path(&collection.path, &web.path);
    }
    found
}

fn quick_launch(scene: Scene<'_>) -> Markup {
    let Scene { collection, web, around } = scene;
    let layouts = |page: &str| format!("{}/_layouts/{page}", encode(&web.path));
    let shown: Vec<_> = visible_lists(scene).into_iter().filter(|list| list.settings.on_quick_launch).collect();
    let children: Vec<_> = collection
        .children(&web.path)
        .filter(|child| {
            child.on_quick_launch && collection.rights(around.user, &child.path).include(Rights::VIEW_PAGES)
        })
        .collect();
    html! {
        nav.ms-quicklaunch aria-label="Quick launch" {
            p.ms-viewall { a href=(layouts("viewlsts.aspx")) { "View All Site Content" } }
            @for heading in ["Pictures", "Documents", "Lists", "Discussions", "Surveys"] {
                @let lists: Vec<_> = shown.iter().filter(|list| list.definition().heading == heading).collect();
                @if !lists.is_empty() {
                    h3 { (heading) }
                    ul { @for list in lists { li { a href=(address_of(web, list)) dir="auto" { (list.title) } } } }
                }
            }
            h3 { "Sites" }
            @if !children.is_empty() {
                ul { @for child in children { li { a href=(encode(&child.path)) dir="auto" { (child.title) } } } }
            }
            h3 { a href=(layouts("people.aspx")) { "People and Groups" } }
        }
    }
}

/// The lists that the visitor may see and that are not hidden.
pub(super) fn visible_lists(scene: Scene<'_>) -> Vec<&List> {
    let Scene { collection, web, around } = scene;
    let sees = |list: &&List| collection.rights_on(around.user, &web.path, list).include(Rights::VIEW_ITEMS);
    web.lists().into_iter().filter(|list| !list.settings.hidden).filter(sees).collect()
}

/// The address of a list's default view.
pub(super) fn address_of(web: &Web, list: &List) -> String {
    let path = list.default_view().map_or(list.root.as_str(), |view| view.path.as_str());
    encode(&format!("{}/{path}", web.path))
}

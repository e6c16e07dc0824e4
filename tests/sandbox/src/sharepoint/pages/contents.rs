//! All Site Content.

use maud::{Markup, html};

use crate::sharepoint::{address::encode, rights::Rights};

use super::{
    Scene,
    frame::{address_of, frame, visible_lists},
};

pub(super) fn page(scene: Scene<'_>) -> Markup {
    let Scene { collection, web, around } = scene;
    let lists = visible_lists(scene);
    let children: Vec<_> = collection
        .children(&web.path)
        .filter(|child| collection.rights(around.user, &child.path).include(Rights::VIEW_PAGES))
        .collect();
    frame(
        scene,
        "All Site Content",
        &html! {
            @if scene.may(Rights::MANAGE_SUBWEBS) {
                div.ms-toolbar { a href=(encode(&format!("{}/_layouts/newsbweb.aspx", web.path))) { "Create a site" } }
            }
            table.ms-listviewtable {
                thead {
                    tr {
                        th scope="col" { "Name" } th scope="col" { "Description" }
                        th scope="col" { "Items" } th scope="col" { "Last Modified" }
                    }
                }
                @for heading in ["Documents", "Pictures", "Lists", "Discussions", "Surveys"] {
                    tbody {
                        tr.ms-heading { th scope="rowgroup" colspan="4" { (heading) } }
                        @for list in lists.iter().filter(|list| list.definition().heading == heading) {
                            tr {
                                td dir="auto" { a href=(address_of(web, list)) { (list.title) } }
                                td dir="auto" { (list.description) }
                                td { (list.items.len()) }
                                td { (list.modified.strftime("%Y-%m-%d %H:%M")) }
                            }
                        }
                    }
                }
                tbody {
                    tr.ms-heading { th scope="rowgroup" colspan="4" { "Sites and Workspaces" } }
                    @for child in children {
                        tr {
                            td dir="auto" { a href=(encode(&child.path)) { (child.title) } }
                            td dir="auto" { (child.description) }
                            td {}
                            td { (child.modified.strftime("%Y-%m-%d %H:%M")) }
                        }
                    }
                }
            }
        },
    )
}

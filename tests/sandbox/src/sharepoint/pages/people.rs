//! People and Groups: who may do what on a web.

use maud::{Markup, html};

use crate::sharepoint::{
    address::encode,
    rights::{Grant, Grants, Rights},
};

use super::{Scene, frame::frame};

pub(super) fn page(scene: Scene<'_>) -> Markup {
    let Scene { collection, web, .. } = scene;
    let holder = collection.web_of_grants(&web.path);
    let inherited = holder.filter(|holder| holder.path != web.path);
    let grants = collection.grants(&web.path);
    let body = if scene.may(Rights::BROWSE_USERS) {
        lists(scene, &grants)
    } else {
        html! { p { "Access denied." } }
    };
    frame(
        scene,
        "People and Groups",
        &html! {
            @match inherited {
                Some(parent) => {
                    p.ms-inherits {
                        "This site inherits permissions from its parent, "
                        a href=(encode(&parent.path)) dir="auto" { (parent.title) } "."
                    }
                }
                None => { p.ms-unique { "This site has unique permissions." } }
            }
            (body)
        },
    )
}

fn lists(scene: Scene<'_>, grants: &Grants) -> Markup {
    let collection = scene.collection;
    let groups: Vec<_> = grants.iter().filter_map(|(id, grant)| Some((collection.groups.get(id)?, grant))).collect();
    let users: Vec<_> = grants.iter().filter_map(|(id, grant)| Some((collection.users.get(id)?, grant))).collect();
    let row = |name: &str, kind: &str, grant: &Grant| {
        html! { tr { td dir="auto" { (name) } td { (kind) } td { (grant.names()) } } }
    };
    html! {
        table.ms-listviewtable {
            thead { tr { th scope="col" { "Users/Groups" } th scope="col" { "Type" } th scope="col" { "Permissions" } } }
            tbody {
                @for (group, grant) in &groups { (row(&group.name, "SharePoint Group", grant)) }
                @for (user, grant) in &users { (row(&user.name, "User", grant)) }
            }
        }
        @for (group, _) in &groups {
            section.ms-group {
                h3 dir="auto" { (group.name) }
                @if !group.description.is_empty() { p dir="auto" { (group.description) } }
                ul {
                    @for user in group.members.iter().filter_map(|member| collection.users.get(member)) {
                        li { bdi { (user.name) } " " span.ms-login { (user.login) } }
                    }
                }
                @if group.members.is_empty() { p.ms-empty { "There are no members in this group." } }
            }
        }
    }
}

//! The site definitions that the page offers.

use std::collections::BTreeMap;

use domain::Timestamp;

use crate::sharepoint::{
    ids::{self, Ids},
    page::{Page, WebPart},
    rights::Grants,
    state::{Collection, Web},
};

use super::list_templates::{NewList, list_template, make_list};

/// A site definition: name, title, category, description, and the lists it brings as (template, title, zone).
pub(crate) type WebDefinition =
    (&'static str, &'static str, &'static str, &'static str, &'static [(u32, &'static str, &'static str)]);

const TEAM: &[(u32, &str, &str)] = &[
    (101, "Shared Documents", ""),
    (104, "Announcements", "Left"),
    (106, "Calendar", "Left"),
    (103, "Links", "Right"),
    (107, "Tasks", ""),
    (108, "Team Discussion", ""),
];

/// What can be chosen (technet: stsadm createweb). Saved templates (`_GLOBAL_#n`) are not there.
pub(crate) static WEB_DEFINITIONS: &[WebDefinition] = &[
    (
        "STS#0",
        "Team Site",
        "Collaboration",
        "A site for teams to quickly organize, author, and share information.",
        TEAM,
    ),
    ("STS#1", "Blank Site", "Collaboration", "A blank site for you to customize based on your requirements.", &[]),
    ("STS#2", "Document Workspace", "Collaboration", "A site for colleagues to work together on a document.", TEAM),
    (
        "WIKI#0",
        "Wiki Site",
        "Collaboration",
        "A site for a community to brainstorm and share ideas.",
        &[(119, "Wiki Pages", "Left")],
    ),
    (
        "BLOG#0",
        "Blog",
        "Collaboration",
        "A site for a person or team to post ideas.",
        &[(301, "Posts", "Left"), (302, "Comments", ""), (303, "Categories", "Right")],
    ),
    (
        "MPS#0",
        "Basic Meeting Workspace",
        "Meetings",
        "A site to plan, organize, and capture the results of a meeting.",
        &[(107, "Tasks", "Left"), (106, "Agenda", "Right")],
    ),
];

/// A web to be made.
pub(crate) struct NewWeb {
    pub(crate) path: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) definition: String,
    pub(crate) author: u32,
    pub(crate) grants: Option<Grants>,
    pub(crate) on_quick_launch: bool,
}

/// Whether a name below a web is taken: by a web, or by a list or page of the parent.
pub(crate) fn is_taken(collection: &Collection, parent: &str, name: &str) -> bool {
    let path = format!("{parent}/{name}");
    collection.web(&path).is_some()
        || name.eq_ignore_ascii_case("Lists")
        || collection.web(parent).is_some_and(|web| {
            web.page(name).is_some() || web.lists.values().any(|list| list.root.eq_ignore_ascii_case(name))
        })
}

/// Makes a web with what its definition brings. An unknown definition makes a blank one; the page checks before.
pub(crate) fn make_web(new: NewWeb, ids: &mut Ids, now: Timestamp) -> Web {
    let lists = WEB_DEFINITIONS.iter().find(|definition| definition.0 == new.definition).map_or(&[][..], |d| d.4);
    let author = new.author;
    let mut web = Web {
        id: ids.guid(),
        path: new.path,
        title: new.title,
        description: new.description,
        definition: new.definition,
        author,
        created: now,
        modified: now,
        grants: new.grants,
        on_quick_launch: new.on_quick_launch,
        lists: BTreeMap::new(),
        pages: BTreeMap::new(),
    };
    let zones = ["Left", "Right"].map(ToOwned::to_owned).to_vec();
    let mut home = Page { path: "default.aspx".to_owned(), zones, parts: Vec::new() };
    for (template, title, zone) in lists {
        let Some(template) = list_template(*template) else { continue };
        let new = NewList { template, title, description: "", author };
        let list = make_list(&mut web, &new, ids, now).id;
        if !zone.is_empty() {
            let order = home.parts.iter().filter(|part| part.zone == *zone).count();
            home.parts.push(list_part(ids, title, list, zone, u32::try_from(order).unwrap_or(0)));
        }
    }
    web.pages.insert(home.path.clone(), home);
    web
}

fn list_part(ids: &mut Ids, title: &str, list: uuid::Uuid, zone: &str, order: u32) -> WebPart {
    WebPart {
        id: ids.guid(),
        title: title.to_owned(),
        zone: zone.to_owned(),
        order,
        type_name: "Microsoft.SharePoint.WebPartPages.ListViewWebPart".to_owned(),
        content: ids::braced(list),
        xml: format!(
            "<WebPart xmlns=\"http://schemas.microsoft.com/WebPart/v2\"><Title>{title}</Title>\
             <TypeName>Microsoft.SharePoint.WebPartPages.ListViewWebPart</TypeName>\
             <ListName xmlns=\"http://schemas.microsoft.com/WebPart/v2/ListView\">{}</ListName></WebPart>",
            ids::braced(list)
        ),
    }
}

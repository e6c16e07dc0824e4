//! The list templates of a 2007 team site (contract §3).

use domain::Timestamp;
use soap::Element;

use crate::sharepoint::{
    ids::{self, Ids},
    list::{List, Settings, View},
    names,
    state::Web,
};

use super::columns;

/// A list template.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ListTemplate {
    pub(crate) id: u32,
    /// The internal name, as `GetListTemplates` says it.
    pub(crate) name: &'static str,
    /// The name people see.
    pub(crate) title: &'static str,
    /// The name in SiteData's enumeration.
    pub(crate) site_data: &'static str,
    /// 0 list, 1 library, 4 survey, 5 issues.
    pub(crate) base_type: u32,
    /// The last group of its feature's id; the groups before are its own.
    pub(crate) feature: &'static str,
    pub(crate) image: &'static str,
    pub(crate) view: &'static str,
    /// The heading on the quick launch.
    pub(crate) heading: &'static str,
}

const fn template(id: u32, names: [&'static str; 4], base_type: u32, feature: &'static str) -> ListTemplate {
    let [name, title, site_data, view] = names;
    let (image, heading) = match base_type {
        1 => ("/_layouts/images/itdl.gif", "Documents"),
        4 => ("/_layouts/images/itsurvey.gif", "Surveys"),
        _ => ("/_layouts/images/itgen.gif", "Lists"),
    };
    let heading = match id {
        108 => "Discussions",
        109 => "Pictures",
        _ => heading,
    };
    ListTemplate { id, name, title, site_data, base_type, feature, image, view, heading }
}

/// The templates that `AddList` knows. Feature ids: contract §3; the last three from memory.
pub(crate) static LIST_TEMPLATES: &[ListTemplate] = &[
    template(100, ["custlist", "Custom List", "GenericList", "All Items"], 0, "de22-43b2-a848-c05709900100"),
    template(101, ["doclib", "Document Library", "DocumentLibrary", "All Documents"], 1, "e717-4e80-aa17-d0c71b360101"),
    template(102, ["survey", "Survey", "Survey", "All Responses"], 4, "eb8a-40b1-80c7-506be7590102"),
    template(103, ["links", "Links", "Links", "All Links"], 0, "2062-426c-90bf-714c59600103"),
    template(104, ["announce", "Announcements", "Announcements", "All items"], 0, "d1ce-42de-9c63-a44004ce0104"),
    template(105, ["contacts", "Contacts", "Contacts", "All contacts"], 0, "7e6d-4186-9ba8-c047ac750105"),
    template(106, ["events", "Calendar", "Events", "All Events"], 0, "ec85-4903-972d-ebe475780106"),
    template(107, ["tasks", "Tasks", "Tasks", "All Tasks"], 0, "a83e-497e-9ba0-7a5c597d0107"),
    template(108, ["discuss", "Discussion Board", "DiscussionBoard", "Subject"], 0, "6a49-43fa-b535-d15c05500108"),
    template(109, ["imglib", "Picture Library", "PictureLibrary", "All Pictures"], 1, "52d4-45b3-b544-b1c71b620109"),
    template(115, ["xmlform", "Form Library", "XMLForm", "All Documents"], 1, "1e1d-4562-b56a-f05371bb0115"),
    template(119, ["webpagelib", "Wiki Page Library", "WebPageLibrary", "All Pages"], 1, "c796-4402-9f2f-0eb9a6e71b18"),
    template(
        120,
        ["gridlist", "Custom List in Datasheet View", "CustomGrid", "All Items"],
        0,
        "3a1d-41d3-a0ee-651d11570120",
    ),
    template(
        130,
        ["datasources", "Data Connection Library", "DataConnectionLibrary", "All Documents"],
        1,
        "dbd7-4f72-b8cb-da7ac0440130",
    ),
    template(150, ["gantt", "Project Tasks", "GanttTasks", "Project Tasks"], 0, "513d-4ca0-96c2-6a47775c0119"),
    template(301, ["posts", "Posts", "Posts", "All Posts"], 0, "b5c5-4c3d-9b6e-000000000301"),
    template(302, ["comments", "Comments", "Comments", "All Comments"], 0, "b5c5-4c3d-9b6e-000000000302"),
    template(303, ["categories", "Categories", "Categories", "All Categories"], 0, "b5c5-4c3d-9b6e-000000000303"),
    template(1100, ["issue", "Issue Tracking", "IssueTracking", "All Issues"], 5, "5932-4f9c-ad71-1557e5751100"),
];

impl ListTemplate {
    /// The id of the feature it comes from.
    pub(crate) fn feature_id(&self) -> String {
        format!("00bfea71-{}", self.feature)
    }
}

/// The template of an id.
pub(crate) fn list_template(id: u32) -> Option<&'static ListTemplate> {
    LIST_TEMPLATES.iter().find(|template| template.id == id)
}

/// A list to be made in a web.
pub(crate) struct NewList<'a> {
    pub(crate) template: &'static ListTemplate,
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    pub(crate) author: u32,
}

/// Makes a list: libraries at `/{Title}`, others at `/Lists/{Title}`, with a number behind a taken address.
pub(crate) fn make_list<'w>(web: &'w mut Web, new: &NewList<'_>, ids: &mut Ids, now: Timestamp) -> &'w mut List {
    let library = new.template.base_type == 1;
    let wanted = match names::address_of_title(new.title) {
        empty if empty.is_empty() => new.template.name.to_owned(),
        name => name,
    };
    let taken =
        |root: &str| web.lists.values().any(|list| list.root.eq_ignore_ascii_case(root)) || web.page(root).is_some();
    let at = |name: &str| if library { name.to_owned() } else { format!("Lists/{name}") };
    let mut root = at(&wanted);
    let mut number = 0;
    while taken(&root) {
        number += 1;
        root = at(&format!("{wanted}{number}"));
    }
    let id = ids.guid();
    let order = web.lists.values().map(|list| list.order + 1).max().unwrap_or(0);
    let list = List {
        id,
        order,
        title: new.title.to_owned(),
        description: new.description.to_owned(),
        template: new.template.id,
        version: 0,
        author: new.author,
        created: now,
        modified: now,
        settings: Settings {
            attachments: !library && new.template.id != 102,
            moderation: false,
            versioning: false,
            minor_versions: false,
            require_checkout: false,
            hidden: false,
            // `AddList` leaves it to the template, and these templates all say yes.
            on_quick_launch: true,
            version_limit: 0,
            direction: "none".to_owned(),
        },
        grants: None,
        fields: columns::fields_of(new.template),
        views: views_of(new.template, &root, ids),
        root,
        items: std::collections::BTreeMap::new(),
        last_item: 0,
    };
    web.modified = now;
    web.lists.entry(id).or_insert(list)
}

/// The list of a collection's people (template 112), which nobody makes.
pub(crate) fn people_list(id: uuid::Uuid, now: Timestamp) -> List {
    let (fields, shown) = columns::fields_of_people();
    let view = View {
        id: ids::named(&format!("view of {id}")),
        title: "All People".to_owned(),
        path: "_catalogs/users/simple.aspx".to_owned(),
        kind: "HTML".to_owned(),
        is_default: true,
        fields: shown.iter().map(|name| (*name).to_owned()).collect(),
        query: Element::new("", "Query"),
        row_limit: 100,
        paged: true,
    };
    List {
        id,
        order: 0,
        title: "User Information List".to_owned(),
        description: "All people.".to_owned(),
        template: 112,
        root: "_catalogs/users".to_owned(),
        version: 0,
        author: 1,
        created: now,
        modified: now,
        settings: Settings {
            attachments: false,
            moderation: false,
            versioning: false,
            minor_versions: false,
            require_checkout: false,
            hidden: true,
            on_quick_launch: false,
            version_limit: 0,
            direction: "none".to_owned(),
        },
        grants: None,
        fields,
        views: vec![view],
        items: std::collections::BTreeMap::new(),
        last_item: 0,
    }
}

fn views_of(template: &ListTemplate, root: &str, ids: &mut Ids) -> Vec<View> {
    let folder = if template.base_type == 1 { format!("{root}/Forms") } else { root.to_owned() };
    let view = |ids: &mut Ids, title: &str, page: &str, kind: &str, is_default: bool| View {
        id: ids.guid(),
        title: title.to_owned(),
        path: format!("{folder}/{page}"),
        kind: kind.to_owned(),
        is_default,
        fields: columns::view_fields_of(template).iter().map(|name| (*name).to_owned()).collect(),
        query: Element::new("", "Query")
            .with(Element::new("", "OrderBy").with(Element::new("", "FieldRef").with_attribute("Name", "ID"))),
        row_limit: 100,
        paged: true,
    };
    if template.id == 106 {
        // A calendar opens as a calendar.
        let calendar = view(ids, "Calendar", "calendar.aspx", "CALENDAR", true);
        return vec![calendar, view(ids, template.view, "AllItems.aspx", "HTML", false)];
    }
    vec![view(ids, template.view, "AllItems.aspx", "HTML", true)]
}

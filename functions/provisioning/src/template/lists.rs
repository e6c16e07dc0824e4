//! Lists, their fields, views and rows.

use std::collections::BTreeMap;

use sharepoint::{FieldPlan, ListPlan, ListSettings, RowPlan, ViewPlan};
use soap::Element;

use super::{
    error::{Reason, TemplateError, line_of},
    fill::bare,
    shape::flag,
};

/// Libraries lie at the root of the web, all other lists below `Lists` (SharePoint 2007).
const LIBRARIES: &[u32] = &[101, 109, 115, 119];

/// SharePoint's limit for one segment of an address.
const TITLE_CHARACTERS: usize = 128;

/// Not in names that become part of an address (contract README, 5).
const NOT_IN_ADDRESSES: &[char] = &['~', '"', '#', '%', '&', '*', ':', '<', '>', '?', '/', '\\', '{', '|', '}'];

/// Things that have to differ from each other, and the line of each.
struct Unique {
    what: &'static str,
    lines: BTreeMap<String, u32>,
}

impl Unique {
    fn new(what: &'static str) -> Self {
        Self { what, lines: BTreeMap::new() }
    }

    /// SharePoint compares names without regard to case.
    fn add(&mut self, element: &Element, name: &str) -> Result<(), TemplateError> {
        match self.lines.insert(name.to_lowercase(), line_of(element)) {
            Some(first) => Err(TemplateError::at(element, Reason::Duplicate { what: self.what, first })),
            None => Ok(()),
        }
    }
}

/// The list elements of a filled template, each with its plan.
pub(super) fn plan(template: &Element) -> Result<Vec<(&Element, ListPlan)>, TemplateError> {
    let mut titles = Unique::new("the Title");
    let mut lists = Vec::new();
    for element in template.child("Lists").into_iter().flat_map(Element::children) {
        let plan = list(element)?;
        titles.add(element, &plan.title)?;
        lists.push((element, plan));
    }
    Ok(lists)
}

fn list(element: &Element) -> Result<ListPlan, TemplateError> {
    let text = |name: &'static str| element.attribute(name).unwrap_or_default();
    let template = text("TemplateType").parse();
    let template = template.map_err(|_| TemplateError::invalid(element, "TemplateType", "a whole number"))?;
    let is_library = LIBRARIES.contains(&template);
    let title = text("Title").to_owned();
    if !is_address_segment(&title) {
        let expected = "1 to 128 characters without ~ \" # % & * : < > ? / \\ { | }, without a blank or dot at \
                        either end, as SharePoint 2007 makes the address from it";
        return Err(TemplateError::invalid(element, "Title", expected));
    }
    let url = text("Url").to_owned();
    if url != if is_library { title.clone() } else { format!("Lists/{title}") } {
        let expected = if is_library {
            "the Title, because SharePoint 2007 makes the address of a library from it"
        } else {
            "Lists/ and the Title, because SharePoint 2007 makes the address of a list from it"
        };
        return Err(TemplateError::invalid(element, "Url", expected));
    }
    Ok(ListPlan {
        title,
        description: text("Description").to_owned(),
        template,
        url,
        settings: settings(element, is_library)?,
        fields: fields(element)?,
        views: views(element)?,
    })
}

/// What the template does not say stays as the host has it.
fn settings(element: &Element, is_library: bool) -> Result<ListSettings, TemplateError> {
    let set = |name: &'static str| element.attribute(name).and_then(flag);
    let settings = ListSettings {
        versioning: set("EnableVersioning"),
        on_quick_launch: set("OnQuickLaunch"),
        folders: set("EnableFolderCreation"),
        attachments: set("EnableAttachments"),
        version_limit: element.attribute("MaxVersionLimit").and_then(|limit| limit.parse().ok()),
    };
    if settings.version_limit.is_some() && settings.versioning != Some(true) {
        return Err(TemplateError::invalid(element, "MaxVersionLimit", "left out without EnableVersioning=\"true\""));
    }
    if is_library && settings.attachments == Some(true) {
        return Err(TemplateError::invalid(element, "EnableAttachments", "left out: a library has no attachments"));
    }
    Ok(settings)
}

fn fields(list: &Element) -> Result<Vec<FieldPlan>, TemplateError> {
    let (mut names, mut titles, mut ids) =
        (Unique::new("the Name"), Unique::new("the DisplayName"), Unique::new("the ID"));
    let mut fields = Vec::new();
    for element in list.child("Fields").into_iter().flat_map(Element::children) {
        let name = element.attribute("Name").unwrap_or_default().to_owned();
        if element.attribute("StaticName").is_some_and(|other| other != name) {
            return Err(TemplateError::invalid(element, "StaticName", "the Name"));
        }
        let title = element.attribute("DisplayName").unwrap_or_default();
        if title.trim().is_empty() {
            return Err(TemplateError::missing(element, "attribute DisplayName"));
        }
        let kind = element.attribute("Type").unwrap_or_default();
        match (kind, element.child("CHOICES")) {
            ("Choice", None) => return Err(TemplateError::missing(element, "element CHOICES")),
            ("Choice", Some(choices)) => check_choices(choices)?,
            (_, Some(choices)) => return Err(TemplateError::unsupported(choices, Some("only a Choice has choices"))),
            (_, None) => {}
        }
        if kind != "User" && element.attribute("List").is_some() {
            return Err(TemplateError::invalid(element, "List", "left out: only a User has it"));
        }
        names.add(element, &name)?;
        titles.add(element, title)?;
        if let Some(id) = element.attribute("ID") {
            ids.add(element, id)?;
        }
        fields.push(FieldPlan { name, caml: bare(element) });
    }
    Ok(fields)
}

fn check_choices(choices: &Element) -> Result<(), TemplateError> {
    let mut seen = Unique::new("the choice");
    for choice in choices.children() {
        let text = choice.text();
        if text.trim().is_empty() {
            return Err(TemplateError::missing(choice, "text"));
        }
        seen.add(choice, &text)?;
    }
    Ok(())
}

fn views(list: &Element) -> Result<Vec<ViewPlan>, TemplateError> {
    let mut names = Unique::new("the DisplayName");
    let mut views = Vec::new();
    for element in list.child("Views").into_iter().flat_map(Element::children) {
        let name = element.attribute("DisplayName").unwrap_or_default().to_owned();
        if name.trim().is_empty() {
            return Err(TemplateError::missing(element, "attribute DisplayName"));
        }
        names.add(element, &name)?;
        views.push(ViewPlan { name, caml: bare(element) });
    }
    Ok(views)
}

/// The rows of a list of a filled template.
pub(super) fn rows(list: &Element, plan: &ListPlan) -> Result<Vec<RowPlan>, TemplateError> {
    let Some(data) = list.child("DataRows") else { return Ok(Vec::new()) };
    if LIBRARIES.contains(&plan.template) {
        return Err(TemplateError::unsupported(data, Some("the rows of a library are its files; use a list")));
    }
    let key = data.attribute("KeyColumn").unwrap_or_default();
    let mut keys = Unique::new("the value of the KeyColumn");
    let mut rows = Vec::new();
    for element in data.children() {
        let mut values = BTreeMap::new();
        let mut names = Unique::new("the FieldName");
        for value in element.children() {
            let column = value.attribute("FieldName").unwrap_or_default();
            names.add(value, column)?;
            values.insert(column.to_owned(), value.text());
        }
        match values.get(key).map(|value| value.trim()) {
            None | Some("") => return Err(TemplateError::missing(element, format!("a value of the KeyColumn {key}"))),
            Some(value) => keys.add(element, value)?,
        }
        rows.push(RowPlan { key: key.to_owned(), values });
    }
    Ok(rows)
}

fn is_address_segment(title: &str) -> bool {
    let at_the_end = |c: char| c == '.' || c.is_whitespace();
    (1..=TITLE_CHARACTERS).contains(&title.chars().count())
        && !title.contains(|c: char| c.is_control() || NOT_IN_ADDRESSES.contains(&c))
        && !title.starts_with(at_the_end)
        && !title.ends_with(at_the_end)
        && !title.contains("..")
}

//! What there is, to be read: a table for snapshots, and facts for the control endpoint.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{
    list::List,
    state::{Collection, State, Web},
};

impl State {
    /// All webs with their members, lists and parts, as text.
    pub fn table(&self) -> String {
        let mut table = String::new();
        for collection in self.collections.values() {
            for web in collection.webs.values() {
                write_web(&mut table, collection, web);
            }
        }
        table
    }

    /// One web with its members, lists and parts, as text; empty if there is none.
    pub fn table_of(&self, path: &str) -> String {
        let mut table = String::new();
        if let Some((collection, web)) = self.collection(path).and_then(|found| found.web(path).map(|web| (found, web)))
        {
            write_web(&mut table, collection, web);
        }
        table
    }

    /// What there is, for `/control/state`.
    pub fn summary(&self) -> Value {
        let webs = self.collections.values().flat_map(|collection| {
            collection.webs.values().map(move |web| {
                json!({
                    "path": web.path,
                    "title": web.title,
                    "definition": web.definition,
                    "lists": web.lists().iter().map(|list| json!({"title": list.title, "items": list.items.len()}))
                        .collect::<Vec<_>>(),
                    "parts": web.pages.values().map(|page| page.parts.len()).sum::<usize>(),
                    "members": members(collection, web).into_iter()
                        .map(|(name, roles, people)| json!({"name": name, "roles": roles, "people": people}))
                        .collect::<Vec<_>>(),
                })
            })
        });
        json!({ "webs": webs.collect::<Vec<_>>() })
    }
}

/// Member, roles, and the people of a group. Permissions that are the parent's are left to the parent.
fn members(collection: &Collection, web: &Web) -> Vec<(String, String, Vec<String>)> {
    let grants = web.grants.iter().flatten();
    grants
        .map(|(member, grant)| {
            let people = collection.groups.get(member).into_iter().flat_map(|group| &group.members);
            let people = people.map(|person| collection.member_name(*person).to_owned()).collect();
            (collection.member_name(*member).to_owned(), grant.names(), people)
        })
        .collect()
}

/// Writing to a string cannot fail, so the results below are not looked at.
fn write_web(table: &mut String, collection: &Collection, web: &Web) {
    let _ = writeln!(table, "{}  {}  {}", web.path, web.definition, web.title);
    if web.grants.is_none() {
        let _ = writeln!(table, "  permissions of the parent");
    }
    for (name, roles, people) in members(collection, web) {
        let people = if people.is_empty() { String::new() } else { format!(": {}", people.join(", ")) };
        let _ = writeln!(table, "  {name} ({roles}){people}");
    }
    for list in web.lists() {
        write_list(table, collection, list);
    }
    for page in web.pages.values().filter(|page| !page.parts.is_empty()) {
        let _ = writeln!(table, "  page {}", page.path);
        for zone in &page.zones {
            let titles: Vec<_> = page.parts_in(zone).iter().map(|part| part.title.as_str()).collect();
            if !titles.is_empty() {
                let _ = writeln!(table, "    {zone}: {}", titles.join(", "));
            }
        }
    }
}

fn write_list(table: &mut String, collection: &Collection, list: &List) {
    let versions = if list.settings.versioning { ", versions" } else { "" };
    let _ = writeln!(table, "  list {} {}  {}{versions}", list.template, list.root, list.title);
    let added: Vec<_> = list
        .fields
        .iter()
        .filter(|field| field.0.attribute("SourceID").is_some_and(|source| source.starts_with('{')))
        .map(|field| format!("{} {}", field.kind(), field.name()))
        .collect();
    if !added.is_empty() {
        let _ = writeln!(table, "    columns: {}", added.join(", "));
    }
    let views: Vec<_> = list.views.iter().map(|view| view.title.as_str()).collect();
    let _ = writeln!(table, "    views: {}", views.join(", "));
    for (member, grant) in list.grants.iter().flatten() {
        let _ = writeln!(table, "    {} ({})", collection.member_name(*member), grant.names());
    }
    for item in list.items.values() {
        let title = item.value("Title").filter(|_| item.file.is_none()).map(ToOwned::to_owned);
        let _ = writeln!(table, "    {} {}", item.id, title.unwrap_or_else(|| item.path()));
    }
}

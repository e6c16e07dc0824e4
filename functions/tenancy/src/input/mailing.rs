//! How a tenant's mails are sent, as an operator says it (EX-05, EX-06, EX-12, EX-40).

use std::{collections::BTreeSet, num::NonZeroU32};

use tenants::{Batches, Holds, MailColumn, Mailing};

use super::Form;

/// A day: who looks for sends more seldom had better switch them off.
const MOST_MINUTES: u32 = 1_440;
/// More sends of one customer at once than anybody makes.
const MOST_AT_ONCE: u32 = 20;
/// Far above what any mail uses.
const MOST_COLUMNS: usize = 100;
/// The most characters of a column at the platform.
const LONGEST_TEXT: u32 = 4_000;
/// What the engine's own columns are called, in any case.
const OWN: [&str; 2] = ["subscriberkey", "emailaddress"];

/// Reads it; what is not said is as the default has it.
pub(super) fn read(form: &Form<'_>) -> Mailing {
    let default = Mailing::default();
    let text = |name| form.has(name).then(|| form.text(name)).flatten().map(str::to_owned);
    let (classification, location) = (text("classification"), text("location"));
    for name in ["classification", "location", "default_campaign"] {
        form.optional(name);
    }
    let mut batches = default.batches;
    if let Some(value) = form.optional("batches") {
        batches = if value == "off" { None } else { form.optional_form("batches").and_then(|it| read_batches(&it)) };
    }
    Mailing {
        poll_minutes: form.number("poll_minutes", 1..=MOST_MINUTES).unwrap_or(default.poll_minutes),
        classification: classification.unwrap_or(default.classification),
        location: location.unwrap_or(default.location),
        list: form.number("list", 1..=u32::MAX).map(|list| u64::from(list.get())),
        default_campaign: form.has("default_campaign").then(|| form.parsed("default_campaign")).flatten(),
        imports_at_once: form.number("imports_at_once", 1..=MOST_AT_ONCE).unwrap_or(default.imports_at_once),
        releases_at_once: form.number("releases_at_once", 1..=MOST_AT_ONCE).unwrap_or(default.releases_at_once),
        batches,
        columns: if form.has("columns") {
            read_columns(form)
        } else {
            form.optional("columns");
            default.columns
        },
    }
}

fn read_batches(form: &Form<'_>) -> Option<Batches> {
    let (above, size) = (form.number("above", 1..=10_000_000), form.number("size", 1..=Batches::LARGEST));
    for (name, read) in [("above", above), ("size", size)] {
        if read.is_none() && !form.has(name) {
            form.wrong(name, "is missing");
        }
    }
    Some(Batches { above: above?.get(), size: size? })
}

fn read_columns(form: &Form<'_>) -> Vec<MailColumn> {
    let Some(columns) = form.required("columns").and_then(|value| value.as_array()) else {
        form.wrong("columns", "is not a list of columns");
        return Vec::new();
    };
    if columns.len() > MOST_COLUMNS {
        form.wrong("columns", format!("has more than {MOST_COLUMNS} columns"));
        return Vec::new();
    }
    let mut names = BTreeSet::new();
    let read = |(number, value): (usize, &_)| {
        let path = form.field(&format!("columns[{number}]"));
        let column = read_column(&form.inbox.form_at(&path, value)?)?;
        let name = column.name.to_lowercase();
        if OWN.contains(&name.as_str()) || !names.insert(name) {
            form.inbox.wrong(format!("{path}.name"), "is there twice, or one of the engine's own");
        }
        Some(column)
    };
    columns.iter().enumerate().filter_map(read).collect()
}

fn read_column(form: &Form<'_>) -> Option<MailColumn> {
    let name = form.text("name").map(str::to_owned);
    let length = form.number("length", 1..=LONGEST_TEXT);
    let holds = form.text("holds").and_then(|holds| match holds {
        "text" => Some(Holds::Text(length.map_or(100, NonZeroU32::get))),
        "number" => Some(Holds::Number),
        "boolean" => Some(Holds::Boolean),
        _ => {
            form.wrong("holds", "is neither text nor number nor boolean");
            None
        }
    });
    let text = |name| {
        let read = form.has(name).then(|| form.text(name)).flatten().map(str::to_owned);
        form.optional(name);
        read
    };
    let (contact, lead, account, default) = (text("contact"), text("lead"), text("account"), text("default"));
    for (name, attribute) in [("contact", &contact), ("lead", &lead), ("account", &account)] {
        let is_name =
            |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        let is_owners = |name: &str| matches!(name, "owner.name" | "owner.email");
        if attribute.as_deref().is_some_and(|it| !is_name(it) && !is_owners(it)) {
            form.wrong(name, "is neither the name of a CRM attribute nor owner.name nor owner.email");
        }
    }
    Some(MailColumn { name: name?, holds: holds?, contact, lead, account, default })
}

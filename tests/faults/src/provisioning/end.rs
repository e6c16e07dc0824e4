//! What there is in the end, and when it is the same.

use std::collections::{BTreeMap, BTreeSet};

use domain::CrmId;
use sandbox::crm::{Record, Value};

use crate::{Held, System};

/// What there is in the end: in SharePoint, on the CRM record, and on the request records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Every web, as a table.
    pub sharepoint: String,
    /// The account's flag, address and lists; each list by its own title if its id is the right one.
    pub record: String,
    /// State, address and reason of each request record.
    pub requests: Vec<String>,
    /// The notes on the account, in order of their subjects.
    pub notes: Vec<String>,
}

impl End {
    /// What there is now of a tenant's account.
    pub fn of(system: &System, tenant: &str, account: CrmId) -> Self {
        let world = system.instance.sandbox.world();
        let organisation = world.crm.organisation(tenant).expect("a seeded organization");
        let record = organisation.record("account", account).expect("the account");
        let text = |record: &Record, name| record.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
        let ids: BTreeMap<String, String> = serde_json::from_str(&text(record, "tl_sitelists")).unwrap_or_default();
        let lists = ids.iter().map(|(title, id)| {
            let lists = world.sharepoint.webs().flat_map(|web| web.lists());
            let found = lists.filter(|list| format!("{{{}}}", list.id).eq_ignore_ascii_case(id));
            format!("{title}: {}", found.filter(|list| list.title == *title).count())
        });
        let lists: Vec<_> = lists.collect();
        let enabled = record.get("tl_siteenabled").and_then(Value::as_flag);
        let requests = organisation.records("tl_siterequest").map(|(_, request)| {
            let status = request.get("tl_status").and_then(Value::as_number).unwrap_or_default();
            format!("{status} {} {}", text(request, "tl_siteurl"), text(request, "tl_reason"))
        });
        let notes = organisation.records("annotation").filter_map(|(_, note)| {
            let about = note.get("objectid").and_then(Value::as_id);
            (about == Some(account)).then(|| format!("{}: {}", text(note, "subject"), text(note, "notetext")))
        });
        let mut notes: Vec<_> = notes.collect();
        notes.sort();
        Self {
            sharepoint: world.sharepoint.table(),
            record: format!("{enabled:?} {} {lists:?}", text(record, "tl_siteurl")),
            requests: requests.collect(),
            notes,
        }
    }

    /// Whether this is the end of an uninterrupted run in which so many people pressed.
    pub(super) fn is_that_of(&self, golden: &Self, presses: usize, held: Held) -> bool {
        let told = self.notes.iter().filter(|note| !note.starts_with("No SharePoint site: "));
        // A last word of one who stood still sets a request back to accepted.
        let answered = |request: &String| {
            golden.requests.contains(request) || (held == Held::ButForOneCall && request.starts_with("2 "))
        };
        self.record == golden.record
            && self.requests.len() == presses
            && self.requests.iter().all(answered)
            && told.eq(golden.notes.iter())
            && is_same(&self.sharepoint, &golden.sharepoint, held)
    }
}

/// Whether two tables show the same.
pub(super) fn is_same(table: &str, golden: &str, held: Held) -> bool {
    match held {
        Held::Strictly => table == golden,
        Held::ButForOneCall => names(table) == names(golden),
    }
}

/// Every name in a table, each once: a view, a row or a web part that is there a second time does not count, and neither
/// do the numbers that rows were given.
fn names(table: &str) -> BTreeSet<String> {
    let lines = table.lines().flat_map(|line| {
        let (head, rest) = line.split_once(": ").unwrap_or(("", line));
        let rest = rest.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
        rest.split(", ").map(|name| format!("{head}|{}", name.trim_start())).collect::<Vec<_>>()
    });
    lines.collect()
}

/// A table without the people of its groups.
pub(super) fn without_people(table: &str) -> String {
    let line = |line: &str| match line.split_once("): ") {
        Some((group, _)) if group.starts_with("  ") => format!("{group})\n"),
        _ => format!("{line}\n"),
    };
    table.lines().map(line).collect()
}

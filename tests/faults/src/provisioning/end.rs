//! What there is in the end, and when it is the same.

use std::collections::BTreeMap;

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
        let mut others = self.requests.iter().filter(|request| !golden.requests.contains(request));
        // A last word of one who stood still sets a request back to accepted.
        let set_back = others.clone().count();
        let (Some(again), true) = (repeats(&self.sharepoint, &golden.sharepoint, held), set_back <= held.late) else {
            return false;
        };
        self.record == golden.record
            && self.requests.len() == presses
            && others.all(|request| request.starts_with("2 "))
            && told.eq(golden.notes.iter())
            && again + set_back <= held.calls()
    }
}

/// Whether two tables show the same.
pub(super) fn is_same(table: &str, golden: &str, held: Held) -> bool {
    repeats(table, golden, held).is_some_and(|calls| calls <= held.calls())
}

/// How many calls, done a second time, make one table of the other; `None` if none do.
fn repeats(table: &str, golden: &str, held: Held) -> Option<usize> {
    if table == golden {
        return Some(0);
    }
    if held == Held::default() {
        return None;
    }
    let (found, expected) = (names(table), names(golden));
    if !expected.keys().all(|name| found.contains_key(name)) {
        return None;
    }
    let mut calls: BTreeMap<&Place, usize> = BTreeMap::new();
    for ((place, name), count) in &found {
        let once = *expected.get(&(place.clone(), name.clone()))?;
        let more = count.checked_sub(once)?;
        if more > 0 && !place.may_repeat() {
            return None;
        }
        let of_place = calls.entry(place).or_default();
        *of_place = more.div_ceil(once).max(*of_place);
    }
    Some(calls.values().sum())
}

/// Where in a table a name is: what one call adds is in one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// The line of the list or page, or the name's own.
    within: String,
    /// What it is of that: its views, its rows, a zone.
    part: String,
}

impl Place {
    /// Views, rows and web parts are added by calls that add another one each time.
    fn may_repeat(&self) -> bool {
        let is_of_list = self.within.starts_with("  list ") && matches!(&*self.part, "views" | "rows");
        is_of_list || (self.within.starts_with("  page ") && !self.part.is_empty())
    }
}

/// Every name in a table, and how often it is there. The numbers that rows were given do not count.
fn names(table: &str) -> BTreeMap<(Place, String), usize> {
    let (mut names, mut within) = (BTreeMap::new(), "");
    for line in table.lines() {
        let is_part = line.starts_with("    ");
        let text = line.trim_start();
        let (part, listed) = match text.split_once(": ") {
            _ if is_part && text.starts_with(|c: char| c.is_ascii_digit()) => {
                ("rows", vec![text.trim_start_matches(|c: char| c.is_ascii_digit())])
            }
            Some((part, listed)) => (part, listed.split(", ").collect()),
            None => ("", vec![text]),
        };
        if !is_part {
            within = line.split_once(": ").map_or(line, |(head, _)| head);
        }
        for name in listed {
            let place = Place { within: within.to_owned(), part: part.to_owned() };
            *names.entry((place, name.to_owned())).or_default() += 1;
        }
    }
    names
}

/// A table without the people of its groups.
pub(super) fn without_people(table: &str) -> String {
    let line = |line: &str| match line.split_once("): ") {
        Some((group, _)) if group.starts_with("  ") => format!("{group})\n"),
        _ => format!("{line}\n"),
    };
    table.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "/sites/a  STS#1  A\n  Members (Read): Anna\n  list 100 Lists/Info  Info\n    columns: Note Fact\n    \
                         views: All, Key\n    1 Name\n    2 Owner\n  page a.aspx\n    Left: Contacts, Events\n";

    fn is_that_table(change: (&str, &str), calls: usize) -> bool {
        let changed = TABLE.replace(change.0, change.1);
        assert_ne!(changed, TABLE);
        is_same(&changed, TABLE, Held { twice: calls, late: 0 })
    }

    /// One call adds to one place, once, and only what the uninterrupted run has there.
    #[test]
    fn only_what_so_many_calls_add_a_second_time_is_let_pass() {
        for again in [
            ("All, Key", "All, Key, Key"),
            ("Owner\n", "Owner\n    3 Name\n    4 Owner\n"),
            ("Left: ", "Left: Events, "),
        ] {
            assert!(is_that_table(again, 1), "{again:?}");
            assert!(!is_that_table(again, 0), "{again:?}");
        }
        let in_two_places = ("Key\n    1 Name", "Key, Key\n    1 Name\n    3 Name");
        for calls_twice in [in_two_places, ("All, Key", "All, Key, Key, Key")] {
            assert!(is_that_table(calls_twice, 2) && !is_that_table(calls_twice, 1), "{calls_twice:?}");
        }
        for other in [
            ("Key", "Kea"),
            (", Key", ""),
            ("Note Fact", "Note Fact, Note Fact"),
            ("Anna", "Anna, Bo"),
            ("    2 Owner\n", ""),
        ] {
            assert!(!is_that_table(other, 5), "{other:?}");
        }
    }
}

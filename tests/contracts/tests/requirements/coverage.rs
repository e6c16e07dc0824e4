//! Which sentences are held, which are not, and why.
//!
//! A sentence is *tested* if a test beside this file names it in its documentation. Others stand in `sentences/*.txt`,
//! under the reason for which they are *held by a schema* (that every answer is judged by, in `tests/strangers`), *not
//! applicable*, or *open*. What is said of other products only is left out by the documents' own table.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use contracts::folder;

/// A protocol: its sections about operations in use, those about what they have in common, and words that mark the
/// sentences of its appendix (section 7) about them.
struct Protocol {
    name: &'static str,
    sections: &'static [&'static str],
    words: &'static [&'static str],
}

const PROTOCOLS: &[Protocol] = &[
    Protocol {
        name: "MS-LISTSWS",
        // AddList, CheckInFile, CheckOutFile, DeleteList, GetList, GetListCollection, GetListItems, UpdateList and
        // UpdateListItems, then the transport and the types that they speak of.
        sections: &[
            "3.1.4.3", "3.1.4.7", "3.1.4.8", "3.1.4.13", "3.1.4.15", "3.1.4.17", "3.1.4.24", "3.1.4.30", "3.1.4.31",
            "2.1", "2.2.4.4", "2.2.4.5", "2.2.4.7", "2.2.4.11", "2.2.4.12", "2.2.4.14", "2.2.4.15", "2.2.5.4",
            "2.2.5.6",
        ],
        words: &[
            "[In AddList ",
            "[CheckInFile]",
            "[CheckOutFile]",
            "[In CheckInFile ",
            "[In CheckOutFile ",
            "[In DeleteList ",
            "[In GetList ",
            "[In GetListItems ",
            "[In UpdateList ",
            "[In UpdateListItems",
            "[UpdateListItems",
            "[UpdateList]",
            "ListDefinitionCT.",
            "ListDefinitionSchema.",
            "FieldRef element of viewFields",
            "Section 3.1.4.13:",
            "Section 3.1.4.15:",
            "Section 3.1.4.24:",
            "Section 3.1.4.30:",
            "Section 3.1.4.31:",
        ],
    },
    Protocol {
        name: "MS-VIEWSS",
        // AddView, DeleteView, GetView, GetViewCollection.
        sections: &["3.1.4.1", "3.1.4.2", "3.1.4.3", "3.1.4.4", "2.1", "2.2.2", "2.2.3", "2.2.4", "2.2.8"],
        words: &["SOAP", "View element"],
    },
    Protocol {
        name: "MS-WEBSS",
        // GetAllSubWebCollection, GetListTemplates, GetWeb, GetWebCollection, WebUrlFromPageUrl.
        sections: &["3.1.4.5", "3.1.4.10", "3.1.4.12", "3.1.4.13", "3.1.4.21", "2.1", "2.2.4.2"],
        words: &["[GetWeb]", "[SiteId]", "[IsSPO]", "[In Transport]"],
    },
    Protocol {
        name: "MS-SITESS",
        // GetSiteTemplates, GetUpdatedFormDigest.
        sections: &["3.1.4.5", "3.1.4.6", "2.1", "2.2.4"],
        words: &["Section 3.1.4.5", "Section 3.1.4.6", "[<11>", "[In GetSiteTemplates"],
    },
    Protocol {
        name: "MS-COPYS",
        // GetItem, CopyIntoItems.
        sections: &["3.1.4.1", "3.1.4.2", "2"],
        words: &[""],
    },
    Protocol { name: "MS-AUTHWS", sections: &["3.1.4.1", "3.1.4.2", "2.1"], words: &[""] },
];

/// What is known of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Tested,
    Schema,
    NotApplicable,
    Open,
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/requirements")
}

/// `MS-LISTSWS R1`: some tables carry sentences of MS-WSSCAML under ids of their own.
fn full(protocol: &str, id: &str) -> String {
    match id.split_once('_') {
        Some((other, id)) => format!("{other} {id}"),
        None => format!("{protocol} {id}"),
    }
}

/// The rows of a table, cell by cell.
fn table(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().skip(1).map(|line| line.split('\t').map(ToOwned::to_owned).collect()).collect()
}

/// All sentences of the tables, and whether they must have a standing.
fn sentences(tables: &Path) -> BTreeMap<String, bool> {
    let says = |row: &[String], word: &str| [&row[2], &row[3]].iter().any(|cell| cell.eq_ignore_ascii_case(word));
    let other_products: BTreeSet<_> = table(&tables.join("product-behavior.tsv"))
        .iter()
        .filter(|row| says(row, "false") && !says(row, "true"))
        .map(|row| full(&row[0], &row[1]))
        .collect();
    let mut all = BTreeMap::new();
    for protocol in PROTOCOLS {
        for row in table(&tables.join(format!("{}.tsv", protocol.name))) {
            let [id, section, normative, scope, text] = &row[..] else { panic!("five columns in {row:?}") };
            let within = |start: &&str| section == start || section.starts_with(&format!("{start}."));
            let in_use = protocol.sections.iter().any(within)
                || (section == "7" && protocol.words.iter().any(|word| text.contains(word)));
            let id = full(protocol.name, id);
            let must = normative == "Norm" && scope != "Client" && in_use && !other_products.contains(&id);
            all.insert(id, must);
        }
    }
    all
}

/// The ids in a text: `MS-LISTSWS R1, R2; MS-VIEWSS R3`.
fn ids(text: &str) -> Vec<String> {
    let mut protocol = "";
    let mut found = Vec::new();
    for word in text.split_whitespace() {
        let word = word.trim_end_matches([',', ';', '.', ':']);
        if word.starts_with("MS-") {
            protocol = word;
        } else if let Some(number) = word.strip_prefix('R').filter(|rest| !rest.is_empty())
            && number.chars().all(|c| c.is_ascii_digit())
            && !protocol.is_empty()
        {
            found.push(format!("{protocol} {word}"));
        }
    }
    found
}

/// What the tests' documentation names.
fn tested() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for entry in fs::read_dir(here()).expect("this folder") {
        let path = entry.expect("an entry").path();
        let own = path.file_name().is_some_and(|name| name == "coverage.rs" || name == "main.rs");
        if own || path.extension().is_none_or(|kind| kind != "rs") {
            continue;
        }
        let source = fs::read_to_string(&path).expect("text");
        let mut documentation = String::new();
        for line in source.lines().map(str::trim) {
            if let Some(text) = line.strip_prefix("///") {
                documentation = format!("{documentation}{text} ");
                continue;
            }
            // Only a test holds a sentence.
            if line == "#[test]" {
                all.extend(ids(&documentation));
            }
            documentation.clear();
        }
    }
    all
}

/// The lists beside this file: standing and ids, a reason on every group.
fn listed() -> BTreeMap<String, Standing> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(here().join("sentences")).expect("the lists") {
        let path = entry.expect("an entry").path();
        let protocol = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        let mut standing = None;
        for line in fs::read_to_string(&path).expect("text").lines().filter(|line| !line.is_empty()) {
            let heads = [
                ("schema: ", Standing::Schema),
                ("not applicable: ", Standing::NotApplicable),
                ("open: ", Standing::Open),
            ];
            if let Some((_, of)) = heads.iter().find(|(head, _)| line.starts_with(head)) {
                standing = Some(*of);
                continue;
            }
            let standing = standing.expect("a reason comes first");
            let found = ids(&format!("{protocol} {line}"));
            assert_eq!(found.len(), line.split(',').filter(|part| !part.trim().is_empty()).count(), "{line}");
            for id in found {
                assert_eq!(all.insert(id.clone(), standing), None, "{id} is listed twice");
            }
        }
    }
    all
}

#[test]
fn every_sentence_about_what_is_in_use_has_its_standing() {
    let Some(tables) = folder("sharepoint/requirements") else { return };
    let (all, tested, listed) = (sentences(&tables), tested(), listed());
    let both: Vec<_> = listed.keys().filter(|id| tested.contains(*id)).collect();
    assert!(both.is_empty(), "tested and listed: {both:?}");
    let must: BTreeSet<_> = all.iter().filter(|(_, must)| **must).map(|(id, _)| id).collect();
    let new: Vec<_> = must.iter().filter(|id| !tested.contains(**id) && !listed.contains_key(**id)).collect();
    assert!(new.is_empty(), "without a standing: {new:?}");
    let unknown: Vec<_> = tested.iter().filter(|id| !all.contains_key(*id)).collect();
    assert!(unknown.is_empty(), "in no table: {unknown:?}");
    let beside: Vec<_> = listed.keys().filter(|id| !must.contains(id)).collect();
    assert!(beside.is_empty(), "listed, and of no operation in use: {beside:?}");
    let mut counts: BTreeMap<(&str, Standing), usize> = BTreeMap::new();
    for id in must {
        let protocol = id.split(' ').next().expect("a protocol");
        let standing = listed.get(id).copied().unwrap_or(Standing::Tested);
        *counts.entry((protocol, standing)).or_default() += 1;
        *counts.entry(("all", standing)).or_default() += 1;
    }
    for ((protocol, standing), count) in counts {
        eprintln!("{protocol:>10} {standing:?}: {count}");
    }
}

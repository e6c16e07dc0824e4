//! Where two answers differ in shape: names, attributes, order and kinds of values, never content.

use std::collections::{BTreeMap, BTreeSet};

use soap::{Element, Limits};

use crate::kind_of;

/// Which elements are told apart by an attribute: `("Field", "Name")`. All others of one name are seen as one.
pub type Keys<'k> = &'k [(&'k str, &'k str)];

/// Every difference of our answer from theirs, one line each, beginning with the place: what ours lacks, what it has
/// more, what stands in another order, what is of another kind.
///
/// An element that repeats is held against all of theirs of that name together; with a key only against the one with
/// its key, and one that only ours has is no difference: that is content. So is which columns a row has (attributes
/// `ows_…`), but not which of theirs it lacks.
pub fn differences(theirs: &Element, ours: &Element, keys: Keys<'_>) -> Vec<String> {
    let mut found = Vec::new();
    if theirs.name() != ours.name() {
        return vec![format!("{}: is {:?}, theirs {:?}", theirs.local(), ours.name(), theirs.name())];
    }
    compare(theirs.local(), &[theirs], &[ours], keys, &mut found);
    found
}

fn compare(path: &str, theirs: &[&Element], ours: &[&Element], keys: Keys<'_>, found: &mut Vec<String>) {
    kinds(theirs, ours, path, found);
    attributes(theirs, ours, path, found);
    if !texts(path, theirs, ours, keys, found) {
        return;
    }
    let (their_names, our_names) = (names(theirs), names(ours));
    let missing = their_names.iter().filter(|name| !our_names.contains(name));
    found.extend(missing.map(|name| format!("{path}: lacks <{}>", shown(name, &our_names))));
    let more = our_names.iter().filter(|name| !their_names.contains(name));
    found.extend(more.map(|name| format!("{path}: has more <{}>", shown(name, &their_names))));
    order(path, theirs, ours, found);
    for name in their_names.iter().filter(|name| our_names.contains(name)) {
        let of = |elements: &[&Element]| -> Vec<Element> {
            elements.iter().flat_map(|element| element.all((&*name.ns, &*name.local))).cloned().collect()
        };
        let (theirs, ours) = (of(theirs), of(ours));
        match keys.iter().find(|(element, _)| *element == &*name.local) {
            None => {
                let path = format!("{path}/{}", name.local);
                compare(&path, &theirs.iter().collect::<Vec<_>>(), &ours.iter().collect::<Vec<_>>(), keys, found);
            }
            Some((_, key)) => {
                for one in &theirs {
                    let value = one.attribute(*key);
                    let path = format!("{path}/{}[{key}={}]", name.local, value.unwrap_or("?"));
                    match ours.iter().find(|other| other.attribute(*key) == value) {
                        Some(other) => compare(&path, &[one], &[other], keys, found),
                        None => found.push(format!("{path}: is not there")),
                    }
                }
            }
        }
    }
}

/// A name, with its namespace where the other side has the local part in another one.
fn shown(name: &soap::Name, others: &[soap::Name]) -> String {
    if others.iter().any(|other| other.local == name.local) { format!("{name:?}") } else { name.local.to_string() }
}

fn kinds(theirs: &[&Element], ours: &[&Element], path: &str, found: &mut Vec<String>) {
    let kinds = |elements: &[&Element]| -> BTreeSet<String> {
        elements.iter().filter_map(|element| element.kind()).map(|kind| format!("{kind:?}")).collect()
    };
    let (theirs, ours) = (kinds(theirs), kinds(ours));
    if theirs != ours {
        found.push(format!("{path}: xsi:type is {}, theirs {}", listed(&ours), listed(&theirs)));
    }
}

fn attributes(theirs: &[&Element], ours: &[&Element], path: &str, found: &mut Vec<String>) {
    let values = |elements: &[&Element]| {
        let mut values: BTreeMap<soap::Name, BTreeSet<String>> = BTreeMap::new();
        for (name, value) in elements.iter().flat_map(|element| element.attributes()) {
            values.entry(name.clone()).or_default().insert(kind_of(value));
        }
        values
    };
    let (theirs, ours) = (values(theirs), values(ours));
    for (name, kinds) in &theirs {
        match ours.get(name) {
            None => found.push(format!("{path}: lacks @{}", name.local)),
            Some(others) => unlike(&format!("{path}/@{}", name.local), kinds, others, found),
        }
    }
    let more = ours.keys().filter(|name| !theirs.contains_key(name) && !name.local.starts_with("ows_"));
    found.extend(more.map(|name| format!("{path}: has more @{}", name.local)));
}

/// Compares texts; `false` if they were XML in themselves, which is compared then.
fn texts(path: &str, theirs: &[&Element], ours: &[&Element], keys: Keys<'_>, found: &mut Vec<String>) -> bool {
    let texts = |elements: &[&Element]| -> Vec<String> {
        let leaves = elements.iter().filter(|element| element.children().next().is_none());
        leaves.map(|element| element.text()).collect()
    };
    let (theirs, ours) = (texts(theirs), texts(ours));
    let inner = |texts: &[String]| match texts {
        [only] if only.trim_start().starts_with('<') => soap::parse(only.as_bytes(), Limits::default()).ok(),
        _ => None,
    };
    if let (Some(theirs), Some(ours)) = (inner(&theirs), inner(&ours)) {
        let inside = differences(&theirs, &ours, keys);
        found.extend(inside.into_iter().map(|line| format!("{path}/text:{line}")));
        return false;
    }
    if !theirs.is_empty() && !ours.is_empty() {
        let kinds = |texts: &[String]| texts.iter().map(|text| kind_of(text)).collect::<BTreeSet<_>>();
        unlike(path, &kinds(&theirs), &kinds(&ours), found);
    }
    true
}

/// A value of ours of a kind that theirs never has. Nothing where they have something, or the other way round, is
/// content.
fn unlike(path: &str, theirs: &BTreeSet<String>, ours: &BTreeSet<String>, found: &mut Vec<String>) {
    let known = |kinds: &BTreeSet<String>| kinds.iter().filter(|kind| *kind != "empty").cloned().collect();
    let (theirs, ours): (BTreeSet<String>, BTreeSet<String>) = (known(theirs), known(ours));
    if !theirs.is_empty() && !ours.is_subset(&theirs) {
        found.push(format!("{path}: is {}, theirs {}", listed(&ours), listed(&theirs)));
    }
}

/// The names of all children, in the order of their first appearance.
fn names(elements: &[&Element]) -> Vec<soap::Name> {
    let mut names: Vec<soap::Name> = Vec::new();
    for child in elements.iter().flat_map(|element| element.children()) {
        if !names.contains(child.name()) {
            names.push(child.name().clone());
        }
    }
    names
}

/// Whether what both have stands in one order. A pair that theirs has in both orders has none.
fn order(path: &str, theirs: &[&Element], ours: &[&Element], found: &mut Vec<String>) {
    let pairs = |elements: &[&Element]| {
        let mut pairs = BTreeSet::new();
        for element in elements {
            let names: Vec<_> = element.children().map(|child| child.local().to_owned()).collect();
            for (at, first) in names.iter().enumerate() {
                let after = names[at + 1..].iter().filter(|second| *second != first);
                pairs.extend(after.map(|second| (first.clone(), second.clone())));
            }
        }
        pairs
    };
    let (theirs, ours) = (pairs(theirs), pairs(ours));
    for (first, second) in &ours {
        let turned = (second.clone(), first.clone());
        if theirs.contains(&turned) && !theirs.contains(&(first.clone(), second.clone())) {
            found.push(format!("{path}: has <{first}> before <{second}>"));
        }
    }
}

fn listed(words: &BTreeSet<String>) -> String {
    if words.is_empty() { "none".to_owned() } else { words.iter().cloned().collect::<Vec<_>>().join(" or ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(theirs: &str, ours: &str) -> Vec<String> {
        let read = |xml: &str| soap::parse(xml.as_bytes(), Limits::default()).expect("a fixture is XML");
        differences(&read(theirs), &read(ours), &[("f", "n")])
    }

    /// Invented, like all below.
    #[test]
    fn content_is_no_difference() {
        assert_eq!(found("<r><i a='1'>x</i></r>", "<r><i a='22'>y z</i><i a='3'/></r>"), [""; 0]);
        assert_eq!(found("<r><f n='a'/></r>", "<r><f n='b' more='1'/><f n='a'/></r>"), [""; 0]);
        assert_eq!(found("<r><i/><k/><i/></r>", "<r><k/><i/></r>"), [""; 0]);
        assert_eq!(found("<r ows_A='1'/>", "<r ows_A='2' ows_B='1'/>"), [""; 0]);
    }

    #[test]
    fn every_difference_of_shape_is_told_with_its_place() {
        for (theirs, ours, expected) in [
            ("<r><i/></r>", "<r/>", "r: lacks <i>"),
            ("<r/>", "<r><i/></r>", "r: has more <i>"),
            ("<r><i xmlns='a'/></r>", "<r><i xmlns='a' x='1'/></r>", "r/i: has more @x"),
            ("<r><i x='1'/></r>", "<r><i/></r>", "r/i: lacks @x"),
            ("<r ows_A='1'/>", "<r ows_B='1'/>", "r: lacks @ows_A"),
            ("<r><i x='1'/></r>", "<r><i x='one'/></r>", "r/i/@x: is text, theirs int"),
            ("<r><i>True</i></r>", "<r><i>true</i></r>", "r/i: is true, theirs True"),
            ("<r><a/><b/></r>", "<r><b/><a/></r>", "r: has <b> before <a>"),
            ("<r><f n='a'/></r>", "<r><f n='b'/></r>", "r/f[n=a]: is not there"),
            ("<r><f n='a' x='1'/></r>", "<r><f n='a'/></r>", "r/f[n=a]: lacks @x"),
            ("<r>&lt;i&gt;1&lt;/i&gt;</r>", "<r>&lt;i&gt;x&lt;/i&gt;</r>", "r/text:i: is text, theirs int"),
            ("<r/>", "<q/>", "r: is {}q, theirs {}r"),
        ] {
            assert_eq!(found(theirs, ours), [expected], "{theirs} {ours}");
        }
        let other = found("<r><i xmlns='a'/></r>", "<r><i xmlns='b'/></r>");
        assert_eq!(other, ["r: lacks <{a}i>", "r: has more <{b}i>"]);
    }
}
